import type { Tensors } from '../../shared/tensor';
import { allMoments, momentName, momentsOf, optimizerSettings, optimizerStepName, type Moment, type OptimizerSettings } from '../updateRule';
import type { OptimizerSpec } from '../../spec/schema';
import { degreesBetween, largestShare, type ClippingNotes } from '../clipping';
import type { UpdateRule } from '../engine';
import { GradientBlocks } from './gradientBlocks';
import { Arena, type EngineMemory } from './memory';
import type { Operations, UpdateKernel } from './operations';
import type { ParameterStore, Region } from './parameterStore';
import { instructionBytes, word, type Program } from './program';

const momentRegions: readonly Region[] = ['moment0', 'moment1'];

/** The two programs that an update is made of. */
interface Programs {
  readonly squares: Program;
  readonly update: Program;
}

/** Clips gradients and updates all parameters; keeps the moments. */
export class Optimizer {
  readonly #operations: Operations;
  readonly #memory: EngineMemory;
  readonly #store: ParameterStore;
  readonly #blocks: GradientBlocks;
  /** What follows the model: table, programs, and moments as soon as there are any. */
  readonly #arena: Arena;
  /** Room for two instructions. */
  readonly #room: number;
  #programs: Programs | undefined;
  /** What the programs were written for. */
  #spec: OptimizerSpec | undefined;
  #settings: OptimizerSettings | undefined;
  /** Whose moments the regions hold. */
  #moments: readonly Moment[] = [];
  #updates = 0;

  /** Takes room from address `start` on. */
  constructor(operations: Operations, store: ParameterStore, start: number) {
    const arena = (this.#arena = new Arena(start));
    this.#operations = operations;
    this.#memory = operations.memory;
    this.#store = store;
    this.#blocks = new GradientBlocks(this.#memory, store, arena);
    this.#room = arena.take(2 * instructionBytes);
  }

  /** The first address behind the optimizer's own, which moves when `prepare` or `restore` need more moments than before. */
  get end(): number {
    return this.#arena.end;
  }

  /** Makes room for the moments of a rule, which begin as zeros unless they are there already. Throws a RangeError when memory does not suffice. */
  prepare({ optimizer }: UpdateRule): void {
    this.#programsFor(optimizer);
  }

  /** Moments and the number of updates, under the names of checkpoints. */
  state(): Tensors {
    const state: Tensors = new Map([[optimizerStepName, { dtype: 'F64', shape: [], data: Float64Array.of(this.#updates) }]]);
    this.#moments.forEach((moment, index) => {
      for (const [name, tensor] of this.#store.read(momentRegions[index] ?? 'moment0', (parameter) => momentName(moment, parameter))) state.set(name, tensor);
    });
    return state;
  }

  /** Throws a RangeError that names a moment that is incomplete. */
  restore(state: Tensors): void {
    const moments = allMoments.filter((moment) => [...state.keys()].some((name) => name.startsWith(momentName(moment, ''))));
    this.#beginMoments(moments);
    moments.forEach((moment, index) => this.#store.write(momentRegions[index] ?? 'moment0', state, (parameter) => momentName(moment, parameter)));
    this.#updates = Number(state.get(optimizerStepName)?.data[0] ?? 0);
    this.#spec = undefined;
  }

  /** Clips the gradients and notes what that did; then the update, which nothing interrupts. The rule has been prepared. */
  update({ optimizer, clip }: UpdateRule, notes: ClippingNotes): void {
    const { squares, update } = this.#programsFor(optimizer);
    this.#operations.run(squares);
    const norm = Math.sqrt(this.#blocks.total());
    largestShare(this.#blocks.names, this.#blocks.sums(), notes.largest);
    notes.normBefore = norm;
    notes.normAfter = norm;
    notes.engaged = false;
    notes.angle = undefined;
    this.#scaleOf(update, 1);
    if (clip?.kind === 'value') this.#clipValues(clip.threshold, notes);
    else if (clip && norm > clip.threshold) {
      // In place of the gradients, the update scales.
      this.#scaleOf(update, clip.threshold / norm);
      notes.normAfter = clip.threshold;
      notes.engaged = true;
    }
    this.#apply(update);
  }

  #clipValues(threshold: number, notes: ClippingNotes): void {
    const dot = this.#passed('clippedDot', threshold);
    notes.engaged = this.#passed('clipValues', threshold) > 0;
    notes.angle = 0;
    if (!notes.engaged) return;
    notes.normAfter = Math.sqrt(this.#passed('sumOfSquares', threshold));
    notes.angle = degreesBetween(dot, notes.normBefore, notes.normAfter);
  }

  /** What a kernel finds over all gradients. */
  #passed(kernel: 'sumOfSquares' | 'clippedDot' | 'clipValues', threshold: number): number {
    this.#blocks.pass(this.#operations, kernel, threshold);
    return this.#blocks.total();
  }

  /** Gives moments their places; those of another optimizer than last time begin as zeros. */
  #beginMoments(moments: readonly Moment[]): void {
    moments.forEach((moment, index) => {
      if (this.#moments[index] === moment) return;
      const region = momentRegions[index] ?? 'moment0';
      this.#store.place(region, this.#arena);
      this.#memory.reserve(this.#arena.end);
      this.#store.clear(region);
    });
    this.#moments = moments;
  }

  /** Written anew when the rule is another than last time. */
  #programsFor(spec: OptimizerSpec): Programs {
    return this.#programs && spec === this.#spec ? this.#programs : this.#write(spec);
  }

  #write(spec: OptimizerSpec): Programs {
    const settings = optimizerSettings(spec);
    this.#beginMoments(momentsOf(settings));
    [this.#settings, this.#spec] = [settings, spec];
    const squares = this.#operations.record(this.#room, () => this.#blocks.pass(this.#operations, 'sumOfSquares'));
    const update = this.#operations.record(squares.end, () => writeUpdate(this.#operations, this.#store, settings));
    return (this.#programs = { squares, update });
  }

  // What differs from one update to the next are the first arguments of the rule: how clipping scales and, of Adam, what corrects its moments.

  #scaleOf(update: Program, scale: number): void {
    this.#memory.f32[update.start / 4 + word.floats] = scale;
  }

  #apply(update: Program): void {
    const step = this.#updates + 1;
    const { f32 } = this.#memory;
    const at = update.start / 4 + word.floats;
    if (this.#settings?.kind === 'adam' || this.#settings?.kind === 'adamw') {
      const { learningRate, beta1, beta2 } = this.#settings;
      f32[at + 1] = learningRate / (1 - beta1 ** step);
      f32[at + 2] = 1 / Math.sqrt(1 - beta2 ** step);
    }
    this.#operations.team.run(update);
    this.#updates = step;
  }
}

/** One update of all parameters, by PyTorch's rules; see `src/engine/kernels/optimizers.ts`. */
function writeUpdate(operations: Operations, store: ParameterStore, settings: OptimizerSettings): void {
  const { kind, learningRate, momentum, nesterov, beta1, beta2, decay, weightDecay } = settings;
  // An ε that f32 rounds to 0 would divide 0 by 0 where a gradient has always been 0.
  const epsilon = Math.max(settings.epsilon, 1e-30);
  const [p, g, first, second] = [store.start('parameters'), store.start('gradients'), store.start('moment0'), store.start('moment1')];
  const write = (kernel: UpdateKernel, integers: readonly number[], ...floats: number[]): void => operations.update(kernel, store.bytes, integers, floats);
  const scale = 1;
  switch (kind) {
    case 'sgd':
      if (momentum > 0) write('sgdMomentum', [p, g, first, nesterov ? 1 : 0], scale, learningRate, weightDecay, momentum);
      else write('sgd', [p, g], scale, learningRate, weightDecay);
      return;
    case 'adam':
    case 'adamw': {
      const [coupled, keep] = kind === 'adamw' ? [0, 1 - learningRate * weightDecay] : [weightDecay, 1];
      const [stepSize, rootCorrection] = [learningRate, 1];
      write('adam', [p, g, first, second], scale, stepSize, rootCorrection, beta1, 1 - beta1, beta2, 1 - beta2, epsilon, coupled, keep);
      return;
    }
    case 'rmsprop':
      write('rmsprop', [p, g, first, momentum > 0 ? second : 0], scale, learningRate, weightDecay, decay, 1 - decay, epsilon, momentum);
      return;
    case 'adagrad':
      write('adagrad', [p, g, first], scale, learningRate, weightDecay, epsilon);
      return;
  }
}

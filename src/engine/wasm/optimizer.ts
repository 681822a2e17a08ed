import type { Tensors } from '../../shared/tensor';
import { allMoments, momentName, momentsOf, optimizerSettings, optimizerStepName, type Moment, type OptimizerSettings } from '../updateRule';
import type { ClipSpec } from '../../spec/schema';
import { degreesBetween, largestShare, type ClippingReport } from '../clipping';
import type { UpdateRule } from '../engine';
import type { Kernels } from './kernels';
import type { EngineMemory } from './memory';
import type { Operations } from './operations';
import type { ParameterStore, Region } from './parameterStore';
import { piecesInStretch } from './pace';

/** Bytes that are updated between two questions whether to go on. */
const updateBytes = Math.floor((piecesInStretch(120) * 4) / 64) * 64;

/** Bytes of a block that is summed by itself, whoever sums it. */
const sumBytes = 2 ** 17;

const momentRegions: readonly Region[] = ['moment0', 'moment1'];

/** Clips gradients and updates all parameters; keeps the moments. */
export class Optimizer {
  readonly #operations: Operations;
  readonly #memory: EngineMemory;
  readonly #store: ParameterStore;
  /** Whose moments the regions hold. */
  #moments: readonly Moment[] = [];
  #updates = 0;

  constructor(operations: Operations, memory: EngineMemory, store: ParameterStore) {
    this.#operations = operations;
    this.#memory = memory;
    this.#store = store;
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
    moments.forEach((moment, index) => this.#store.write(momentRegions[index] ?? 'moment0', state, (parameter) => momentName(moment, parameter)));
    this.#moments = moments;
    this.#updates = Number(state.get(optimizerStepName)?.data[0] ?? 0);
  }

  /** Clips the gradients and tells what that did; then the update, all or nothing. */
  update({ optimizer, clip }: UpdateRule): ClippingReport {
    const squares = this.#store.extents.map(({ name, offset, bytes }) => [name, this.#sum(offset, bytes, (kernels, g, count) => kernels.sumOfSquares(count, g))] as const);
    const normBefore = Math.sqrt(squares.reduce((sum, [, square]) => sum + square, 0));
    const { scale, ...clipping } = this.#clip(clip, normBefore);
    const settings = optimizerSettings(optimizer);
    this.#prepareMoments(momentsOf(settings));
    this.#apply(settings, scale);
    return { normBefore, largest: largestShare(squares), ...clipping };
  }

  /** Clips by value in place; by the norm, only says how the update is to scale. */
  #clip(clip: ClipSpec | undefined, normBefore: number): Pick<ClippingReport, 'normAfter' | 'engaged' | 'angle'> & { readonly scale: number } {
    if (clip?.kind === 'value') return { scale: 1, ...this.#clipValues(clip.threshold, normBefore) };
    if (!clip || !(normBefore > clip.threshold)) return { scale: 1, normAfter: normBefore, engaged: false };
    const scale = clip.threshold / normBefore;
    return { scale, normAfter: normBefore * scale, engaged: true };
  }

  #clipValues(threshold: number, normBefore: number): Pick<ClippingReport, 'normAfter' | 'engaged' | 'angle'> {
    const { bytes } = this.#store;
    const dot = this.#sum(0, bytes, (kernels, g, count) => kernels.clippedDot(count, g, threshold));
    const engaged = this.#sum(0, bytes, (kernels, g, count) => kernels.clipValues(count, g, threshold)) > 0;
    if (!engaged) return { normAfter: normBefore, engaged, angle: 0 };
    const normAfter = Math.sqrt(this.#sum(0, bytes, (kernels, g, count) => kernels.sumOfSquares(count, g)));
    return { normAfter, engaged, angle: degreesBetween(dot, normBefore, normAfter) };
  }

  /** Sum of what `kernel` gives for the gradients from byte `offset` on, in blocks. */
  #sum(offset: number, bytes: number, kernel: (kernels: Kernels, address: number, bytes: number) => number): number {
    const { crew, pace } = this.#operations;
    const start = this.#store.start('gradients') + offset;
    const sum = crew.sum(Math.ceil(bytes / sumBytes), (kernels, block) => kernel(kernels, start + block * sumBytes, Math.min(sumBytes, bytes - block * sumBytes)));
    pace.spend(bytes);
    return sum;
  }

  /** Moments of another optimizer than last time begin as zeros. */
  #prepareMoments(moments: readonly Moment[]): void {
    moments.forEach((moment, index) => {
      if (this.#moments[index] !== moment) this.#store.clear(momentRegions[index] ?? 'moment0');
    });
    this.#moments = moments;
  }

  /**
   * The update, in stretches. When a question whether to go on throws between two of them, what has been
   * updated is put back from copies, which only models of several stretches need.
   */
  #apply(settings: OptimizerSettings, scale: number): void {
    const step = this.#updates + 1;
    const regions: readonly Region[] = ['parameters', ...momentRegions.slice(0, this.#moments.length)];
    const undo: { readonly at: number; readonly before: Float32Array }[] = [];
    const { f32 } = this.#memory;
    try {
      for (const [from, bytes] of this.#stretches()) {
        if (bytes < this.#store.bytes) {
          for (const region of regions) {
            const at = (this.#store.start(region) + from) / 4;
            undo.push({ at, before: f32.slice(at, at + bytes / 4) });
          }
        }
        this.#operations.crew.share(bytes * 30, 0, bytes / 64, (kernels, first, last) =>
          updateRange(kernels, settings, step, scale, (last - first) * 64, (region) => this.#store.start(region) + from + first * 64),
        );
        if (from + bytes < this.#store.bytes) this.#operations.pace.spend(bytes * 30);
      }
    } catch (reason) {
      for (const { at, before } of undo) f32.set(before, at);
      throw reason;
    }
    this.#updates = step;
  }

  /** Byte ranges [first, number] of a region. */
  *#stretches(): Generator<readonly [number, number]> {
    for (let from = 0; from < this.#store.bytes; from += updateBytes) yield [from, Math.min(updateBytes, this.#store.bytes - from)];
  }
}

/** One update of `bytes` bytes of each region, by PyTorch's rules; see `src/engine/kernels/optimizers.ts`. */
function updateRange(kernels: Kernels, settings: OptimizerSettings, step: number, scale: number, bytes: number, at: (region: Region) => number): void {
  const { kind, learningRate, momentum, nesterov, beta1, beta2, decay, weightDecay } = settings;
  // An ε that f32 rounds to 0 would divide 0 by 0 where a gradient has always been 0.
  const epsilon = Math.max(settings.epsilon, 1e-30);
  const [p, g, first, second] = [at('parameters'), at('gradients'), at('moment0'), at('moment1')];
  switch (kind) {
    case 'sgd':
      if (momentum > 0) kernels.sgdMomentum(bytes, p, g, first, scale, learningRate, weightDecay, momentum, nesterov ? 1 : 0);
      else kernels.sgd(bytes, p, g, scale, learningRate, weightDecay);
      return;
    case 'adam':
    case 'adamw': {
      const [coupled, keep] = kind === 'adamw' ? [0, 1 - learningRate * weightDecay] : [weightDecay, 1];
      const [stepSize, rootCorrection] = [learningRate / (1 - beta1 ** step), 1 / Math.sqrt(1 - beta2 ** step)];
      kernels.adam(bytes, p, g, first, second, scale, stepSize, rootCorrection, beta1, 1 - beta1, beta2, 1 - beta2, epsilon, coupled, keep);
      return;
    }
    case 'rmsprop':
      kernels.rmsprop(bytes, p, g, first, momentum > 0 ? second : 0, scale, learningRate, weightDecay, decay, 1 - decay, epsilon, momentum);
      return;
    case 'adagrad':
      kernels.adagrad(bytes, p, g, first, scale, learningRate, weightDecay, epsilon);
      return;
  }
}

import type { Tensor, Tensors } from '../shared/tensor';
import { parameterShapes, type Architecture } from '../spec/architecture';
import { freshPlateau, type PlateauState } from './schedule';

/** What a training remembers besides the engine's parameters and moments; all of it is in each checkpoint. */
export interface Progress {
  /** Updates made; the next batch is that of this step. */
  readonly step: number;
  readonly seed: number;
  /** Step of the newest evaluation; 0 before the first. */
  readonly evaluatedStep: number;
  /** Best monitored loss, the step it was seen at, and the evaluations since then. */
  readonly bestLoss: number;
  readonly bestStep: number;
  readonly evaluationsSinceBest: number;
  readonly plateau: PlateauState;
  /** Training losses since the newest evaluation: their sum and number. Monitored where nothing is held out. */
  readonly recentLossSum: number;
  readonly recentSteps: number;
}

export function freshProgress(seed: number): Progress {
  return { step: 0, seed, evaluatedStep: 0, bestLoss: Infinity, bestStep: 0, evaluationsSinceBest: 0, plateau: freshPlateau, recentLossSum: 0, recentSteps: 0 };
}

/** The parts of a checkpoint file. */
export interface Checkpoint {
  readonly parameters: Tensors;
  /** Under the names of `Engine.optimizerState`. */
  readonly optimizer: Tensors;
  /** Recurrent state behind the last batch, under the names of `RecurrentState.save`; absent when the next batch starts anew. */
  readonly recurrent?: Tensors;
  readonly progress: Progress;
}

/** A checkpoint that lacks something or does not fit its model; the message is for a person. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';
}

/**
 * A checkpoint's tensors: the parameters under PyTorch's names, then `optimizer.*`, the recurrent
 * state as `state.*`, and `random.state` I64 [seed, step], `training.*`, `schedule.*`.
 *
 * All random numbers of a training are made from seed and step alone, so these two are its random
 * state; batches are a function of the step, so it is the data cursor as well.
 */
export function toTensors({ parameters, optimizer, recurrent, progress }: Checkpoint): Tensors {
  const tensors: Tensors = new Map([...parameters, ...optimizer]);
  for (const [name, tensor] of recurrent ?? []) tensors.set(`state.${name}`, tensor);
  const { plateau } = progress;
  tensors.set('random.state', integers([progress.seed, progress.step]));
  tensors.set('training.step', integer(progress.step));
  tensors.set('training.evaluatedStep', integer(progress.evaluatedStep));
  tensors.set('training.best', numbers([progress.bestLoss, progress.bestStep, progress.evaluationsSinceBest]));
  tensors.set('training.recent', numbers([progress.recentLossSum, progress.recentSteps]));
  tensors.set('schedule.plateau', numbers([plateau.scale, plateau.best, plateau.bad]));
  return tensors;
}

/** The reverse of `toTensors`. Throws a CheckpointError naming what is missing or of another model. */
export function fromTensors(tensors: Tensors, architecture: Architecture): Checkpoint {
  const [seed = 0] = read(tensors, 'random.state', 2);
  const [step = 0] = read(tensors, 'training.step', 1);
  const [evaluatedStep = 0] = read(tensors, 'training.evaluatedStep', 1);
  const [bestLoss = 0, bestStep = 0, evaluationsSinceBest = 0] = read(tensors, 'training.best', 3);
  const [recentLossSum = 0, recentSteps = 0] = read(tensors, 'training.recent', 2);
  const [scale = 1, best = 0, bad = 0] = read(tensors, 'schedule.plateau', 3);
  for (const [name, tensor] of tensors) expectNumbers(name, tensor);
  const recurrent = withPrefix(tensors, 'state.', 'state.'.length);
  return {
    parameters: parametersOf(tensors, architecture),
    optimizer: withPrefix(tensors, 'optimizer.', 0),
    recurrent: recurrent.size > 0 ? recurrent : undefined,
    progress: { step, seed, evaluatedStep, bestLoss, bestStep, evaluationsSinceBest, plateau: { scale, best, bad }, recentLossSum, recentSteps },
  };
}

/** The parameters among a file's tensors. Throws a CheckpointError naming the first that is missing or of another shape. */
export function parametersOf(tensors: Tensors, architecture: Architecture): Tensors {
  const parameters: Tensors = new Map();
  for (const { name, shape } of parameterShapes(architecture)) {
    const tensor = tensors.get(name);
    if (!tensor) throw new CheckpointError(`It has no parameter ${name}: it belongs to another model, or is damaged.`);
    if (tensor.shape.join() !== shape.join()) throw new CheckpointError(`Its ${name} has the shape [${tensor.shape.join(', ')}], but the model needs [${shape.join(', ')}]: it belongs to another model.`);
    parameters.set(name, expectNumbers(name, tensor));
  }
  return parameters;
}

/** A tensor, unless it holds a NaN: a training that is not finite any more writes no checkpoint, so the file was damaged later. */
function expectNumbers(name: string, tensor: Tensor): Tensor {
  const { data } = tensor;
  if (!(data instanceof BigInt64Array) && data.some((value) => Number.isNaN(value))) throw new CheckpointError(`Its ${name} holds what is not a number.`);
  return tensor;
}

function withPrefix(tensors: Tensors, prefix: string, cut: number): Tensors {
  return new Map([...tensors].filter(([name]) => name.startsWith(prefix)).map(([name, tensor]) => [name.slice(cut), tensor]));
}

function integer(value: number): Tensor {
  return { dtype: 'I64', shape: [], data: BigInt64Array.of(BigInt(value)) };
}

function integers(values: readonly number[]): Tensor {
  return { dtype: 'I64', shape: [values.length], data: BigInt64Array.from(values, BigInt) };
}

function numbers(values: readonly number[]): Tensor {
  return { dtype: 'F64', shape: [values.length], data: Float64Array.from(values) };
}

function read(tensors: Tensors, name: string, length: number): number[] {
  const data = tensors.get(name)?.data;
  if (data?.length !== length) throw new CheckpointError(`It has no ${name}, so a training cannot go on from it.`);
  return Array.from(data, Number);
}

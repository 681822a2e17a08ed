import type { SequenceBatch, TaskData } from '../../data/task';
import type { Checkpointed, Engine } from '../../engine/engine';
import { partialCellOf } from '../../shared/partialCell';
import type { BatchGradients } from '../../shared/run';
import type { Tensor, Tensors } from '../../shared/tensor';
import type { Architecture, LossKind } from '../../spec/architecture';
import { SampleError } from './sampleError';
import { samplesOfLength, sideBySide } from './sideBySide';

/** Whose loss the gradients are of: the mean of all, or that of one position. */
export type LossChoice = 'all' | number;

/** What a batch of gradients is asked for with. */
export interface GradientBatchRequest {
  /** With the weights to look at. */
  readonly engine: Engine;
  readonly data: TaskData;
  /** The sample beside which they are drawn: they are as long, and have losses at the same positions. */
  readonly like: SequenceBatch;
  readonly loss: LossChoice;
  /** Step of the weights. */
  readonly step: number;
  readonly alive?: Checkpointed;
}

/** Sequences in a batch: enough for a 10 % and a 90 % quantile. */
const mostSequences = 24;

/** Fewer than this have no spread worth drawing. */
const fewestSequences = 4;

/** Multiply-adds of one forward pass over all sequences: about half a second of tracing on one thread. */
const mostWork = 3e9;

/** Bytes that the tensors of one piece of the batch may take. */
const pieceBytes = 64 * 2 ** 20;

/**
 * Norms of the gradients of held-out sequences by all states, each of the sequence's own loss. They are traced in
 * pieces, so that memory stays bounded. Throws a SampleError when too few sequences are as long as the sample, or the
 * network is too large for it.
 */
export function traceGradientBatch({ engine, data, like, loss, step, alive }: GradientBatchRequest): BatchGradients {
  const { architecture } = engine;
  const most = sequencesFor(architecture, like.steps);
  if (most < fewestSequences) throw new SampleError(`The network is too large to trace several sequences of ${like.steps} timesteps beside this one.`);
  const found = samplesOfLength(data.stretches?.(like.steps) ?? data.samples ?? { count: 0, at: () => none() }, like, most);
  if (found.length < fewestSequences) throw new SampleError(`${found.length === 0 ? 'No sample of the data is' : `Only ${found.length} samples of the data are`} ${like.steps} timesteps long; a spread needs at least ${fewestSequences}.`);
  const together = Math.max(1, Math.min(found.length, Math.floor(pieceBytes / (like.steps * bytesPerStep(architecture)))));
  const tensors = new Map<string, Tensor & { readonly data: Float64Array }>();
  for (let first = 0; first < found.length; first += together) {
    const part = found.slice(first, first + together).map((batch) => withLosses(batch, like, loss, architecture));
    addNorms(tensors, engine.trace(sideBySide(part, architecture.loss), { flow: 'without-flow', parameters: 'without-gradients', alive }), { first, sequences: found.length, shares: sharesOf(part, architecture) });
  }
  return { step, steps: like.steps, sequences: found.length, tensors };
}

function none(): never {
  throw new RangeError('there are no samples');
}

function layersOf({ layers, encoder }: Architecture): Architecture['layers'] {
  return encoder ? [...encoder.layers, ...layers] : layers;
}

/** Of the states, gates and gradients of all layers at one timestep of one sequence. */
function bytesPerStep(architecture: Architecture): number {
  return layersOf(architecture).reduce((sum, { units, directions }) => sum + units * directions.length * 60, 0);
}

function sequencesFor(architecture: Architecture, steps: number): number {
  const perStep = layersOf(architecture).reduce((sum, { units, directions }) => sum + directions.length * 8 * units * units, 0);
  return Math.min(mostSequences, Math.floor(mostWork / (steps * perStep)));
}

/** The sequence with losses where the sample has some, or at one position only. */
function withLosses(batch: SequenceBatch, like: SequenceBatch, loss: LossChoice, { loss: kind, outputs }: Architecture): SequenceBatch {
  const width = kind === 'values' ? outputs : 1;
  const absent = (targets: SequenceBatch['targets'], index: number): boolean => (kind === 'values' ? Number.isNaN(targets[index]) : targets[index] === -1);
  const targets = batch.targets.slice();
  for (let index = 0; index < targets.length; index++) {
    const position = Math.floor(index / width);
    if (absent(like.targets, index) || (loss !== 'all' && kind !== 'class' && position !== loss)) targets[index] = kind === 'values' ? Number.NaN : -1;
  }
  return { ...batch, targets };
}

/** What the mean over all losses of a batch is to be multiplied by to be the mean over those of one sequence. */
function sharesOf(batches: readonly SequenceBatch[], { loss, outputs }: Architecture): readonly number[] {
  const counts = batches.map(({ targets }) => lossesIn(targets, loss, outputs));
  const all = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => (count > 0 ? all / count : Number.NaN));
}

function lossesIn(targets: SequenceBatch['targets'], loss: LossKind, outputs: number): number {
  const width = loss === 'values' ? outputs : 1;
  const counts = (value: number | undefined): boolean => (loss === 'values' ? !Number.isNaN(value) : (value ?? -1) >= 0);
  let count = 0;
  for (let from = 0; from < targets.length; from += width) if (Array.from({ length: width }, (_, index) => targets[from + index]).every(counts)) count++;
  return count;
}

const gradients = ['grad.h', 'grad.h.partial', 'grad.c', 'grad.c.partial'] as const;

/** Adds ‖·‖₂ over units of each sequence of a piece to columns [first, …) of tensors [T, B]. */
function addNorms(into: Map<string, Tensor & { readonly data: Float64Array }>, trace: Tensors, { first, sequences, shares }: { readonly first: number; readonly sequences: number; readonly shares: readonly number[] }): void {
  const places = [...trace.keys()].filter((name) => name.endsWith('.grad.h')).map((name) => name.slice(0, -'.grad.h'.length));
  for (const place of places) {
    for (const gradient of gradients) {
      const name = `${place}.${gradient}`;
      const tensor = trace.get(name) ?? (gradient === 'grad.c.partial' ? partialCellOf(trace, place) : undefined);
      if (!tensor) continue;
      const [steps = 0, , units = 0] = tensor.shape;
      const norms = into.get(name) ?? { dtype: 'F64', shape: [steps, sequences], data: new Float64Array(steps * sequences) };
      into.set(name, norms);
      for (let t = 0; t < steps; t++) shares.forEach((share, b) => (norms.data[t * sequences + first + b] = share * normOf(tensor, (t * shares.length + b) * units, units)));
    }
  }
}

function normOf({ data }: Tensor, from: number, units: number): number {
  let squares = 0;
  let largest = 0;
  for (let u = 0; u < units; u++) largest = Math.max(largest, Math.abs(Number(data[from + u])));
  // Squares of what is as small as 1e-200 would be zero.
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  for (let u = 0; u < units; u++) squares += (Number(data[from + u]) / largest) ** 2;
  return largest * Math.sqrt(squares);
}

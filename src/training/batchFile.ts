import type { Batch } from '../engine/engine';
import { checkBatch } from '../engine/checks';
import type { Tensor, Tensors } from '../shared/tensor';
import type { Architecture } from '../spec/architecture';

/**
 * The batch that a file holds: `inputs`, tokens [T,B] (I64) or values [T,B,features] (F32 or F64),
 * `targets` in the shape that the loss wants, and for sequences of different lengths `lengths` [B] (I64);
 * of a translation model also `source` [S,B] and, likewise, `sourceLengths` [B] (I64).
 * Throws a RangeError that names the tensor that is missing or does not fit the network.
 */
export function batchOf(architecture: Architecture, tensors: Tensors): Batch {
  const { input, loss, outputs, encoder } = architecture;
  const inputs = required(tensors, 'inputs');
  const [steps = 0, sequences = 0] = inputs.shape;
  const batch: Batch = {
    steps,
    sequences,
    inputs: input.kind === 'tokens' ? whole('inputs', inputs, ['T', 'B']) : values('inputs', inputs, ['T', 'B', input.features]),
    targets: readTargets(required(tensors, 'targets'), steps, sequences),
    lengths: tensors.has('lengths') ? whole('lengths', required(tensors, 'lengths'), [sequences]) : undefined,
    source: encoder && readSource(required(tensors, 'source'), sequences),
  };
  checkBatch(architecture, batch);
  return batch;

  function readSource(source: Tensor, b: number): Batch['source'] {
    const sourceLengths = tensors.get('sourceLengths');
    return { steps: source.shape[0] ?? 0, inputs: whole('source', source, ['S', b]), lengths: sourceLengths && whole('sourceLengths', sourceLengths, [b]) };
  }

  function readTargets(targets: Tensor, t: number, b: number): Batch['targets'] {
    if (loss === 'values') return values('targets', targets, [t, b, outputs]);
    return whole('targets', targets, loss === 'class' ? [b] : [t, b]);
  }
}

function required(tensors: Tensors, name: string): Tensor {
  const tensor = tensors.get(name);
  if (!tensor) throw new RangeError(`the tensor ${name} is missing; a batch file holds inputs and targets (it holds ${listed([...tensors.keys()])})`);
  return tensor;
}

/** The first of some names. */
function listed(names: readonly string[]): string {
  return names.length === 0 ? 'nothing' : `${names.slice(0, 6).join(', ')}${names.length > 6 ? ` and ${names.length - 6} more` : ''}`;
}

/** Axes are sizes, or letters where any size will do. */
type Axes = readonly (number | string)[];

function expectShape(name: string, { shape }: Tensor, axes: Axes): void {
  const fits = shape.length === axes.length && axes.every((axis, i) => typeof axis === 'string' || axis === shape[i]);
  if (!fits) throw new RangeError(`${name} have the shape [${shape.join(', ')}], but this network and batch need [${axes.join(', ')}]`);
}

function whole(name: string, tensor: Tensor, axes: Axes): Int32Array {
  expectShape(name, tensor, axes);
  const { data, dtype } = tensor;
  if (!(data instanceof BigInt64Array || data instanceof Uint8Array)) throw new RangeError(`${name} have the type ${dtype}, but must be whole numbers: save them as I64`);
  // What does not fit 32 bits becomes −2, which no vocabulary holds, rather than some other token.
  return Int32Array.from(data, (value: bigint | number) => (Number(value) === (Number(value) | 0) ? Number(value) : -2));
}

function values(name: string, tensor: Tensor, axes: Axes): Float64Array {
  expectShape(name, tensor, axes);
  const { data, dtype } = tensor;
  if (!(data instanceof Float32Array || data instanceof Float64Array)) throw new RangeError(`${name} have the type ${dtype}, but must be values: save them as F32 or F64`);
  return Float64Array.from(data);
}

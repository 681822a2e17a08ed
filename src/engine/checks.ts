import type { Tensors } from '../shared/tensor';
import { parameterShapes, type Architecture } from '../spec/architecture';
import type { Batch, SourceBatch } from './engine';

/**
 * Throws a RangeError naming the first parameter that is missing, of another shape or type, or not a
 * number, or the first tensor that is no parameter of this network.
 */
export function checkParameters(architecture: Architecture, parameters: Tensors): void {
  const shapes = parameterShapes(architecture);
  for (const { name, shape } of shapes) {
    const tensor = parameters.get(name);
    if (!tensor) throw new RangeError(`parameter ${name} is missing; the network needs it with shape [${shape.join(', ')}]`);
    if (tensor.shape.length !== shape.length || tensor.shape.some((size, axis) => size !== shape[axis])) {
      throw new RangeError(`parameter ${name} has shape [${tensor.shape.join(', ')}], but the network needs [${shape.join(', ')}]`);
    }
    if (!(tensor.data instanceof Float32Array || tensor.data instanceof Float64Array)) throw new RangeError(`parameter ${name} has the type ${tensor.dtype}; save it as F32 or F64`);
    const bad = firstNotFinite(tensor.data);
    if (bad >= 0) throw new RangeError(`parameter ${name} holds ${tensor.data[bad]} at index [${indexOf(bad, shape).join(', ')}]; these weights are of no use`);
  }
  const known = new Set(shapes.map(({ name }) => name));
  for (const name of parameters.keys()) if (!known.has(name)) throw new RangeError(`the network has no parameter ${name}`);
}

/**
 * Throws a RangeError that says which input, target or length does not fit the network: a wrong number
 * of them, a token outside the vocabulary, an input that is not a number.
 */
export function checkBatch(architecture: Architecture, batch: Batch): void {
  checkBatchButValues(architecture, batch);
  checkValues(architecture, batch);
}

/** Throws a RangeError that names the first input value that is no finite number. */
export function checkValues({ input }: Architecture, { sequences, inputs }: Batch): void {
  if (input.kind !== 'values') return;
  const bad = firstNotFinite(inputs);
  if (bad >= 0) throw new RangeError(`input feature ${bad % input.features} at ${where(Math.floor(bad / input.features), sequences)} is ${inputs[bad]}; inputs must be finite numbers`);
}

/** `checkBatch` but for `checkValues`, which takes its time: a call costs little beside a step of the smallest network. */
export function checkBatchButValues(architecture: Architecture, { steps, sequences, inputs, targets, lengths, source }: Batch): void {
  const { input, outputs, loss, encoder } = architecture;
  if (!(steps >= 1) || !(sequences >= 1)) throw new RangeError(`a batch needs at least one timestep and one sequence (got ${steps} and ${sequences})`);

  if (input.kind === 'tokens') {
    expectLength('inputs', inputs, steps, sequences);
    const bad = firstOutside(inputs, 0, input.vocabulary);
    if (bad >= 0) throw new RangeError(`input token ${inputs[bad]} at ${where(bad, sequences)} is outside the vocabulary of ${input.vocabulary} (0 to ${input.vocabulary - 1})`);
  } else expectLength('inputs', inputs, steps, sequences, input.features);

  if (loss === 'values') expectLength('targets', targets, steps, sequences, outputs);
  else {
    if (loss === 'class') expectLength('targets', targets, sequences);
    else expectLength('targets', targets, steps, sequences);
    const bad = firstOutside(targets, -1, outputs);
    if (bad >= 0) throw new RangeError(`target ${targets[bad]} ${loss === 'class' ? `of sequence ${bad}` : `at ${where(bad, sequences)}`} is not one of the ${outputs} classes (0 to ${outputs - 1}, or −1 for none)`);
  }

  if (encoder && !source) throw new RangeError('a translation model needs a source to read; give the batch one');
  if (source) checkSource(architecture, source, sequences);
  if (!lengths) return;
  expectLength('lengths', lengths, sequences);
  const least = loss === 'class' || encoder ? 1 : 0;
  const bad = firstOutside(lengths, least, steps + 1);
  if (bad >= 0) throw new RangeError(`the length ${lengths[bad]} of sequence ${bad} is not between ${least} and the ${steps} timesteps of the batch`);
}

/** Throws a RangeError that says what of a source does not fit the encoder, or that there is none. */
export function checkSource({ encoder }: Architecture, { steps, inputs, lengths }: SourceBatch, sequences: number): void {
  if (encoder?.input.kind !== 'tokens') throw new RangeError('only a translation model reads a source; this network has no encoder');
  const { vocabulary } = encoder.input;
  if (!(steps >= 1)) throw new RangeError(`a source needs at least one timestep (got ${steps})`);
  expectLength('source tokens', inputs, steps, sequences);
  const bad = firstOutside(inputs, 0, vocabulary);
  if (bad >= 0) throw new RangeError(`source token ${inputs[bad]} at step ${Math.floor(bad / sequences)} of sequence ${bad % sequences} is outside the vocabulary of ${vocabulary} (0 to ${vocabulary - 1})`);
  if (!lengths) return;
  expectLength('source lengths', lengths, sequences);
  const wrong = firstOutside(lengths, 1, steps + 1);
  if (wrong >= 0) throw new RangeError(`the length ${lengths[wrong]} of source ${wrong} is not between 1 and the ${steps} timesteps of the batch`);
}

// Every step checks its whole batch, and a start all its parameters: plain loops, because a call for each element costs as much as a small network's step, and a function that is made leaves garbage.

/** The first index where there is no whole number of [from, end); −1: none. */
function firstOutside(values: Int32Array | Float64Array, from: number, end: number): number {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? NaN;
    if (!(value >= from && value < end && Number.isInteger(value))) return i;
  }
  return -1;
}

/** The first index of an infinity or NaN; −1: none. */
function firstNotFinite(values: Int32Array | Float32Array | Float64Array): number {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return i;
  return -1;
}

function expectLength(what: string, data: ArrayLike<number>, rows: number, columns?: number, features?: number): void {
  const size = rows * (columns ?? 1) * (features ?? 1);
  if (data.length === size) return;
  const shape = [rows, columns, features].filter((length) => length !== undefined);
  throw new RangeError(`the ${what} hold ${data.length} numbers, but [${shape.join(', ')}] takes ${size}`);
}

function where(row: number, sequences: number): string {
  return `step ${Math.floor(row / sequences)} of sequence ${row % sequences}`;
}

/** The position of element `flat` along each axis. */
function indexOf(flat: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  let rest = flat;
  for (const size of [...shape].reverse()) {
    index.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return index;
}

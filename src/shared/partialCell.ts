import type { Tensor, Tensors } from './tensor';

type Floats = Float32Array | Float64Array;

/**
 * What reaches an LSTM's cₜ from above only: (∂L/∂hₜ)partial ⊙ oₜ ⊙ (1 − tanh²cₜ), the chain rule through
 * hₜ = oₜ ⊙ tanh(cₜ), without cₜ₊₁ and hₜ₊₁. [T, B, H] as its arguments.
 */
export function partialCellGradient(partialHidden: Tensor, outputGate: Tensor, cell: Tensor): Tensor {
  const data = Float64Array.from(partialHidden.data as Floats, (gradient, index) => {
    const squashed = Math.tanh(Number(cell.data[index]));
    return gradient * Number(outputGate.data[index]) * (1 - squashed * squashed);
  });
  return { dtype: 'F64', shape: partialHidden.shape, data };
}

/** `{place}.grad.c.partial` of an LSTM's direction, which traces do not hold but which follows from what they hold; undefined where it does not. */
export function partialCellOf(tensors: Tensors, place: string): Tensor | undefined {
  const [gradient, output, cell] = ['grad.h.partial', 'gate.output', 'c'].map((part) => tensors.get(`${place}.${part}`));
  return gradient && output && cell ? partialCellGradient(gradient, output, cell) : undefined;
}

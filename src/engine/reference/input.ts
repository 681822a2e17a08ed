import type { InputShape } from '../../spec/architecture';
import type { StackBatch } from './stack';
import { rowOf, zeros, type Matrix } from './matrix';
import { isReal, unstack } from './padding';

/** What enters the lowest layer, [B,I] at each timestep: values as they are, tokens embedded or one-hot. */
export function readInputs(shape: InputShape, { inputs, steps, sequences, lengths }: StackBatch, embedding: Matrix | undefined): Matrix[] {
  if (shape.kind === 'values') return unstack(inputs, steps, sequences, shape.features);
  return Array.from({ length: steps }, (_, t) => {
    const x = zeros(sequences, embedding?.columns ?? shape.vocabulary);
    for (let b = 0; b < sequences; b++) {
      if (!isReal(lengths, t, b)) continue;
      const token = inputs[t * sequences + b] ?? 0;
      if (embedding) rowOf(x, b).set(rowOf(embedding, token));
      else rowOf(x, b)[token] = 1;
    }
    return x;
  });
}

/** Adds ∂L/∂xₜ to the rows of the embedding's gradient that were read. */
export function embeddingGradient(dInputs: readonly Matrix[], { inputs, sequences, lengths }: StackBatch, gradient: Matrix): void {
  dInputs.forEach((dx, t) => {
    for (let b = 0; b < sequences; b++) {
      if (!isReal(lengths, t, b)) continue;
      const row = rowOf(gradient, inputs[t * sequences + b] ?? 0);
      rowOf(dx, b).forEach((value, i) => (row[i] = (row[i] ?? 0) + value));
    }
  });
}

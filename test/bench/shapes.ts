/** One training step to measure: embedding H → one layer of H units → one class of two, from the last state. */
export interface Shape {
  readonly cell: 'rnn' | 'lstm' | 'gru';
  readonly units: number;
  readonly batch: number;
  readonly window: number;
}

/** Kinds of token; looking them up costs nothing beside the products. */
export const vocabulary = 64;

/** Floating-point operations of the products of one step: forward and weight gradients from x and h, hidden gradients, those of x. */
export function operationsOf({ cell, units, batch, window }: Shape): number {
  const gates = { rnn: 1, gru: 3, lstm: 4 }[cell];
  return 12 * gates * window * batch * units * units;
}

import type { CellKind, LayerSpec } from '../../spec/schema';
import { addProduct, addTransposedProduct } from './products';

/** One direction of a layer; matrices row-major, G gates one below the other, as in the safetensors files. */
export interface DirectionWeights {
  readonly cell: CellKind;
  readonly activation: LayerSpec['activation'];
  readonly resetAfter: boolean;
  /** H. */
  readonly units: number;
  /** I. */
  readonly inputs: number;
  /** [G·H,I] and [G·H,H]. */
  readonly weightIh: Float64Array;
  readonly weightHh: Float64Array;
  /** [G·H] each. */
  readonly biasIh: Float64Array;
  readonly biasHh: Float64Array;
}

/** The adjoint of a state [H], which `back` moves one timestep into the past. An LSTM's `c` is what reaches cₜ from cₜ₊₁. */
export interface Adjoint {
  readonly h: Float64Array;
  readonly c: Float64Array;
}

/** A cell run over one sequence, that remembers of every timestep what its Jacobian needs and no more. */
export interface LinearisedRun {
  /** What the carry is about: the cell state of an LSTM, else the hidden state. */
  readonly state: 'h' | 'c';
  /** hₜ, [T,H]. */
  readonly hidden: Float64Array;
  /** Multiplies an adjoint by the transposed Jacobian of timestep t and returns the length that it had there: of all that depends on cₜ for an LSTM, else on hₜ. */
  back(t: number, adjoint: Adjoint): number;
}

/**
 * Runs a cell over rows xₜ [T,I] from a state of zeros. The equations are those of `engine/reference/cells`, where they
 * are written to be read; here one sequence is run for its Jacobians alone, quickly enough to follow a slider.
 */
export function linearise(weights: DirectionWeights, rows: Float64Array): LinearisedRun {
  switch (weights.cell) {
    case 'rnn':
      return lineariseRnn(weights, rows);
    case 'lstm':
      return lineariseLstm(weights, rows);
    case 'gru':
      return lineariseGru(weights, rows);
  }
}

/** hₜ = f(z): ∂hₜ/∂hₜ₋₁ = f′ ⊙ W. */
function lineariseRnn(weights: DirectionWeights, rows: Float64Array): LinearisedRun {
  const { units, inputs, activation, weightHh } = weights;
  const steps = rows.length / inputs;
  const [hidden, slope] = [new Float64Array(steps * units), new Float64Array(steps * units)];
  const [z, dz] = [new Float64Array(units), new Float64Array(units)];
  for (let t = 0, at = 0; t < steps; t++, at += units) {
    preactivate(z, weights, rows, t);
    if (t > 0) addProduct(z, weightHh, hidden, at - units, units);
    for (let u = 0; u < units; u++) {
      const value = (z[u] ?? 0) + (weights.biasHh[u] ?? 0);
      const h = activation === 'tanh' ? Math.tanh(value) : Math.max(0, value);
      hidden[at + u] = h;
      slope[at + u] = activation === 'tanh' ? 1 - h * h : value > 0 ? 1 : 0;
    }
  }
  return {
    state: 'h',
    hidden,
    back(t, { h }) {
      const length = lengthOf(h);
      for (let u = 0; u < units; u++) dz[u] = (h[u] ?? 0) * (slope[t * units + u] ?? 0);
      h.fill(0);
      addTransposedProduct(h, weightHh, dz);
      return length;
    },
  };
}

/** Factors of dcₜ, and for the output gate of dhₜ, at each timestep: [T,4H] in the order i, f, g, o; and f and o(1 − tanh²c), [T,H]. */
function lineariseLstm(weights: DirectionWeights, rows: Float64Array): LinearisedRun {
  const { units, inputs, weightHh, biasHh } = weights;
  const steps = rows.length / inputs;
  const [hidden, keep, shown, factors] = [new Float64Array(steps * units), new Float64Array(steps * units), new Float64Array(steps * units), new Float64Array(4 * steps * units)];
  const [z, dz, c] = [new Float64Array(4 * units), new Float64Array(4 * units), new Float64Array(units)];
  for (let t = 0, at = 0; t < steps; t++, at += units) {
    preactivate(z, weights, rows, t);
    if (t > 0) addProduct(z, weightHh, hidden, at - units, units);
    const gate = (index: number): number => (z[index] ?? 0) + (biasHh[index] ?? 0);
    for (let u = 0; u < units; u++) {
      const [i, f, g, o, before] = [sigmoid(gate(u)), sigmoid(gate(units + u)), Math.tanh(gate(2 * units + u)), sigmoid(gate(3 * units + u)), c[u] ?? 0];
      const now = f * before + i * g;
      const tanhC = Math.tanh(now);
      c[u] = now;
      hidden[at + u] = o * tanhC;
      keep[at + u] = f;
      shown[at + u] = o * (1 - tanhC * tanhC);
      factors[4 * at + u] = g * i * (1 - i);
      factors[4 * at + units + u] = before * f * (1 - f);
      factors[4 * at + 2 * units + u] = i * (1 - g * g);
      factors[4 * at + 3 * units + u] = tanhC * o * (1 - o);
    }
  }
  return {
    state: 'c',
    hidden,
    back(t, adjoint) {
      const at = t * units;
      for (let u = 0; u < units; u++) adjoint.c[u] = (adjoint.c[u] ?? 0) + (adjoint.h[u] ?? 0) * (shown[at + u] ?? 0);
      const length = lengthOf(adjoint.c);
      for (let row = 0; row < 4 * units; row++) dz[row] = (factors[4 * at + row] ?? 0) * ((row < 3 * units ? adjoint.c : adjoint.h)[row % units] ?? 0);
      for (let u = 0; u < units; u++) adjoint.c[u] = (adjoint.c[u] ?? 0) * (keep[at + u] ?? 0);
      adjoint.h.fill(0);
      addTransposedProduct(adjoint.h, weightHh, dz);
      return length;
    },
  };
}

/** Factors of dhₜ at each timestep: of r and z [T,2H], of what the new value reads [T,H], and the z and r that stand beside. */
function lineariseGru(weights: DirectionWeights, rows: Float64Array): LinearisedRun {
  const { units, inputs, resetAfter, weightHh, biasHh } = weights;
  const steps = rows.length / inputs;
  const newRows = weightHh.subarray(2 * units * units);
  const gateRows = weightHh.subarray(0, 2 * units * units);
  const empty = (): Float64Array => new Float64Array(steps * units);
  const [hidden, keep, reset, ofReset, ofUpdate, ofNew] = [empty(), empty(), empty(), empty(), empty(), empty()];
  const [z, product, read] = [new Float64Array(3 * units), new Float64Array(units), new Float64Array(units)];
  const [dGates, dProduct, dRead] = [new Float64Array(2 * units), new Float64Array(units), new Float64Array(units)];
  for (let t = 0, at = 0; t < steps; t++, at += units) {
    preactivate(z, weights, rows, t);
    const before = (u: number): number => (t > 0 ? (hidden[at - units + u] ?? 0) : 0);
    if (t > 0) addProduct(z, gateRows, hidden, at - units, units);
    for (let u = 0; u < units; u++) {
      reset[at + u] = sigmoid((z[u] ?? 0) + (biasHh[u] ?? 0));
      keep[at + u] = sigmoid((z[units + u] ?? 0) + (biasHh[units + u] ?? 0));
      read[u] = before(u) * (resetAfter ? 1 : (reset[at + u] ?? 0));
      product[u] = biasHh[2 * units + u] ?? 0;
    }
    addProduct(product, newRows, read, 0, units);
    for (let u = 0; u < units; u++) {
      const [r, kept, fed] = [reset[at + u] ?? 0, keep[at + u] ?? 0, product[u] ?? 0];
      const n = Math.tanh((z[2 * units + u] ?? 0) + (resetAfter ? r * fed : fed));
      hidden[at + u] = (1 - kept) * n + kept * before(u);
      ofNew[at + u] = (1 - kept) * (1 - n * n);
      ofUpdate[at + u] = (before(u) - n) * kept * (1 - kept);
      // By what the reset gate multiplies: the product after it, or the state before it.
      ofReset[at + u] = (resetAfter ? fed : before(u)) * r * (1 - r);
    }
  }
  return {
    state: 'h',
    hidden,
    back(t, { h }) {
      const at = t * units;
      const length = lengthOf(h);
      for (let u = 0; u < units; u++) dProduct[u] = (h[u] ?? 0) * (ofNew[at + u] ?? 0) * (resetAfter ? (reset[at + u] ?? 0) : 1);
      dRead.fill(0);
      addTransposedProduct(dRead, newRows, dProduct);
      for (let u = 0; u < units; u++) {
        const throughReset = resetAfter ? (h[u] ?? 0) * (ofNew[at + u] ?? 0) : (dRead[u] ?? 0);
        dGates[u] = throughReset * (ofReset[at + u] ?? 0);
        dGates[units + u] = (h[u] ?? 0) * (ofUpdate[at + u] ?? 0);
        h[u] = (h[u] ?? 0) * (keep[at + u] ?? 0) + (dRead[u] ?? 0) * (resetAfter ? 1 : (reset[at + u] ?? 0));
      }
      addTransposedProduct(h, gateRows, dGates);
      return length;
    },
  };
}

/** z = W_ih xₜ + b_ih. */
function preactivate(z: Float64Array, { weightIh, biasIh, inputs }: DirectionWeights, rows: Float64Array, t: number): void {
  z.set(biasIh);
  addProduct(z, weightIh, rows, t * inputs, inputs);
}

function lengthOf(vector: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += (vector[i] ?? 0) ** 2;
  return Math.sqrt(sum);
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

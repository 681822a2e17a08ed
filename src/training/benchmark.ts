import type { Batch, Engine, StepReport, UpdateRule } from '../engine/engine';
import { Random } from '../shared/random';
import { architectureOf, gateCount, type Architecture } from '../spec/architecture';
import { specSchema, type LayerSpec } from '../spec/schema';

/** A network whose training speed is measured: layers that read values, and one of two classes from the last state. */
export interface BenchmarkNetwork {
  readonly layers: readonly (Pick<LayerSpec, 'cell' | 'units'> & Partial<LayerSpec>)[];
  /** Size of the values that the lowest layer reads. */
  readonly features: number;
}

/** How speed is measured unless somebody says otherwise: plain gradient descent, clipped by the norm. */
export const benchmarkRule: UpdateRule = { optimizer: { kind: 'sgd', learningRate: 1e-3 }, clip: { kind: 'norm', threshold: 1 } };

/** The network with its sizes. Throws a RangeError when a connection does not fit. */
export function benchmarkArchitecture({ layers, features }: BenchmarkNetwork): Architecture {
  const sizes = { input: { kind: 'values', features }, outputs: 2, loss: 'class' } as const;
  const spec = specSchema.parse({ version: 1, name: 'bench', task: { kind: 'batch', loss: 'class', features, outputs: 2 }, model: { layers } });
  return architectureOf(spec, sizes);
}

/** A batch of inputs from N(0, 1) for such a network. */
export function benchmarkBatch({ features }: BenchmarkNetwork, steps: number, sequences: number): Batch {
  const random = Random.fromSeed(1);
  return {
    steps,
    sequences,
    inputs: Float64Array.from({ length: steps * sequences * features }, () => random.normal()),
    targets: Int32Array.from({ length: sequences }, (_, b) => b % 2),
  };
}

/**
 * Floating-point operations of the matrix products of one training step over T·B rows: forward and weight
 * gradients from x and h, gradients of h, and those of x but for the inputs themselves. One layer of H units on H
 * values takes 40·T·B·H² (LSTM), 30 (GRU) or 10 (RNN); output layer and element-wise work are not counted.
 */
export function stepOperations({ input, layers }: Architecture, rows: number): number {
  const perRow = layers.map(({ cell, units, directions, inputSize, outputSize, connection }, index) => {
    const wanted = index > 0 || (input.kind === 'tokens' && input.embedding > 0);
    const oneHot = index === 0 && input.kind === 'tokens' && input.embedding === 0;
    const timesRead = oneHot ? 0 : wanted ? 3 : 2;
    const cells = directions.length * 2 * gateCount[cell] * units * (timesRead * inputSize + 3 * units);
    const highway = connection === 'highway' ? 2 * timesRead * inputSize * outputSize : 0;
    return cells + highway;
  });
  return rows * perRow.reduce((sum, operations) => sum + operations, 0);
}

/** How fast an engine trains. */
export interface TrainingSpeed {
  readonly tokensPerSecond: number;
  /** Billions of `stepOperations` a second. */
  readonly gflops: number;
  readonly millisecondsPerStep: number;
  /** Training steps that were measured. */
  readonly steps: number;
}

/** Trains on one batch again and again for about so many milliseconds, at least one step. */
export function measureTraining(engine: Engine, batch: Batch, milliseconds: number): TrainingSpeed {
  const rows = batch.steps * batch.sequences;
  const start = performance.now();
  let steps = 0;
  let elapsed = 0;
  const options: { spent?: StepReport } = {};
  do {
    options.spent = engine.step(batch, benchmarkRule, options);
    steps++;
    elapsed = performance.now() - start;
  } while (elapsed < milliseconds);
  const perStep = elapsed / steps;
  return { tokensPerSecond: (rows / perStep) * 1000, gflops: stepOperations(engine.architecture, rows) / perStep / 1e6, millisecondsPerStep: perStep, steps };
}

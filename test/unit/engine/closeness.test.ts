import { describe, expect, it } from 'vitest';
import { createReferenceEngine } from '../../../src/engine/reference/referenceEngine';
import { Random } from '../../../src/shared/random';
import type { Tensors } from '../../../src/shared/tensor';
import type { Architecture } from '../../../src/spec/architecture';
import type { LayerSpec } from '../../../src/spec/schema';
import { enginesAndVariants } from '../../engines';
import { architecture, largestError, layer, numbersOf, randomBatch, started } from './support';

/** A network of one to three layers of any kinds and of sizes that fit no vector width, and the shape of a batch. */
function randomCase(seed: number): { network: Architecture; steps: number; sequences: number; lengths?: number[] } {
  const random = Random.fromSeed(seed, 7);
  const pick = <V>(...values: V[]): V => values[random.below(values.length)]!;
  const size = (most: number) => 1 + random.below(most);
  const loss = pick('tokens', 'values', 'class');
  const features = size(20);
  const embedding = pick(0, size(20));
  const vocabulary = 2 + random.below(30);
  let input = loss === 'values' ? features : embedding || vocabulary;
  const layers: LayerSpec[] = [];
  for (let count = size(3); count > 0; count--) {
    const connection = pick('none', 'residual', 'dense', 'highway');
    const kept = connection === 'residual' || connection === 'highway';
    const bidirectional = kept ? input % 2 === 0 && pick(true, false) : pick(true, false);
    const units = kept ? (bidirectional ? input / 2 : input) : size(40);
    layers.push(layer(pick('rnn', 'lstm', 'gru'), units, { connection, bidirectional, activation: pick('tanh', 'tanh', 'relu'), resetAfter: pick(true, false), dropout: pick(0, 0.4) }));
    const cellSize = units * (bidirectional ? 2 : 1);
    input = connection === 'dense' ? input + cellSize : cellSize;
  }
  const steps = size(12);
  const sequences = pick(1, 3, 8, 17);
  const lengths = pick(undefined, Array.from({ length: sequences }, () => size(steps)));
  return { network: architecture(layers, loss === 'values' ? { features, outputs: size(9), loss } : { vocabulary, embedding, outputs: size(20), loss }), steps, sequences, lengths };
}

const describeCase = ({ network, steps, sequences, lengths }: ReturnType<typeof randomCase>): string => {
  const layers = network.layers.map(({ cell, units, directions, connection }) => `${cell} ${units}${directions.length > 1 ? '×2' : ''} ${connection}`).join(', ');
  return `${layers}; ${network.loss}, T ${steps}, B ${sequences}${lengths ? ', padded' : ''}`;
};

const cases = Array.from({ length: 60 }, (_, seed) => ({ seed, ...randomCase(seed) }));
type Case = (typeof cases)[number];

// Plain gradient descent, whose updates are the gradients; with dropout.
const rule = { optimizer: { kind: 'sgd', learningRate: 0.5 } } as const;
const batchOf = ({ network, steps, sequences, seed, lengths }: Case) => randomBatch(network, steps, sequences, seed, lengths);

/** What the reference makes of a case when it begins with these parameters: trace, loss, and the parameters behind one step. */
function answersOf(each: Case, initial: Tensors) {
  const [engine, batch] = [createReferenceEngine(each.network), batchOf(each)];
  engine.setParameters(initial);
  const [trace, evaluated] = [engine.trace(batch, { flow: 'with-flow' }), engine.evaluate(batch)];
  const report = engine.step(batch, rule, { seed: each.seed });
  const answers = { initial, trace, evaluated, report, updated: engine.parameters() };
  engine.dispose();
  return answers;
}

const known = new Map<Case, ReturnType<typeof answersOf>>();

/** The same, worked out once for all engines: they begin with the same numbers, rounded to f32. */
function expectedOf(each: Case, initial: Tensors) {
  const answers = known.get(each) ?? answersOf(each, initial);
  known.set(each, answers);
  return answers;
}

describe.each(enginesAndVariants.filter(({ name }) => name !== 'reference'))('$variant engine beside the reference', (engineKind) => {
  it.each(cases.map((each) => [describeCase(each), each] as const))('%s', async (_, each) => {
    const engine = await started(engineKind, each.network, each.seed);
    const [before, batch] = [engine.parameters(), batchOf(each)];
    const { initial, trace, evaluated, report, updated } = expectedOf(each, before);
    expect(before).toEqual(initial);

    const actual = engine.trace(batch, { flow: 'with-flow' });
    expect([...actual.keys()].sort()).toEqual([...trace.keys()].sort());
    for (const [name, { shape }] of trace) expect(actual.get(name)!.shape, name).toEqual(shape);
    expect(largestError(actual, trace).error, largestError(actual, trace).name).toBeLessThan(2e-5);

    const { sum, positions } = engine.evaluate(batch);
    expect(positions).toBe(evaluated.positions);
    expect(sum / positions).toBeCloseTo(evaluated.sum / evaluated.positions, 5);

    const { loss, gradNorm } = engine.step(batch, rule, { seed: each.seed });
    expect(loss).toBeCloseTo(report.loss, 5);
    expect(Math.abs(gradNorm - report.gradNorm)).toBeLessThan(2e-5 * report.gradNorm + 1e-8);
    for (const [name, tensor] of engine.parameters()) {
      const [was, want] = [numbersOf(before.get(name)!), numbersOf(updated.get(name)!)];
      const largest = Math.max(...want.map((x, i) => Math.abs(x - was[i]!)), 1e-3);
      const shares = numbersOf(tensor).map((x, i) => Math.abs(x - want[i]!) / (2e-5 * largest + 2e-7 * Math.abs(want[i]!) + 1e-9));
      expect(Math.max(...shares), `${name}: the largest error, as a share of what is allowed`).toBeLessThan(1);
    }
    engine.dispose();
  });
});

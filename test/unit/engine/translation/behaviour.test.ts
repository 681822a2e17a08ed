import { describe, expect, it } from 'vitest';
import type { Batch, Engine } from '../../../../src/engine/engine';
import { createReferenceEngine } from '../../../../src/engine/reference/referenceEngine';
import { initialParameters } from '../../../../src/engine/initialise';
import type { Architecture } from '../../../../src/spec/architecture';
import { engines } from '../../../engines';
import { largestError, layer, numbersOf, started } from '../support';
import { randomPairs, translationModel, type ModelParts, type PairLength } from './support';

const lengths: PairLength[] = [[5, 3], [2, 6], [4, 1], [1, 4]];
const models: [string, ModelParts][] = [
  ['LSTM, both directions, attention', { encoder: [layer('lstm', 5, { bidirectional: true })], decoder: [layer('lstm', 10)], attention: 'dot' }],
  ['GRU, reset before', { encoder: [layer('gru', 9, { resetAfter: false })], decoder: [layer('gru', 9, { resetAfter: false })] }],
  ['mixed stacks, attention', { encoder: [layer('rnn', 9), layer('gru', 9, { connection: 'residual' })], decoder: [layer('lstm', 9), layer('gru', 9, { connection: 'highway' })], attention: 'dot' }],
];

const lossOf = (engine: Engine, batch: Batch) => engine.evaluate(batch);

describe.each(engines)('a translation model, $name engine', (implementation) => {
  const start = (network: Architecture) => started(implementation, network, 4);

  it('is untouched by what stands in the padding', async () => {
    const network = translationModel(models[0]![1]);
    const engine = await start(network);
    const batch = randomPairs(network, lengths, 2, 1);
    const other = randomPairs(network, lengths, 3, 1);
    const mixed = (own: ArrayLike<number>, theirs: ArrayLike<number>, real: Int32Array) => Int32Array.from({ length: own.length }, (_, i) => (Math.floor(i / lengths.length) < real[i % lengths.length]! ? own[i]! : theirs[i]!));
    const changed: Batch = {
      ...batch,
      inputs: mixed(batch.inputs, other.inputs, batch.lengths!),
      targets: mixed(batch.targets, other.targets, batch.lengths!),
      source: { ...batch.source!, inputs: mixed(batch.source!.inputs, other.source!.inputs, batch.source!.lengths!) },
    };
    const [a, b] = [batch, changed].map((each) => engine.trace(each, { flow: 'with-flow' }));
    for (const [name, { data }] of a!) expect(Array.from<number | bigint>(b!.get(name)!.data), name).toEqual(Array.from<number | bigint>(data));
  });

  it.each(models)('writes step by step what it predicts with teacher forcing: %s', async (_, parts) => {
    const network = translationModel(parts);
    const engine = await start(network);
    const batch = randomPairs(network, lengths, 6);
    const logits = numbersOf(engine.trace(batch, { flow: 'without-flow' }).get('output.logits')!);
    const state = engine.encode(batch.source!, batch.sequences);
    const { sequences } = batch;
    for (let t = 0; t < batch.steps; t++) {
      const step = engine.predict(Int32Array.from(batch.inputs.slice(t * sequences, (t + 1) * sequences)), state);
      for (let b = 0; b < sequences; b++) {
        if (t >= batch.lengths![b]!) continue;
        for (let j = 0; j < network.outputs; j++) expect(step[b * network.outputs + j]!).toBeCloseTo(logits[(t * sequences + b) * network.outputs + j]!, implementation.name === 'wasm' ? 4 : 10);
      }
    }
  });

  it('goes on from a restored state with the source it was encoded from', async () => {
    const network = translationModel(models[0]![1]);
    const engine = await start(network);
    const { source } = randomPairs(network, lengths, 6);
    const state = engine.encode(source!, lengths.length);
    const saved = state.save();
    const first = Array.from(engine.predict(new Int32Array(lengths.length), state));
    state.restore(saved);
    expect(Array.from(engine.predict(new Int32Array(lengths.length), state))).toEqual(first);
  });

  it('learns to reverse a sequence', async () => {
    const network = translationModel({ encoder: [layer('gru', 16)], decoder: [layer('gru', 16)], source: 3, target: 5 });
    const engine = await start(network);
    const reversals = (seed: number): Batch => {
      const [steps, sequences] = [3, 8];
      const { inputs } = randomPairs(network, Array.from({ length: sequences }, () => [steps, steps + 1] as const), seed).source!;
      const reversed = Array.from({ length: steps }, (_, t) => [...inputs.slice((steps - 1 - t) * sequences, (steps - t) * sequences)]).flat();
      const edge = (token: number) => new Array<number>(sequences).fill(token);
      return { steps: steps + 1, sequences, inputs: Int32Array.from([...edge(3), ...reversed]), targets: Int32Array.from([...reversed, ...edge(4)]), source: { steps, inputs } };
    };
    const rule = { optimizer: { kind: 'adam', learningRate: 0.02 } } as const;
    for (let update = 0; update < 150; update++) engine.step(reversals(update), rule);
    const { sum, positions } = lossOf(engine, reversals(1000));
    expect(sum / positions).toBeLessThan(0.1);
  });

  it('says what is wrong with a source', async () => {
    const network = translationModel(models[0]![1]);
    const engine = await start(network);
    const { source, ...target } = randomPairs(network, lengths, 6);
    expect(() => engine.evaluate(target)).toThrow('needs a source');
    expect(() => engine.evaluate({ ...target, source: { ...source!, inputs: source!.inputs.map(() => 6) } })).toThrow('source token 6 at step 0 of sequence 0 is outside the vocabulary of 6');
    expect(() => engine.evaluate({ ...target, source: { ...source!, lengths: Int32Array.of(5, 0, 4, 1) } })).toThrow('the length 0 of source 1 is not between 1 and the 5');
    expect(() => engine.predict(new Int32Array(4), engine.createState(4))).toThrow('encode');
  });
});

describe('the fast engine of a translation model', () => {
  const wasm = engines.find(({ name }) => name === 'wasm')!;
  const dropout = { dropout: 0.3 };
  const dropping: ModelParts = { encoder: [layer('gru', 9, dropout), layer('lstm', 5, { bidirectional: true, ...dropout })], decoder: [layer('gru', 10, dropout), layer('lstm', 10, dropout)], attention: 'dot' };

  it.each([...models, ['dropout everywhere', dropping] as [string, ModelParts]])('trains as the reference does: %s', async (_, parts) => {
    const network = translationModel(parts);
    const [fast, reference] = [await wasm.create(network), createReferenceEngine(network)];
    for (const engine of [fast, reference]) engine.setParameters(initialParameters(network, 2));
    const batch = randomPairs(network, lengths, 2, 1);
    const rule = { optimizer: { kind: 'sgd', learningRate: 0.5 }, clip: { kind: 'norm', threshold: 0.3 } } as const;
    const [a, b] = [fast, reference].map((engine) => [7, 8, 9].map((seed) => engine.step(batch, rule, { seed })));
    a!.forEach(({ loss, gradNorm }, i) => {
      expect(loss).toBeCloseTo(b![i]!.loss, 4);
      expect(gradNorm).toBeCloseTo(b![i]!.gradNorm, 4);
    });
    expect(largestError(fast.parameters(), reference.parameters()).error).toBeLessThan(1e-4);
  });
});

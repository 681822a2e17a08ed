import { describe, expect, it } from 'vitest';
import type { UpdateRule } from '../../../src/engine/engine';
import type { Tensors } from '../../../src/shared/tensor';
import { engines } from '../../engines';
import { architecture, layer, numbersOf, randomBatch, started } from './support';

const norm = (tensors: Tensors): number => Math.hypot(...[...tensors.values()].flatMap(numbersOf));
const minus = (a: Tensors, b: Tensors): Tensors =>
  new Map([...a].map(([name, { shape, data }]) => [name, { dtype: 'F64', shape, data: Float64Array.from(numbersOf({ data }), (x, i) => x - Number(b.get(name)!.data[i])) }]));

const rules: UpdateRule['optimizer'][] = [
  { kind: 'sgd', learningRate: 0.1, momentum: 0.9, nesterov: true },
  { kind: 'adam', learningRate: 0.01 },
  { kind: 'adamw', learningRate: 0.01 },
  { kind: 'rmsprop', learningRate: 0.01, momentum: 0.5 },
  { kind: 'adagrad', learningRate: 0.05 },
];

describe.each(engines)('training, $name engine', (engineKind) => {
  const network = architecture([layer('gru', 6), layer('lstm', 6, { connection: 'residual', dropout: 0.3 })], { embedding: 4 });
  const plain = architecture([layer('gru', 6), layer('lstm', 6)], { embedding: 4 });
  const digits = engineKind.name === 'reference' ? 10 : 5;

  it('clips by the global norm before the optimizer step, and reports the norm before', async () => {
    const engine = await started(engineKind, plain);
    const batch = randomBatch(plain, 5, 3, 1);
    const gradients: Tensors = new Map([...engine.trace(batch, { flow: 'without-flow' })].filter(([name]) => name.startsWith('grad.param.')));
    const before = engine.parameters();
    const report = engine.step(batch, { optimizer: { kind: 'sgd', learningRate: 1 }, clip: { kind: 'norm', threshold: 0.01 } });
    expect(report.gradNorm).toBeCloseTo(norm(gradients), digits);
    expect(report.clipped).toBe(true);
    expect(norm(minus(before, engine.parameters()))).toBeCloseTo(0.01, digits);
    engine.dispose();
  });

  it('gives the optimizer clipped gradients, not the optimizer’s step a limit', async () => {
    const engine = await started(engineKind, plain);
    const batch = randomBatch(plain, 5, 3, 1);
    engine.step(batch, { optimizer: { kind: 'adam', learningRate: 0.01 }, clip: { kind: 'norm', threshold: 0.01 } });
    const first: Tensors = new Map([...engine.optimizerState()].filter(([name]) => name.startsWith('optimizer.exp_avg.')));
    expect(norm(first)).toBeCloseTo(0.1 * 0.01, digits);
    engine.dispose();
  });

  it('clips each component by value', async () => {
    const engine = await started(engineKind, plain);
    const batch = randomBatch(plain, 5, 3, 1);
    const before = engine.parameters();
    expect(engine.step(batch, { optimizer: { kind: 'sgd', learningRate: 1 }, clip: { kind: 'value', threshold: 0.003 } }).clipped).toBe(true);
    const steps = [...minus(before, engine.parameters()).values()].flatMap(numbersOf).map(Math.abs);
    expect(Math.max(...steps)).toBeCloseTo(0.003, digits);
    expect(steps.filter((x) => x > 0 && x < 0.002).length).toBeGreaterThan(10);
    engine.dispose();
  });

  it('does not clip below the threshold', async () => {
    const engine = await started(engineKind, plain);
    const batch = randomBatch(plain, 5, 3, 1);
    expect(engine.step(batch, { optimizer: { kind: 'sgd', learningRate: 0.1 }, clip: { kind: 'norm', threshold: 1e3 } }).clipped).toBe(false);
    expect(engine.step(batch, { optimizer: { kind: 'sgd', learningRate: 0.1 } }).clipped).toBe(false);
    engine.dispose();
  });

  it.each(rules)('lowers the loss of a batch with $kind', async (optimizer) => {
    const engine = await started(engineKind, plain);
    const batch = randomBatch(plain, 5, 3, 1);
    const losses = Array.from({ length: 30 }, () => engine.step(batch, { optimizer }).loss);
    expect(losses.at(-1)).toBeLessThan(losses[0]! * 0.9);
    engine.dispose();
  });

  it.each(rules)('repeats itself bit for bit, and goes on bit for bit from what was saved, with $kind', async (optimizer) => {
    const [one, two] = [await started(engineKind, network), await started(engineKind, network)];
    const batches = [1, 2, 3, 4].map((seed) => randomBatch(network, 4, 3, seed));
    batches.forEach((batch, seed) => one.step(batch, { optimizer }, { seed }));
    batches.slice(0, 2).forEach((batch, seed) => two.step(batch, { optimizer }, { seed }));
    const resumed = await engineKind.create(network);
    resumed.setParameters(two.parameters());
    resumed.setOptimizerState(two.optimizerState());
    batches.slice(2).forEach((batch, i) => resumed.step(batch, { optimizer }, { seed: 2 + i }));
    expect(resumed.parameters()).toEqual(one.parameters());
    expect(resumed.optimizerState()).toEqual(one.optimizerState());
    for (const engine of [one, two, resumed]) engine.dispose();
  });

  it('drops by the seed of the step, and never in evaluation or traces', async () => {
    const wet = architecture([layer('gru', 6, { dropout: 0.5 })]);
    const dry = architecture([layer('gru', 6)]);
    const batch = randomBatch(wet, 5, 3, 1);
    const rule: UpdateRule = { optimizer: { kind: 'sgd', learningRate: 0.1 } };
    const lossWith = async (seed: number) => {
      const engine = await started(engineKind, wet);
      const { loss } = engine.step(batch, rule, { seed });
      engine.dispose();
      return loss;
    };
    expect(await lossWith(1)).toBe(await lossWith(1));
    expect(await lossWith(1)).not.toBe(await lossWith(2));
    const [withDropout, without] = [await started(engineKind, wet), await started(engineKind, dry)];
    expect(withDropout.evaluate(batch)).toEqual(without.evaluate(batch));
    expect(withDropout.trace(batch, { flow: 'with-flow' })).toEqual(without.trace(batch, { flow: 'with-flow' }));
    withDropout.dispose();
    without.dispose();
  });

  it('leaves parameters, moments and state as they were when it is abandoned', async () => {
    const engine = await started(engineKind, network);
    const batch = randomBatch(network, 20, 3, 1);
    const rule: UpdateRule = { optimizer: { kind: 'adam', learningRate: 0.1 } };
    const state = engine.createState(3);
    engine.step(batch, rule, { state, seed: 1 });
    const before = [engine.parameters(), engine.optimizerState(), state.save()];
    let asked = 0;
    engine.step(batch, rule, { alive: () => void asked++ });
    engine.setParameters(before[0]!);
    engine.setOptimizerState(before[1]!);
    expect(asked).toBeGreaterThan(0);
    let left = asked - 1; // abandoned as late as it can be
    const abandon = () => {
      if (left-- === 0) throw new Error('abandoned');
    };
    expect(() => engine.step(batch, rule, { state, seed: 2, alive: abandon })).toThrow('abandoned');
    expect([engine.parameters(), engine.optimizerState(), state.save()]).toEqual(before);
    engine.dispose();
  });

  it('names the parameter that does not fit', async () => {
    const engine = await started(engineKind, network);
    const parameters = engine.parameters();
    const without = new Map([...parameters].filter(([name]) => name !== 'output.bias'));
    expect(() => engine.setParameters(without)).toThrow('parameter output.bias is missing; the network needs it with shape [11]');
    expect(() => engine.setParameters(new Map([...parameters, ['extra', parameters.get('output.bias')!]]))).toThrow('the network has no parameter extra');
    expect(() => engine.setParameters(new Map([...parameters, ['output.bias', parameters.get('output.weight')!]]))).toThrow('parameter output.bias has shape [11, 6], but the network needs [11]');
    engine.dispose();
  });

  it('names the token that is outside the vocabulary', async () => {
    const engine = await started(engineKind, network);
    const batch = randomBatch(network, 4, 2, 1);
    batch.inputs[5] = 11;
    expect(() => engine.step(batch, { optimizer: rules[0]! })).toThrow('input token 11 at step 2 of sequence 1 is outside the vocabulary of 11 (0 to 10)');
    engine.dispose();
  });
});

import { describe, expect, it } from 'vitest';
import type { Batch } from '../../../src/engine/engine';
import { engines } from '../../engines';
import { architecture, largestError, layer, randomBatch, started } from './support';

/** Timesteps `begin` to `end` of a batch of tokens. */
function window({ sequences, inputs, targets }: Batch, begin: number, end: number): Batch {
  return { steps: end - begin, sequences, inputs: inputs.slice(begin * sequences, end * sequences), targets: targets.slice(begin * sequences, end * sequences) };
}

const adam = { optimizer: { kind: 'adam', learningRate: 0.01 }, clip: { kind: 'norm', threshold: 1 } } as const;

describe.each(engines)('states, $name engine', (engineKind) => {
  const digits = engineKind.name === 'reference' ? 12 : 4;
  const network = architecture([layer('lstm', 6), layer('gru', 5), layer('rnn', 5, { connection: 'residual' })]);

  it('reads two windows with a carried state as one long window', async () => {
    const engine = await started(engineKind, network);
    const batch = randomBatch(network, 9, 3, 1);
    const state = engine.createState(3);
    const parts = [window(batch, 0, 4), window(batch, 4, 9)].map((part) => engine.evaluate(part, { state }));
    const whole = engine.evaluate(batch);
    expect(parts[0]!.sum + parts[1]!.sum).toBeCloseTo(whole.sum, digits - 1);
    expect(parts[0]!.positions + parts[1]!.positions).toBe(whole.positions);
    state.reset();
    expect(engine.evaluate(batch, { state }).sum).toBeCloseTo(whole.sum, digits - 1);
    engine.dispose();
  });

  it('predicts step by step what it computes for the whole text', async () => {
    const engine = await started(engineKind, network);
    const batch = randomBatch(network, 5, 2, 4);
    const logits = engine.trace(batch, { flow: 'without-flow' }).get('output.logits')!.data;
    const state = engine.createState(2);
    for (let t = 0; t < 5; t++) {
      const predicted = engine.predict(batch.inputs.slice(2 * t, 2 * t + 2), state);
      predicted.forEach((value, i) => expect(value).toBeCloseTo(Number(logits[t * predicted.length + i]), digits));
    }
    engine.dispose();
  });

  it('goes on from a saved state', async () => {
    const engine = await started(engineKind, network);
    const batch = randomBatch(network, 4, 2, 5);
    const state = engine.createState(2);
    engine.evaluate(batch, { state });
    const saved = state.save();
    expect([...saved.keys()]).toEqual(['layer0.forward.h', 'layer0.forward.c', 'layer1.forward.h', 'layer2.forward.h']);
    const expected = engine.evaluate(batch, { state });
    const restored = engine.createState(2);
    restored.restore(saved);
    expect(engine.evaluate(batch, { state: restored })).toEqual(expected);
    engine.dispose();
  });

  it('trains window after window from the carried state, which the step leaves at the window’s end', async () => {
    const engine = await started(engineKind, network);
    const batch = randomBatch(network, 6, 2, 6);
    const [trained, evaluated] = [engine.createState(2), engine.createState(2)];
    engine.evaluate(batch, { state: evaluated });
    engine.step(batch, adam, { state: trained });
    expect(largestError(trained.save(), evaluated.save()).error).toBeLessThan(10 ** -digits);
    // The next window must feel it.
    const fresh = engine.evaluate(batch);
    expect(engine.evaluate(batch, { state: trained }).sum).not.toBeCloseTo(fresh.sum, 3);
    engine.dispose();
  });

  it('refuses a state for another number of sequences', async () => {
    const engine = await started(engineKind, network);
    expect(() => engine.evaluate(randomBatch(network, 2, 2, 1), { state: engine.createState(3) })).toThrow(RangeError);
    engine.dispose();
  });
});

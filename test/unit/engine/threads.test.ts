import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { Batch, Engine, UpdateRule } from '../../../src/engine/engine';
import { initialParameters } from '../../../src/engine/initialise';
import type { Helper, SpawnHelper } from '../../../src/engine/wasm/team/team';
import { createWasmEngine, type WasmEngineOptions } from '../../../src/engine/wasm/wasmEngine';
import { usualThreads } from '../../../src/engineHost/helperThreads';
import type { Tensors } from '../../../src/shared/tensor';
import type { Architecture } from '../../../src/spec/architecture';
import { variants } from '../../engines';
import { spawn } from '../../helpers';
import { architecture, layer, randomBatch } from './support';
import { randomPairs, translationModel } from './translation/support';

const adam: UpdateRule = { optimizer: { kind: 'adam', learningRate: 0.01 }, clip: { kind: 'norm', threshold: 0.5 } };
const byValue: UpdateRule = { optimizer: { kind: 'rmsprop', learningRate: 0.01, momentum: 0.9 }, clip: { kind: 'value', threshold: 1e-3 } };

const engines: Engine[] = [];
afterEach(() => engines.splice(0).forEach((engine) => engine.dispose()));

/** An engine that shares everything that can be shared, however little it is. */
function engineOf(network: Architecture, threads: number, options: WasmEngineOptions = {}): Engine {
  const engine = createWasmEngine(network, { threads, spawn, turns: 100, worth: { step: 0, job: 0, start: 0 }, sharing: 'always', ...options });
  engine.setParameters(initialParameters(network, 1));
  engines.push(engine);
  return engine;
}

/** Waits until all threads of an engine take part. */
async function complete(engine: Engine, batch: Batch, threads: number): Promise<void> {
  while ((engine.evaluate(batch), engine.device.threads) < threads) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** A digest of the bits of each tensor. */
const bits = (tensors: Tensors): ReadonlyMap<string, string> => new Map([...tensors].map(([name, { data }]) => [name, createHash('sha1').update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)).digest('hex')]));

/** Everything that an engine computes on these batches, as bits. */
function lifeOf(engine: Engine, batches: readonly Batch[], rule: UpdateRule): unknown {
  const traced = bits(engine.trace(batches[0]!, { flow: 'with-flow' }));
  const reports = [...batches, ...batches].map((batch, index) => engine.step(batch, rule, { seed: index }));
  return { traced, reports, evaluated: batches.map((batch) => engine.evaluate(batch)), parameters: bits(engine.parameters()), optimizer: bits(engine.optimizerState()) };
}

// So long that losses of some sequences go back together through shared Jacobians, and of others one by one.
const lengths = [9, 3, 8, 1, 6];
const stacks: [string, Architecture, number[]?][] = [
  ['tanh RNN', architecture([layer('rnn', 13)], { features: 5, outputs: 3 })],
  ['relu RNN of odd sizes, padded', architecture([layer('rnn', 9, { activation: 'relu' })], { embedding: 3 }), lengths],
  ['LSTM on one-hot tokens', architecture([layer('lstm', 24)])],
  ['LSTM wide enough to share its units', architecture([layer('lstm', 130)], { features: 4, outputs: 2 }), lengths],
  ['GRU wide enough to share its units', architecture([layer('gru', 136)], { embedding: 6 })],
  ['GRU that resets before, wide enough to share its units', architecture([layer('gru', 129, { resetAfter: false })], { embedding: 6, loss: 'class', outputs: 3 }), lengths],
  ['GRU that resets before', architecture([layer('gru', 12, { resetAfter: false })], { features: 3, outputs: 2 }), lengths],
  ['bidirectional LSTM', architecture([layer('lstm', 20, { bidirectional: true })], { embedding: 5, loss: 'class', outputs: 4 }), lengths],
  ['bidirectional GRU wide enough to share its units', architecture([layer('gru', 140, { bidirectional: true })], { features: 3, outputs: 2 })],
  ['residual, highway and dense stack with dropout', architecture([layer('gru', 4, { dropout: 0.3 }), layer('lstm', 2, { bidirectional: true, connection: 'residual' }), layer('rnn', 4, { connection: 'highway', dropout: 0.2 }), layer('gru', 3, { connection: 'dense' })], { embedding: 4 }), lengths],
];

describe.each(variants)('threads, kernels %s', (variant) => {
  it.each(stacks)('compute the same bits however many they are: %s', async (_, network, padding) => {
    const batches = [randomBatch(network, 9, 5, 2, padding), randomBatch(network, 4, 3, 3)];
    for (const [rule, order] of [[adam, 'layer-major'], [byValue, 'time-major']] as const) {
      const alone = lifeOf(engineOf(network, 1, { variant, order, spawn: undefined }), batches, rule);
      for (const threads of [2, 3]) {
        const engine = engineOf(network, threads, { variant, order });
        await complete(engine, batches[0]!, threads);
        expect(lifeOf(engine, batches, rule)).toEqual(alone);
        expect(engine.device).toEqual({ simd: variant, threads });
      }
    }
  });

  it('compute the same bits however many they are: translation with attention', async () => {
    const network = translationModel({ encoder: [layer('lstm', 10, { bidirectional: true })], decoder: [layer('gru', 12), layer('lstm', 20)], attention: 'dot' });
    const batches = [randomPairs(network, [[5, 4], [2, 6], [7, 1]], 4), randomPairs(network, [[3, 3], [4, 2]], 5)];
    const alone = lifeOf(engineOf(network, 1, { variant, spawn: undefined }), batches, adam);
    for (const threads of [2, 3]) {
      const engine = engineOf(network, threads, { variant });
      await complete(engine, batches[0]!, threads);
      expect(lifeOf(engine, batches, adam)).toEqual(alone);
    }
  });
});

describe('threads', () => {
  const network = architecture([layer('lstm', 24)]);
  const batch = randomBatch(network, 7, 5, 2);

  it('are started once steps that are worth it have come to some work, and not waited for', async () => {
    let started = 0;
    const counting: SpawnHelper = (start, died) => (started++, spawn(start, died));
    const engine = engineOf(network, 3, { spawn: counting, worth: { step: 3e5, job: 0, start: 3e6 } });
    engine.step(randomBatch(network, 2, 1, 2), adam);
    expect(started).toBe(0);
    const large = randomBatch(network, 12, 9, 2);
    engine.step(large, adam);
    expect(started).toBe(0);
    engine.step(large, adam);
    expect([started, engine.device.threads]).toEqual([2, 1]);
    await complete(engine, large, 3);
    engine.step(randomBatch(network, 2, 1, 2), adam);
    expect(engine.device.threads).toBe(1);
  });

  it('are one where memory cannot be shared', () => {
    const { SharedArrayBuffer } = globalThis;
    try {
      Reflect.deleteProperty(globalThis, 'SharedArrayBuffer');
      const engine = engineOf(network, 3, { spawn: () => expect.unreachable() });
      expect(engine.step(batch, adam).loss).toBeGreaterThan(0);
      expect(engine.device.threads).toBe(1);
    } finally {
      globalThis.SharedArrayBuffer = SharedArrayBuffer;
    }
  });

  it('do without one that cannot be started', async () => {
    const deaths: (() => void)[] = [];
    const stillborn: SpawnHelper = (_, died) => (deaths.push(died), { terminate: () => undefined });
    const engine = engineOf(network, 2, { spawn: stillborn });
    engine.step(batch, adam);
    deaths.forEach((died) => died());
    expect(engine.step(batch, adam).loss).toBeGreaterThan(0);
  });

  it('fail the step in which one dies, and leave the parameters', async () => {
    const helpers: Helper[] = [];
    // Its end is not told: as if it came while the step is under way.
    const mortal: SpawnHelper = (start) => (helpers.push(spawn(start, () => undefined)), helpers.at(-1)!);
    const engine = engineOf(network, 2, { spawn: mortal, patience: 100 });
    await complete(engine, batch, 2);
    const before = bits(engine.parameters());
    helpers[0]!.terminate();
    await new Promise((resolve) => setTimeout(resolve, 1_000)); // until it is surely gone
    expect(() => engine.step(batch, adam)).toThrow(/A thread of the engine has ended/);
    expect(() => engine.step(batch, adam)).toThrow(/A thread of the engine has ended/);
    expect(bits(engine.parameters())).toEqual(before);
  });

  it('fail the step after one has died', async () => {
    const mortal: (() => void)[] = [];
    const engine = engineOf(network, 2, { spawn: (start, died) => (mortal.push(died), spawn(start, died)) });
    await complete(engine, batch, 2);
    mortal[0]!();
    expect(() => engine.step(batch, adam)).toThrow(/Resume the run from its last checkpoint/);
  });

  it('answer within a step to a request to stop, and go on afterwards', async () => {
    const engine = engineOf(network, 2);
    await complete(engine, batch, 2);
    const before = bits(engine.parameters());
    const stop = new Error('stop');
    let asked = 0;
    const alive = () => {
      if (++asked > 1) throw stop;
    };
    const large = randomBatch(network, 400, 64, 2);
    expect(() => engine.step(large, adam, { alive })).toThrow(stop);
    expect(bits(engine.parameters())).toEqual(before);
    expect(engine.step(batch, adam).loss).toBeGreaterThan(0);
  });

  it.each([[1, 1], [2, 2], [3, 2], [4, 2], [8, 4], [64, 8]])('are, on %i processors, %i', (processors, threads) => {
    expect(usualThreads(processors)).toBe(threads);
  });
});

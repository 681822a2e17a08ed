import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Batch } from '../../../../src/engine/engine';
import { initialParameters } from '../../../../src/engine/initialise';
import { createReferenceEngine } from '../../../../src/engine/reference/referenceEngine';
import type { Tensor, Tensors } from '../../../../src/shared/tensor';
import type { Architecture } from '../../../../src/spec/architecture';
import { engines } from '../../../engines';
import { largestError, layer, numbersOf, started } from '../support';
import { pairOf, randomPairs, translationModel, type ModelParts, type PairLength } from './support';

const lengths: PairLength[] = [[5, 3], [2, 6], [4, 1], [1, 4]];
const models: [string, ModelParts][] = [
  ['LSTM, both directions, attention', { encoder: [layer('lstm', 5, { bidirectional: true })], decoder: [layer('lstm', 10)], attention: 'dot' }],
  ['GRU, reset before', { encoder: [layer('gru', 9, { resetAfter: false })], decoder: [layer('gru', 9, { resetAfter: false })] }],
  [
    'all connections, attention',
    {
      embedding: 9,
      encoder: [layer('rnn', 9), layer('gru', 9, { connection: 'residual' }), layer('lstm', 9, { connection: 'highway' })],
      decoder: [layer('lstm', 9, { connection: 'highway' }), layer('gru', 9, { connection: 'residual' })],
      attention: 'dot',
    },
  ],
  ['a dense bidirectional encoder, deeper than the decoder', { encoder: [layer('gru', 4, { bidirectional: true, connection: 'dense' }), layer('rnn', 6), layer('lstm', 3, { bidirectional: true })], decoder: [layer('lstm', 6, { connection: 'dense' })] }],
];

/** The trace's places that have a flow, of a trace with one. */
const flowPlaces = (trace: Tensors) => [...trace.keys()].filter((name) => name.endsWith('.flow')).map((name) => name.slice(0, -'.flow'.length));

/** ‖row‖ of a [T,1,H] tensor at each timestep. */
const norms = ({ shape, data }: Tensor): number[] => Array.from({ length: shape[0]! }, (_, t) => Math.hypot(...Array.from(data.slice(t * shape[2]!, (t + 1) * shape[2]!), Number)));

describe.each(engines)('the trace of a translation model, $name engine', (implementation) => {
  const reference = implementation.name === 'reference';
  const tolerance = reference ? 1e-12 : 2e-5;

  it.each(models)('gives each pair of a padded batch what it has alone: %s', async (_, parts) => {
    const network = translationModel(parts);
    const engine = await started(implementation, network, 4);
    const batch = randomPairs(network, lengths, 2, 2);
    const together = engine.trace(batch, { flow: 'without-flow' });
    const positions = lengths.reduce((sum, [, target]) => sum + target, 0);
    const gradients: Tensors = new Map();
    lengths.forEach(([read, written], b) => {
      const share = written / positions;
      const [found, expected]: [Tensors, Tensors] = [new Map(), new Map()];
      for (const [name, tensor] of engine.trace(pairOf(batch, b), { flow: 'without-flow' })) {
        // A mean over more positions makes each derivative smaller.
        const scaled = { ...tensor, data: Float64Array.from(numbersOf(tensor), (value) => value * (name.includes('grad.') ? share : 1)) };
        if (name.startsWith('grad.param.')) gradients.set(name, { ...scaled, data: scaled.data.map((value, i) => value + Number(gradients.get(name)?.data[i] ?? 0)) });
        else if (name.startsWith('encoder.layer') || name.startsWith('decoder.layer') || name === 'attention.weights' || name === 'output.logits') {
          found.set(name, rowsOf(together.get(name)!, b, name.startsWith('encoder.') ? read : written, tensor.shape[2]));
          expected.set(name, scaled);
        }
      }
      const { name, error } = largestError(found, expected);
      expect(error, `pair ${b}, ${name}`).toBeLessThan(tolerance);
    });
    const { name, error } = largestError(together, gradients);
    expect(error, name).toBeLessThan(tolerance * 10);
    engine.dispose();
  });

  it.each(models)('is zero at every padded position of either side: %s', async (_, parts) => {
    const network = translationModel(parts);
    const engine = await started(implementation, network, 4);
    const trace = engine.trace(randomPairs(network, lengths, 2, 2), { flow: 'with-flow' });
    for (const [name, { shape, data }] of trace) {
      const side = name.startsWith('encoder.layer') ? 0 : name.startsWith('decoder.layer') || name === 'attention.weights' ? 1 : undefined;
      if (side === undefined || name.endsWith('.flow')) continue;
      const [, sequences = 0, width = 1] = shape;
      data.forEach((value, i) => {
        if (Math.floor(i / width / sequences) >= lengths[Math.floor(i / width) % sequences]![side]) expect(Number(value), name).toBe(0);
      });
    }
    engine.dispose();
  });

  it.each(models)('has as flow, row by row, the gradient that the loss of that position alone has: %s', async (_, parts) => {
    const network = translationModel(parts);
    const engine = await started(implementation, network, 4);
    const batch = randomPairs(network, [[5, 4]], 3);
    const together = engine.trace(batch, { flow: 'with-flow' });
    const placesOf = (stack: string, layers: Architecture['layers']) => layers.flatMap(({ directions }, l) => directions.map((direction) => `${stack}.layer${l}.${direction}`));
    expect(flowPlaces(together).sort()).toEqual([...placesOf('encoder', network.encoder!.layers), ...placesOf('decoder', network.layers)].sort());
    for (let t = 0; t < batch.steps; t++) {
      const alone = engine.trace({ ...batch, targets: Int32Array.from(batch.targets, (target, i) => (i === t ? target : -1)) }, { flow: 'without-flow' });
      for (const place of flowPlaces(together)) {
        const { shape, data } = together.get(`${place}.flow`)!;
        expect(shape).toEqual([batch.steps, place.startsWith('encoder.') ? 5 : 4]);
        const row = Array.from(data.slice(shape[1]! * t, shape[1]! * (t + 1)), Number);
        norms(alone.get(`${place}.grad.h`)!).forEach((expected, k) => expect(row[k], `${place}, row ${t}, column ${k}`).toBeCloseTo(expected, reference ? 12 : 6));
      }
    }
    engine.dispose();
  });

  it('leads from every loss to every state of the encoder, but to none of the decoder that comes later', async () => {
    const network = translationModel({ encoder: [layer('gru', 6)], decoder: [layer('gru', 6)] });
    const engine = await started(implementation, network);
    const trace = engine.trace(randomPairs(network, [[4, 3]], 1), { flow: 'with-flow' });
    expect(numbersOf(trace.get('encoder.layer0.forward.flow')!).every((value) => value > 0)).toBe(true);
    numbersOf(trace.get('decoder.layer0.forward.flow')!).forEach((value, i) => expect(value > 0).toBe(i % 3 <= Math.floor(i / 3)));
    engine.dispose();
  });

  it('has no flow from a position without a loss, and leaves it out when asked to', async () => {
    const network = translationModel(models[0]![1]);
    const engine = await started(implementation, network);
    const batch = randomPairs(network, [[3, 3], [3, 2]], 1);
    const targets = Int32Array.from(batch.targets, (target, i) => (Math.floor(i / 2) === 1 ? -1 : target));
    const trace = engine.trace({ ...batch, targets }, { flow: 'with-flow' });
    for (const place of flowPlaces(trace)) {
      const flow = numbersOf(trace.get(`${place}.flow`)!);
      [0, 1, 2].forEach((row) => expect(Math.max(...flow.slice(3 * row, 3 * row + 3)) > 0, `${place}, row ${row}`).toBe(row !== 1));
    }
    expect(flowPlaces(engine.trace(batch, { flow: 'without-flow' }))).toEqual([]);
    engine.dispose();
  });
});

describe('gradients of a translation model far below the smallest f32', () => {
  const wasm = engines.find(({ name }) => name === 'wasm')!;

  /** Traces of both engines with parameters that `change` has made ready. */
  async function both(parts: ModelParts, batchOf: (network: Architecture) => Batch, change: (name: string, data: Float64Array) => void) {
    const network = translationModel(parts);
    const parameters = initialParameters(network, 3);
    for (const [name, { data }] of parameters) {
      change(name, data as Float64Array);
      data.forEach((value, i) => (data[i] = Math.fround(Number(value))));
    }
    const batch = batchOf(network);
    const [reference, fast] = await Promise.all([createReferenceEngine(network), wasm.create(network)]);
    return [reference, fast].map((engine) => {
      engine.setParameters(parameters);
      return engine.trace(batch, { flow: 'with-flow' });
    }) as [Tensors, Tensors];
  }

  it('come through the state that the decoder starts from', async () => {
    const [expected, actual] = await both({ encoder: [layer('rnn', 16)], decoder: [layer('rnn', 16)] }, (network) => randomPairs(network, [[200, 3], [190, 2]], 1), (name, data) => {
      if (name === 'encoder.layers.0.weight_hh_l0') data.forEach((w, i) => (data[i] = 0.6 * w));
    });
    const flow = numbersOf(expected.get('encoder.layer0.forward.flow')!);
    expect(Math.log10(flow[0]!)).toBeLessThan(-45);
    numbersOf(actual.get('encoder.layer0.forward.flow')!).forEach((value, i) => expect(Math.log10(value), `flow from ${Math.floor(i / 200)} to ${i % 200}`).toBeCloseTo(Math.log10(flow[i]!), 3));
    const gradients = [expected, actual].map((trace) => numbersOf(trace.get('encoder.layer0.forward.grad.h')!));
    for (let k = 0; k < 200; k++) {
      const [wanted, got] = gradients.map((all) => Math.log10(Math.hypot(...all.slice(32 * k, 32 * (k + 1)))));
      expect(got, `gradient at source step ${k}`).toBeCloseTo(wanted!, 3);
    }
  });

  it('come through attention, whose weights are as small themselves', async () => {
    // No state is handed over, as the sizes differ; large inputs around the encoder's cell make the scores differ by hundreds.
    const parts: ModelParts = { embedding: 8, encoder: [layer('rnn', 8, { connection: 'residual' })], decoder: [layer('rnn', 5), layer('rnn', 8)], attention: 'dot' };
    const [expected, actual] = await both(parts, (network) => randomPairs(network, [[6, 4], [4, 3]], 1), (name, data) => {
      if (name === 'encoder.embedding.weight') data.forEach((w, i) => (data[i] = 100 * w));
      if (name === 'encoder.layers.0.weight_ih_l0') data.forEach((w, i) => (data[i] = 0.01 * w));
      if (name === 'encoder.layers.0.weight_hh_l0') data.fill(0);
    });
    const gradients = [expected, actual].map((trace) => {
      const { data } = trace.get('encoder.layer0.forward.grad.h')!;
      return Array.from({ length: 12 }, (_, row) => Math.log10(Math.hypot(...Array.from(data.slice(8 * row, 8 * row + 8), Number))));
    });
    expect(gradients[0]!.filter((decades) => decades < -45 && decades > -300).length).toBeGreaterThan(0);
    const flows = [expected, actual].map((trace) => numbersOf(trace.get('encoder.layer0.forward.flow')!).map(Math.log10));
    for (const [wanted, got] of [gradients, flows]) {
      wanted!.forEach((decades, i) => {
        if (decades > -300 || decades === -Infinity) expect(got![i], `${i}`).toBeCloseTo(decades, 2);
      });
    }
  });
});

describe('memory of the fast engine', () => {
  afterEach(() => void vi.restoreAllMocks());

  it('does not grow with the number of traces of translations', async () => {
    const network = translationModel(models[2]![1]);
    const engine = await started(engines.find(({ name }) => name === 'wasm')!, network);
    const grow = vi.spyOn(WebAssembly.Memory.prototype, 'grow');
    const batch = randomPairs(network, [[60, 60], [50, 40], [60, 60], [60, 60]], 1);
    engine.trace(batch, { flow: 'with-flow' });
    expect(grow).toHaveBeenCalled();
    grow.mockClear();
    for (let i = 0; i < 3; i++) engine.trace(batch, { flow: 'with-flow' });
    expect(grow).not.toHaveBeenCalled();
    engine.dispose();
  });
});

/** The rows of pair b in [T,B,F] or [T,B], up to its length and to its first `width` features. */
function rowsOf({ shape, data }: Tensor, b: number, length: number, width = 1): Tensor {
  const [, sequences = 0, whole = 1] = shape;
  return { dtype: 'F64', shape: [], data: Float64Array.from({ length: length * width }, (_, i) => Number(data[(Math.floor(i / width) * sequences + b) * whole + (i % width)])) };
}

import { describe, expect, it } from 'vitest';
import type { Batch } from '../../../src/engine/engine';
import type { Tensor, Tensors } from '../../../src/shared/tensor';
import type { Architecture } from '../../../src/spec/architecture';
import type { LayerSpec } from '../../../src/spec/schema';
import { engines } from '../../engines';
import { architecture, largestError, layer, numbersOf, randomBatch, started } from './support';

const lengths = [6, 2, 5, 1];
const stacks: [string, LayerSpec[]][] = [
  ['tanh RNN', [layer('rnn', 5)]],
  ['bidirectional LSTM', [layer('lstm', 4, { bidirectional: true })]],
  ['bidirectional GRU under an LSTM', [layer('gru', 3, { bidirectional: true, resetAfter: false }), layer('lstm', 5)]],
  ['residual, highway and dense stack', [layer('gru', 4), layer('lstm', 2, { bidirectional: true, connection: 'residual' }), layer('rnn', 4, { connection: 'highway' }), layer('gru', 3, { connection: 'dense' })]],
];
const losses = ['tokens', 'values', 'class'] as const;
const networkOf = (layers: LayerSpec[], loss: Architecture['loss']) => architecture(layers, loss === 'values' ? { features: 3, outputs: 2, loss } : { vocabulary: 7, embedding: loss === 'class' ? 0 : 4, loss });

/** Sequence b of a batch by itself, at its own length. */
function alone({ steps, sequences, inputs, targets }: Batch, b: number, length: number): Batch {
  const pick = <A extends Int32Array | Float64Array>(data: A): A => {
    if (data.length === sequences) return data.slice(b, b + 1) as A; // one class a sequence
    const width = data.length / (steps * sequences);
    return data.filter((_, i) => Math.floor(i / width) % sequences === b && i / width < length * sequences) as A;
  };
  return { steps: length, sequences: 1, inputs: pick(inputs), targets: pick(targets) };
}

/** The rows of sequence b in [T,B,F] or [T,B], up to its length. */
function rowsOf({ shape, data }: Tensor, b: number, length: number): Tensor {
  const [, sequences = 0, width = 1] = shape;
  return { dtype: 'F64', shape: [length, 1, ...shape.slice(2)], data: Float64Array.from(data, Number).filter((_, i) => Math.floor(i / width) % sequences === b && i < length * sequences * width) };
}

describe.each(engines)('padding, $name engine', (engineKind) => {
  const tolerance = engineKind.name === 'reference' ? 1e-12 : 2e-5;

  describe.each(stacks)('%s', (_, layers) => {
    it.each(losses)('gives each sequence what it would have by itself, loss %s', async (loss) => {
      const network = networkOf(layers, loss);
      const engine = await started(engineKind, network);
      const batch = randomBatch(network, 6, 4, 2, lengths);
      const together = engine.trace(batch, { flow: 'with-flow' });
      const weightOf = (length: number) => (loss === 'class' ? 1 : length);
      const positions = lengths.reduce((sum, length) => sum + weightOf(length), 0);

      const gradients = new Map<string, Float64Array>();
      lengths.forEach((length, b) => {
        const single = engine.trace(alone(batch, b, length), { flow: 'without-flow' });
        const share = weightOf(length) / positions;
        const [states, expected]: [Tensors, Tensors] = [new Map(), new Map()];
        for (const [name, tensor] of single) {
          if (name.startsWith('grad.param.')) {
            const sum = gradients.get(name) ?? new Float64Array(tensor.data.length);
            sum.forEach((value, i) => (sum[i] = value + share * Number(tensor.data[i])));
            gradients.set(name, sum);
          } else if (name.startsWith('layer')) {
            states.set(name, rowsOf(together.get(name)!, b, length));
            // A mean over fewer positions makes each derivative larger.
            const scale = name.includes('.grad.') ? share : 1;
            expected.set(name, { ...tensor, data: Float64Array.from(numbersOf(tensor), (value) => value * scale) });
          }
        }
        expect(largestError(states, expected).error, `sequence ${b}, ${largestError(states, expected).name}`).toBeLessThan(tolerance);
      });
      const expectedGradients: Tensors = new Map([...gradients].map(([name, data]) => [name, { dtype: 'F64', shape: [data.length], data }]));
      expect(largestError(together, expectedGradients).error, largestError(together, expectedGradients).name).toBeLessThan(tolerance);
      engine.dispose();
    });
  });

  it('lets nothing that stands in the padding count', async () => {
    const network = architecture([layer('lstm', 4, { bidirectional: true }), layer('gru', 8, { connection: 'residual' })], { features: 3, outputs: 2 });
    const engine = await started(engineKind, network);
    const batch = randomBatch(network, 6, 4, 2, lengths);
    const scribbled = { ...batch, inputs: batch.inputs.slice(), targets: batch.targets.slice() };
    for (const [data, width] of [[scribbled.inputs, 3], [scribbled.targets, 2]] as const) {
      data.forEach((_, i) => {
        const [t, b] = [Math.floor(i / width / 4), Math.floor(i / width) % 4];
        if (t >= lengths[b]!) data[i] = 1e3;
      });
    }
    expect(engine.trace(scribbled, { flow: 'with-flow' })).toEqual(engine.trace(batch, { flow: 'with-flow' }));
    expect(engine.evaluate(scribbled)).toEqual(engine.evaluate(batch));
    engine.dispose();
  });

  it('is zero in every trace of a padded position', async () => {
    const network = architecture([layer('gru', 4, { bidirectional: true }), layer('rnn', 8, { connection: 'highway' })]);
    const engine = await started(engineKind, network);
    const trace = engine.trace(randomBatch(network, 6, 4, 2, lengths), { flow: 'with-flow' });
    for (const [name, { shape, data }] of trace) {
      if (shape.length !== 3) continue;
      const width = shape[2]!;
      data.forEach((value, i) => {
        if (Math.floor(i / width / 4) >= lengths[Math.floor(i / width) % 4]!) expect(Number(value), name).toBe(0);
      });
    }
    engine.dispose();
  });

  it('carries the state of each sequence from its own end', async () => {
    const network = architecture([layer('lstm', 4), layer('gru', 3)]);
    const engine = await started(engineKind, network);
    const batch = randomBatch(network, 6, 4, 2, lengths);
    const state = engine.createState(4);
    engine.evaluate(batch, { state });
    for (const [b, length] of lengths.entries()) {
      const own = engine.createState(1);
      engine.evaluate(alone(batch, b, length), { state: own });
      for (const [name, { data }] of own.save()) {
        const units = data.length;
        const row = state.save().get(name)!.data.slice(b * units, (b + 1) * units);
        row.forEach((value, i) => expect(Number(value)).toBeCloseTo(Number(data[i]), 6));
      }
    }
    engine.dispose();
  });

  it('leaves positions without a target out of the loss and of its mean', async () => {
    for (const loss of ['tokens', 'values'] as const) {
      const network = networkOf([layer('gru', 4)], loss);
      const engine = await started(engineKind, network);
      const batch = randomBatch(network, 5, 2, 3);
      const width = loss === 'values' ? 2 : 1;
      const some = { ...batch, targets: batch.targets.map((value, i) => (Math.floor(i / width) < 6 ? (loss === 'values' ? NaN : -1) : value)) as typeof batch.targets };
      const { sum, positions } = engine.evaluate(some);
      expect(positions).toBe(4);
      // The last two timesteps of both sequences remain; read the same losses from a full trace.
      const perPosition = engine.trace(batch, { flow: 'without-flow' }).get('loss.position')!.data;
      expect(sum).toBeCloseTo(2 * (Number(perPosition[3]) + Number(perPosition[4])), 5);
      engine.dispose();
    }
  });
});

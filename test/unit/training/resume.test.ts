import { describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors } from '../../../src/shared/safetensors';
import { TrainingSession, type StepResult } from '../../../src/training/trainingSession';
import { engines } from '../../engines';
import { bits, smallData, smallEngine, smallSpec } from './support';

/** Trains for some steps, evaluating where that is due. */
function advance(session: TrainingSession, steps: number): StepResult[] {
  return Array.from({ length: steps }, () => {
    const result = session.step();
    if (session.evaluationDue) Array.from(session.evaluate());
    return result;
  });
}

const variants = {
  'a stateful training': {},
  'a training without carried state': { stateful: false },
  'a plateau schedule with early stopping': { schedule: { kind: 'plateau', patience: 1 }, evaluateEvery: 2, patience: 50 },
  'a cosine schedule': { schedule: { kind: 'cosine', warmup: 3 } },
  'momentum with weight decay': { optimizer: { kind: 'sgd', learningRate: 0.1, momentum: 0.9, weightDecay: 0.01 } },
  'value clipping': { clip: { kind: 'value', threshold: 0.01 }, optimizer: { kind: 'rmsprop', learningRate: 0.01 } },
};

describe.each(engines)('resuming with the $name engine', ({ name, create }) => {
  it.each(Object.entries(variants))('continues %s bit for bit, also over the end of an epoch', async (_, training) => {
    const layers = [{ cell: 'lstm', units: 6, dropout: 0.3 }, { cell: 'gru', units: 5 }];
    const spec = smallSpec(training, layers);
    const data = smallData();
    const straight = new TrainingSession({ training: spec.training, data, engine: await smallEngine(spec, create) });
    const straightResults = advance(straight, 25);

    const before = new TrainingSession({ training: spec.training, data: smallData(), engine: await smallEngine(spec, create) });
    const firstResults = advance(before, 11);
    const file = encodeSafetensors(before.checkpoint());
    const after = new TrainingSession({ training: spec.training, data: smallData(), engine: await smallEngine(smallSpec({ seed: 99 }, layers), create), resume: decodeSafetensors(file).tensors });
    const laterResults = advance(after, 14);

    expect([...firstResults, ...laterResults]).toEqual(straightResults);
    expect(bits(after.checkpoint())).toEqual(bits(straight.checkpoint()));
    // Twenty-five steps cross an epoch, so the test covers the reset at its end.
    expect(data.trainingBatches(spec.training).perEpoch).toBeLessThan(25);
  });

  it('leaves a session as it was when a step is abandoned', async () => {
    // The fast engine asks about every 20 ms only, so its step has to be long enough.
    const spec = name === 'wasm' ? smallSpec({ batch: 32, window: 100 }, [{ cell: 'lstm', units: 256 }]) : smallSpec();
    const data = smallData(30_000);
    const session = new TrainingSession({ training: spec.training, data, engine: await smallEngine(spec, create) });
    advance(session, 2);
    const before = bits(session.checkpoint());
    let calls = 0;
    expect(() =>
      session.step(() => {
        if (++calls === 2) throw new Error('abandoned');
      }),
    ).toThrow('abandoned');
    expect(bits(session.checkpoint())).toEqual(before);
    expect(session.step().step).toBe(3);
  }, 60_000);

  it('evaluates with the exact mean over all held-out positions, without touching the training state', async () => {
    const spec = smallSpec();
    const data = smallData();
    const session = new TrainingSession({ training: spec.training, data, engine: await smallEngine(spec, create) });
    advance(session, 4);
    const before = session.engine.parameters();
    const evaluation = session.evaluate();
    let next = evaluation.next();
    while (!next.done) next = evaluation.next();

    let sum = 0;
    let positions = 0;
    let state = session.engine.createState(3);
    for (const { batch, state: from } of data.validationBatches(spec.training)) {
      if (from === 'reset') state = session.engine.createState(batch.sequences);
      const part = session.engine.evaluate(batch, { state });
      sum += part.sum;
      positions += part.positions;
    }
    expect(next.value).toBe(sum / positions);
    expect(bits(session.engine.parameters())).toEqual(bits(before));
  });
});

describe('a checkpoint of another model', () => {
  it('is refused with the parameter that does not fit', async () => {
    const [{ create }] = engines as [typeof engines[0] & object];
    const spec = smallSpec();
    const other = smallSpec({}, [{ cell: 'lstm', units: 4 }, { cell: 'gru', units: 5 }]);
    const session = new TrainingSession({ training: spec.training, data: smallData(), engine: await smallEngine(spec, create) });
    const engine = await smallEngine(other, create);
    expect(() => new TrainingSession({ training: other.training, data: smallData(), engine, resume: session.checkpoint() })).toThrow('layers.0.weight_ih_l0 has the shape [24, 5], but the model needs [16, 5]');
  });

  it('is refused when it holds parameters only', async () => {
    const [{ create }] = engines as [typeof engines[0] & object];
    const spec = smallSpec();
    const engine = await smallEngine(spec, create);
    expect(() => new TrainingSession({ training: spec.training, data: smallData(), engine, resume: engine.parameters() })).toThrow('a training cannot go on from it');
  });
});

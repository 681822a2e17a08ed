import { describe, expect, it } from 'vitest';
import type { Engine, StepReport } from '../../../src/engine/engine';
import { createReferenceEngine } from '../../../src/engine/reference/referenceEngine';
import type { Tensors } from '../../../src/shared/tensor';
import { runTraining, type LoopHooks, type LoopOptions, type Outcome } from '../../../src/training/trainingLoop';
import { TrainingSession } from '../../../src/training/trainingSession';
import { bits, smallData, smallEngine, smallSpec } from './support';

interface Course {
  readonly outcome: Outcome;
  readonly steps: number[];
  readonly evaluations: number[];
  readonly stored: Map<number, Tensors>;
}

interface Plan {
  readonly training?: object;
  readonly engine?: (engine: Engine) => Engine;
  readonly hooks?: Partial<LoopHooks>;
  readonly options?: Partial<LoopOptions>;
  readonly stopAt?: number;
}

async function train({ training = {}, engine: wrap = (engine) => engine, hooks = {}, options = {}, stopAt = Infinity }: Plan): Promise<Course> {
  const spec = smallSpec(training);
  const engine = wrap(await smallEngine(spec, (architecture) => Promise.resolve(createReferenceEngine(architecture))));
  const session = new TrainingSession({ training: spec.training, data: smallData(), engine });
  const steps: number[] = [];
  const evaluations: number[] = [];
  const stored = new Map<number, Tensors>();
  const stopRequested = () => steps.length >= stopAt;
  const outcome = await runTraining(
    session,
    {
      turn: () => Promise.resolve(),
      alive: () => {
        if (stopRequested()) throw new Error('stop');
      },
      stopRequested,
      now: () => performance.now(),
      onStep: ({ step }) => steps.push(step),
      onEvaluation: (step) => evaluations.push(step),
      store: async (step, checkpoint) => void stored.set(step, checkpoint),
      ...hooks,
    },
    { clipped: 'clips', storeBest: 'on-beat-only', ...options },
  );
  return { outcome, steps, evaluations, stored };
}

/** An engine whose step reports are changed from the given call on. */
function reporting(from: number, change: Partial<StepReport>): (engine: Engine) => Engine {
  return (engine) => {
    let calls = 0;
    const step = engine.step.bind(engine);
    engine.step = (...all) => ({ ...step(...all), ...(++calls >= from ? change : {}) });
    return engine;
  };
}

describe('a training', () => {
  it('makes all its steps, evaluates and stores on the beat, and at the end', async () => {
    const { outcome, steps, evaluations, stored } = await train({ training: { steps: 25, evaluateEvery: 10, checkpointEvery: 7 } });
    expect(outcome).toMatchObject({ state: 'done', step: 25 });
    expect(steps).toEqual(Array.from({ length: 25 }, (_, i) => i + 1));
    expect(evaluations).toEqual([10, 20, 25]);
    expect([...stored.keys()]).toEqual([0, 7, 14, 21, 25]);
  });

  it('stops between steps with a checkpoint of the last whole one', async () => {
    const { outcome, steps, stored } = await train({ training: { checkpointEvery: 1000 }, stopAt: 12 });
    expect(outcome).toMatchObject({ state: 'stopped', step: 12 });
    expect(steps).toHaveLength(12);
    expect([...stored.keys()]).toEqual([0, 12]);
  });

  it('reaches the same weights whether it evaluates or not', async () => {
    const some = await train({ training: { evaluateEvery: 3 } });
    const none = await train({ training: { evaluateEvery: 30 } });
    const weights = ({ stored }: Course) => bits(new Map([...stored.get(30)!].filter(([name]) => name.startsWith('layers.'))));
    expect(weights(some)).toEqual(weights(none));
  });

  it('stops early after `patience` evaluations that were no better, and keeps the best weights', async () => {
    const { outcome, evaluations, stored } = await train({
      training: { steps: 400, evaluateEvery: 2, patience: 3, optimizer: { kind: 'sgd', learningRate: 30 }, clip: { kind: 'norm', threshold: 5 }, checkpointEvery: 1000 },
      options: { storeBest: 'store-best' },
    });
    expect(outcome.state).toBe('done');
    expect(outcome.step).toBeLessThan(400);
    const best = evaluations.at(-4)!;
    expect(stored.has(best)).toBe(true);
  });

  it.each([
    ['loss', { loss: NaN }, 'the loss became not a number'],
    ['gradient norm', { gradNorm: Infinity }, 'the gradient norm became infinite'],
  ])('ends as diverged when the %s is not finite, keeping the last good checkpoint', async (_, change, message) => {
    const { outcome, steps, stored } = await train({ training: { checkpointEvery: 4 }, engine: reporting(10, change) });
    expect(outcome.state).toBe('diverged');
    expect(outcome.reason).toContain(`at step 10 ${message}`);
    expect(outcome.reason).toContain('Lower the learning rate (now 0.01) or clip at a smaller threshold.');
    expect(steps.at(-1)).toBe(10);
    expect([...stored.keys()]).toEqual([0, 4, 8]);
  });

  it('does not store parameters that are no longer finite', async () => {
    const { outcome, stored } = await train({
      training: { checkpointEvery: 4 },
      engine: (engine) => {
        const parameters = engine.parameters.bind(engine);
        let calls = 0;
        engine.parameters = () => {
          const all = parameters();
          if (++calls === 3) all.get('output.bias')!.data[2] = Infinity;
          return all;
        };
        return engine;
      },
    });
    expect(outcome).toMatchObject({ state: 'diverged', reason: expect.stringContaining('at step 8 output.bias is no longer finite') });
    expect([...stored.keys()]).toEqual([0, 4]);
  });

  it('ends as failed with the reason when a checkpoint cannot be stored', async () => {
    const saved: number[] = [];
    const { outcome, steps } = await train({
      training: { checkpointEvery: 5 },
      hooks: {
        store: async (step) => {
          if (step === 10) throw new Error('The disk is full.');
          saved.push(step);
        },
      },
    });
    expect(outcome).toMatchObject({ state: 'failed', reason: 'The disk is full.' });
    expect(saved).toEqual([0, 5]);
    expect(steps.length).toBeLessThan(16);
  });

  it('goes on while a checkpoint is being stored, but never has two under way', async () => {
    let underWay = 0;
    const { outcome } = await train({
      training: { checkpointEvery: 1 },
      hooks: {
        store: async () => {
          expect(++underWay).toBe(1);
          await new Promise((resolve) => setTimeout(resolve, 1));
          underWay--;
        },
      },
    });
    expect(outcome.state).toBe('done');
    expect(underWay).toBe(0);
  });

  it('passes on errors that nobody asked for', async () => {
    const broken = (engine: Engine): Engine => {
      engine.step = () => {
        throw new RangeError('no such kernel');
      };
      return engine;
    };
    await expect(train({ engine: broken })).rejects.toThrow('no such kernel');
  });
});

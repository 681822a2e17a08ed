import type { Checkpointed } from '../engine/engine';
import type { Tensors } from '../shared/tensor';
import { parameterShapes, type Architecture } from '../spec/architecture';
import { isCheckpointStep } from './cadence';
import { divergence } from './divergence';
import type { StepResult, TrainingSession } from './trainingSession';

/** The world around a training loop. */
export interface LoopHooks {
  /** Resolves when it is this training's turn again: other trainings and requests come in between. */
  turn(): Promise<void>;
  /** Throws when the training is to stop; asked during long work. */
  readonly alive: Checkpointed;
  /** The same question between updates. */
  stopRequested(): boolean;
  /** Milliseconds from any fixed point. */
  now(): number;
  /** After each update, which took so many seconds. */
  onStep(result: StepResult, tokensPerSecond: number, seconds: number): void;
  onEvaluation(step: number, validationLoss: number): void;
  /** Resolves when the checkpoint is safe; a rejection ends the training as `failed`. */
  store(step: number, checkpoint: Tensors): Promise<void>;
}

export interface Outcome {
  readonly state: 'done' | 'stopped' | 'diverged' | 'failed';
  readonly step: number;
  /** Over all updates, without evaluations and waiting. */
  readonly tokensPerSecond: number;
  readonly reason?: string;
}

export interface LoopOptions {
  readonly clipped: 'clips' | 'does-not-clip';
  /** Stored also when so many milliseconds have passed since the last checkpoint. */
  readonly storeAfter?: number;
  /** Stored also when an evaluation is the best so far. */
  readonly storeBest: 'store-best' | 'on-beat-only';
}

/** Updates follow each other for so many milliseconds before others get a turn. */
const slice = 8;

/**
 * Runs a session to its end: update, evaluate when due, store when due, and give way between
 * slices of about 8 ms (or one update, if that takes longer). A stop leaves a checkpoint of the last whole update.
 */
export async function runTraining(session: TrainingSession, hooks: LoopHooks, options: LoopOptions): Promise<Outcome> {
  const speed = speedometer();
  const store = storeInBackground(hooks);
  const outcome = (state: Outcome['state'], reason?: string): Outcome => ({ state, step: session.progress.step, tokensPerSecond: speed.overall(), reason });

  try {
    if (session.progress.step === 0) await store.write(session);
    while (!session.finished || session.evaluationDue) {
      await hooks.turn();
      store.check();
      const reason = session.evaluationDue ? await evaluate(session, hooks) : takeSteps(session, hooks, options, speed);
      if (reason !== undefined) {
        await store.settle();
        return outcome('diverged', reason);
      }
      const { step, bestStep, evaluatedStep } = session.progress;
      const best = options.storeBest === 'store-best' && evaluatedStep === step && bestStep === step;
      const late = options.storeAfter !== undefined && hooks.now() - store.lastAt() > options.storeAfter;
      if (!session.evaluationDue && (isCheckpointStep(session.cadence, step) || best || late || session.finished)) await store.write(session);
    }
    await store.settle();
    return outcome('done');
  } catch (error) {
    if (error instanceof Diverged) return outcome('diverged', error.message);
    const failed = error instanceof StorageFailure;
    if (!failed && !hooks.stopRequested()) throw error;
    try {
      if (!failed) await store.write(session);
      await store.settle();
    } catch (late) {
      return outcome('failed', (late as Error).message);
    }
    return failed ? outcome('failed', error.message) : outcome('stopped');
  }
}

/** Updates for one slice, at most up to the next evaluation or checkpoint. Returns why the training diverged, if it did. */
function takeSteps(session: TrainingSession, hooks: LoopHooks, options: LoopOptions, speed: Speedometer): string | undefined {
  const sliceEnd = hooks.now() + slice;
  let before = hooks.now();
  do {
    hooks.alive();
    const result = session.step(hooks.alive);
    const after = hooks.now();
    speed.add(result.tokens, after - before);
    hooks.onStep(result, speed.recent(), (after - before) / 1000);
    before = after;
    const reason = divergence(result, options.clipped);
    if (reason !== undefined) return reason;
  } while (before < sliceEnd && !session.finished && !session.evaluationDue && !isCheckpointStep(session.cadence, session.progress.step));
  return undefined;
}

async function evaluate(session: TrainingSession, hooks: LoopHooks): Promise<string | undefined> {
  const evaluation = session.evaluate(hooks.alive);
  let sliceEnd = hooks.now() + slice;
  let next = evaluation.next();
  while (!next.done) {
    if (hooks.now() >= sliceEnd) {
      await hooks.turn();
      hooks.alive();
      sliceEnd = hooks.now() + slice;
    }
    next = evaluation.next();
  }
  const loss = next.value;
  if (loss === undefined) return undefined;
  hooks.onEvaluation(session.progress.step, loss);
  return Number.isFinite(loss) ? undefined : `Training diverged: the validation loss at step ${session.progress.step} is not finite. Lower the learning rate or clip the gradients.`;
}

/** Found while a checkpoint was taken, which is then not stored: those before it stay the last good ones. */
class Diverged extends Error {}

/** Storing failed: not the training's fault, and what was stored before stays. */
class StorageFailure extends Error {}

interface BackgroundStore {
  /** Takes a checkpoint now and stores it while the training goes on; one at a time. A step that is stored already is left out. */
  write(session: TrainingSession): Promise<void>;
  /** Throws when a store has failed. */
  check(): void;
  settle(): Promise<void>;
  /** When the newest checkpoint was taken. */
  lastAt(): number;
}

function storeInBackground(hooks: LoopHooks): BackgroundStore {
  let storing: Promise<void> = Promise.resolve();
  let failure: StorageFailure | undefined;
  let lastStep = -1;
  let lastAt = hooks.now();
  const check = (): void => {
    if (failure) throw failure;
  };
  const settle = async (): Promise<void> => {
    await storing;
    check();
  };
  return {
    check,
    settle,
    lastAt: () => lastAt,
    async write(session) {
      await settle();
      const { step } = session.progress;
      if (step === lastStep) return;
      const checkpoint = session.checkpoint();
      const bad = firstNotFinite(checkpoint, session.engine.architecture);
      if (bad !== undefined) throw new Diverged(`Training diverged: at step ${step} ${bad} is no longer finite. Lower the learning rate or clip the gradients.`);
      lastStep = step;
      lastAt = hooks.now();
      storing = hooks.store(step, checkpoint).catch((error: unknown) => {
        failure = new StorageFailure(error instanceof Error ? error.message : String(error));
      });
    },
  };
}

/** Name of the first parameter that holds an infinity or a NaN. */
function firstNotFinite(checkpoint: Tensors, architecture: Architecture): string | undefined {
  return parameterShapes(architecture).find(({ name }) => {
    const data = checkpoint.get(name)?.data;
    return (data instanceof Float32Array || data instanceof Float64Array) && !allFinite(data);
  })?.name;
}

function allFinite(values: Float32Array | Float64Array): boolean {
  let sum = 0;
  // x − x is 0 for finite numbers and NaN for all others; one branch for the whole array.
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    sum += value - value;
  }
  return sum === 0;
}

interface Speedometer {
  add(tokens: number, milliseconds: number): void;
  /** Tokens a second over the last second or two. */
  recent(): number;
  overall(): number;
}

function speedometer(): Speedometer {
  const all = { tokens: 0, milliseconds: 0 };
  const window = { tokens: 0, milliseconds: 0 };
  const rate = ({ tokens, milliseconds }: typeof all): number => (milliseconds > 0 ? (tokens / milliseconds) * 1000 : 0);
  return {
    add(tokens, milliseconds) {
      for (const sum of [all, window]) {
        sum.tokens += tokens;
        sum.milliseconds += milliseconds;
      }
      if (window.milliseconds > 2000) {
        window.tokens /= 2;
        window.milliseconds /= 2;
      }
    },
    recent: () => rate(window),
    overall: () => rate(all),
  };
}

import type { PlannedBatch, TaskData, TrainingBatches } from '../data/task';
import type { Checkpointed, Engine, RecurrentState, StepReport, UpdateRule } from '../engine/engine';
import { Random } from '../shared/random';
import type { Tensors } from '../shared/tensor';
import type { TrainingSpec } from '../spec/schema';
import { cadenceOf, type Cadence } from './cadence';
import { afterEvaluation, learningRateAt } from './schedule';
import { fromTensors, freshProgress, toTensors, type Progress } from './sessionState';

/** What a session trains with. */
export interface SessionParts {
  readonly training: TrainingSpec;
  readonly data: TaskData;
  /** With its initial parameters; the session does not dispose of it. */
  readonly engine: Engine;
  /** Tensors of `checkpoint()` to go on from. */
  readonly resume?: Tensors;
}

/** One update. */
export interface StepResult extends StepReport {
  /** Updates made, this one included. */
  readonly step: number;
  readonly learningRate: number;
  /** Timesteps trained on, padding left out. */
  readonly tokens: number;
}

/**
 * One training of one spec, update by update: batches, state carry, schedule, evaluation.
 * A checkpoint taken between updates and given to a new session goes on bit for bit.
 */
export class TrainingSession {
  readonly cadence: Cadence;
  readonly #training: TrainingSpec;
  readonly #data: TaskData;
  readonly #engine: Engine;
  readonly #batches: TrainingBatches;
  #state: RecurrentState | undefined;
  #rule: UpdateRule | undefined;
  #progress: Progress;

  /** Throws a DataError when batch or window do not fit the data, a CheckpointError when `resume` does not fit. */
  constructor({ training, data, engine, resume }: SessionParts) {
    this.#training = training;
    this.#data = data;
    this.#engine = engine;
    this.#batches = data.trainingBatches(training);
    this.cadence = cadenceOf(training, this.#batches.perEpoch, Math.ceil(data.positions.validation / (training.batch * training.window)));
    this.#progress = freshProgress(training.seed);
    if (resume) this.#restore(resume);
  }

  get progress(): Progress {
    return this.#progress;
  }

  get engine(): Engine {
    return this.#engine;
  }

  /** All updates are made, or early stopping has ended the training. */
  get finished(): boolean {
    const { step, evaluationsSinceBest } = this.#progress;
    return step >= this.cadence.steps || (this.#training.patience !== undefined && evaluationsSinceBest >= this.#training.patience);
  }

  /** An evaluation belongs here and was not made yet. */
  get evaluationDue(): boolean {
    const { step, evaluatedStep } = this.#progress;
    return step > evaluatedStep && (step % this.cadence.evaluateEvery === 0 || this.finished);
  }

  /** One update. When `alive` throws, the session is as it was before. */
  step(alive?: Checkpointed): StepResult {
    const { step, seed, plateau } = this.#progress;
    const planned = this.#batches.at(step);
    const learningRate = learningRateAt(this.#training, step, this.cadence.steps, plateau);
    // The same object as long as the rate stays: engines prepare an update once for each rule.
    if (this.#rule?.optimizer.learningRate !== learningRate) this.#rule = { optimizer: { ...this.#training.optimizer, learningRate }, clip: this.#training.clip };
    this.#state = stateFor(this.#engine, planned, this.#state);
    const report = this.#engine.step(planned.batch, this.#rule, { state: this.#state, seed: Random.fromSeed(seed, 1 + step).next(), alive });
    this.#progress = { ...this.#progress, step: step + 1, recentLossSum: this.#progress.recentLossSum + report.loss, recentSteps: this.#progress.recentSteps + 1 };
    return { ...report, step: step + 1, learningRate, tokens: timesteps(planned.batch) };
  }

  /**
   * Evaluates the held-out part from a state of its own, yielding between batches; returns the exact
   * mean loss, or undefined when nothing is held out. Then schedule and early stopping have seen it
   * (the mean training loss since the last evaluation, when nothing is held out).
   */
  *evaluate(alive?: Checkpointed): Generator<void, number | undefined> {
    let state: RecurrentState | undefined;
    let sum = 0;
    let positions = 0;
    for (const planned of this.#data.validationBatches(this.#training)) {
      state = stateFor(this.#engine, planned, state);
      const part = this.#engine.evaluate(planned.batch, { state, alive });
      sum += part.sum;
      positions += part.positions;
      yield;
    }
    const validationLoss = positions > 0 ? sum / positions : undefined;
    this.#monitor(validationLoss ?? this.#progress.recentLossSum / Math.max(1, this.#progress.recentSteps));
    return validationLoss;
  }

  /** Everything the training needs to go on; see `toTensors` for the names. */
  checkpoint(): Tensors {
    const continues = this.#batches.at(this.#progress.step).state === 'continue';
    return toTensors({
      parameters: this.#engine.parameters(),
      optimizer: this.#engine.optimizerState(),
      recurrent: continues ? this.#state?.save() : undefined,
      progress: this.#progress,
    });
  }

  #monitor(loss: number): void {
    const before = this.#progress;
    const better = loss < before.bestLoss;
    this.#progress = {
      ...before,
      evaluatedStep: before.step,
      bestLoss: better ? loss : before.bestLoss,
      bestStep: better ? before.step : before.bestStep,
      evaluationsSinceBest: better ? 0 : before.evaluationsSinceBest + 1,
      plateau: afterEvaluation(this.#training.schedule, loss, before.plateau),
      recentLossSum: 0,
      recentSteps: 0,
    };
  }

  #restore(tensors: Tensors): void {
    const { parameters, optimizer, recurrent, progress } = fromTensors(tensors, this.#engine.architecture);
    this.#engine.setParameters(parameters);
    this.#engine.setOptimizerState(optimizer);
    const sequences = [...(recurrent?.values() ?? [])][0]?.shape[0];
    if (recurrent && sequences !== undefined) {
      this.#state = this.#engine.createState(sequences);
      this.#state.restore(recurrent);
    }
    this.#progress = progress;
  }
}

/** The state a batch starts from: the one before, or zeros; made anew when the number of sequences changes. */
function stateFor(engine: Engine, { batch, state }: PlannedBatch, before: RecurrentState | undefined): RecurrentState {
  if (before?.sequences !== batch.sequences) return engine.createState(batch.sequences);
  if (state === 'reset') before.reset();
  return before;
}

/** Of source and target together, where there are two. */
function timesteps({ steps, sequences, lengths, source }: PlannedBatch['batch']): number {
  const own = lengths ? lengths.reduce((sum, length) => sum + length, 0) : steps * sequences;
  return source ? own + timesteps({ ...source, sequences, targets: source.inputs }) : own;
}

import { rm, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Prepared, StepBatch } from '../engineHost/service';
import type { Evaluation, MetricsColumns, RunInfo } from '../shared/run';
import { checkpointsToDrop, mostCheckpoints } from '../training/cadence';
import type { Outcome } from '../training/trainingLoop';
import type { RunChange, RunEvent } from './api';
import { storageMessage, type WriteFile } from './atomicWrite';
import { checkpointPath, metricsFile } from './folder';
import { formatEvent, MetricsWriter } from './metricsFile';
import { formatRecord, infoOf, recordPath, trainedHere, type RunRecord } from './record';

/** Checkpoints of one run take at most about so much of the disk (and are at least three). */
const checkpointBudget = 4 * 2 ** 30;

export interface ActiveRunParts {
  readonly run: string;
  readonly record: RunRecord;
  readonly prepared: Prepared;
  readonly checkpoints: readonly number[];
  readonly write: WriteFile;
  readonly onChange: (change: RunChange) => void;
  readonly onEvent?: (event: RunEvent) => void;
}

/**
 * The folder of a run while it trains. Everything is written one after the other in the order in
 * which it happened, so that the curve on disk always reaches as far as the newest checkpoint.
 */
export class ActiveRun {
  readonly #parts: ActiveRunParts;
  readonly #metrics: MetricsWriter;
  #record: RunRecord;
  #checkpoints: number[];
  #best: Evaluation | undefined;
  #writing: Promise<void> = Promise.resolve();
  #failure: string | undefined;

  private constructor(parts: ActiveRunParts, metrics: MetricsWriter) {
    this.#parts = parts;
    this.#record = parts.record;
    this.#checkpoints = [...parts.checkpoints];
    this.#metrics = metrics;
  }

  /** Opens the folder for a training. Rejects with the file system's error. */
  static async open(parts: ActiveRunParts): Promise<ActiveRun> {
    const metrics = await MetricsWriter.open(join(parts.run, metricsFile));
    const active = new ActiveRun(parts, metrics);
    try {
      await parts.write(recordPath(parts.run), formatRecord(parts.record));
    } catch (error) {
      await metrics.close();
      throw error;
    }
    trainedHere.add(parts.run);
    const { name, step, steps, parameters, seed } = parts.record;
    active.#log({ event: 'start', run: parts.run, name, step, steps, parameters, seed, time: Date.now() });
    active.#changed();
    return active;
  }

  get info(): RunInfo {
    return infoOf(this.#parts.run, this.#record, this.#checkpoints);
  }

  /** Why the folder cannot be written any more; the training should stop. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Resolves when everything up to now is on disk. */
  written(): Promise<void> {
    return this.#writing;
  }

  steps({ columns, tokensPerSecond }: StepBatch): void {
    const rate = Number(tokensPerSecond.toPrecision(4));
    const events = eventsOf(columns, rate);
    this.#log(...events);
    const last = columns.step.length - 1;
    this.#update({ step: columns.step[last], loss: columns.loss[last], gradNorm: columns.gradNorm[last], tokensPerSecond: rate });
    this.#changed({ columns });
  }

  evaluation(evaluation: Evaluation): void {
    this.#log({ event: 'evaluation', step: evaluation.step, validationLoss: finite(evaluation.validationLoss) });
    if (!this.#best || evaluation.validationLoss < this.#best.validationLoss) this.#best = evaluation;
    this.#update({ validationLoss: evaluation.validationLoss });
    this.#changed({ evaluations: [evaluation] });
  }

  /** Stores a checkpoint and thins out the older ones. Rejects with a message for a person. */
  async checkpoint(step: number, file: Uint8Array): Promise<void> {
    const { run, write } = this.#parts;
    const path = checkpointPath(run, step);
    await this.#queue(path, async () => {
      await this.#metrics.sync();
      await write(path, file);
    });
    if (this.#failure !== undefined) throw new Error(this.#failure);
    this.#checkpoints = [...this.#checkpoints.filter((stored) => stored !== step), step].sort((a, b) => a - b);
    this.#log({ event: 'checkpoint', step, file: relative(run, path) });
    await this.#thinOut(file.byteLength);
    await this.#queue(recordPath(run), () => write(recordPath(run), formatRecord({ ...this.#record, step })));
    this.#changed();
  }

  stopping(): void {
    if (this.#record.state !== 'running') return;
    this.#update({ state: 'stopping' });
    this.#changed();
  }

  /** Completes the folder. Never rejects: a full disk leaves what is there, and the run is read back as interrupted. */
  async end({ state, step, tokensPerSecond, reason }: Outcome): Promise<RunInfo> {
    const failed = this.#failure !== undefined && state !== 'diverged';
    this.#update({ state: failed ? 'failed' : state, reason: failed ? this.#failure : reason, step: Math.max(step, this.#record.step), endedAt: Date.now() });
    if (tokensPerSecond > 0) this.#update({ tokensPerSecond: Number(tokensPerSecond.toPrecision(4)) });
    const { loss, validationLoss } = this.#record;
    const nats = this.#parts.prepared.loss === 'tokens' ? (validationLoss ?? loss) : undefined;
    this.#log({
      event: 'done',
      run: this.#parts.run,
      state: this.#record.state,
      step: this.#record.step,
      loss: finite(loss),
      validationLoss: finite(validationLoss),
      ...(this.#parts.prepared.loss === 'tokens' && { bitsPerToken: finite(nats === undefined ? undefined : nats / Math.LN2) }),
      tokensPerSecond: finite(tokensPerSecond),
      reason: this.#record.reason,
    });
    const path = recordPath(this.#parts.run);
    await this.#writing;
    await this.#metrics.close().catch(() => undefined);
    await this.#parts.write(path, formatRecord(this.#record)).catch((error: unknown) => {
      if (this.#record.reason === undefined) this.#update({ reason: storageMessage(error, path) });
    });
    trainedHere.delete(this.#parts.run);
    this.#changed();
    return this.info;
  }

  async #thinOut(bytes: number): Promise<void> {
    const affordable = Math.max(3, Math.min(mostCheckpoints, Math.floor(checkpointBudget / bytes)));
    const best = this.#best?.step;
    for (const step of checkpointsToDrop(this.#checkpoints, best === undefined ? [] : [best], affordable)) {
      await rm(checkpointPath(this.#parts.run, step), { force: true }).catch(() => undefined);
      this.#checkpoints = this.#checkpoints.filter((stored) => stored !== step);
    }
  }

  #log(...events: readonly RunEvent[]): void {
    for (const event of events) this.#parts.onEvent?.(event);
    void this.#queue(join(this.#parts.run, metricsFile), () => this.#metrics.append(events.map(formatEvent).join('')));
  }

  /** After the first failure nothing more is written: what is on disk is whole, and must stay so. */
  #queue(path: string, act: () => Promise<unknown>): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      if (this.#failure !== undefined) return;
      try {
        await act();
      } catch (error) {
        this.#failure = storageMessage(await explained(error, this.#parts.run), path);
      }
    });
    return this.#writing;
  }

  #update(change: Partial<RunRecord>): void {
    this.#record = { ...this.#record, ...change };
  }

  #changed(news: Pick<RunChange, 'columns' | 'evaluations'> = {}): void {
    this.#parts.onChange({ info: this.info, ...news });
  }
}

/** A file that cannot be written because its folder was deleted is told as such. */
async function explained(error: unknown, run: string): Promise<unknown> {
  return stat(run).then(
    () => error,
    (missing: unknown) => missing,
  );
}

function eventsOf({ step, loss, gradNorm, clipped, normAfter, largestParameter, largestShare, clipAngle, learningRate, seconds, tokens }: MetricsColumns, tokensPerSecond: number): RunEvent[] {
  return Array.from(step, (number, i) => ({
    event: 'step',
    step: number,
    loss: finite(loss[i]),
    gradNorm: finite(gradNorm[i]),
    clipped: clipped[i] === 1,
    ...(normAfter && { normAfter: finite(normAfter[i]) }),
    ...(largestParameter && { largestParameter: largestParameter[i], largestShare: rounded(largestShare?.[i]) }),
    ...(clipAngle && Number.isFinite(clipAngle[i]) && { clipAngle: Number(clipAngle[i]?.toPrecision(4)) }),
    learningRate: learningRate[i] ?? 0,
    tokensPerSecond,
    ...(seconds && { seconds: Number(seconds[i]?.toPrecision(4)) }),
    ...(tokens && { tokens: tokens[i] }),
  }));
}

function rounded(value: number | undefined): number | null {
  return finite(value === undefined ? undefined : Number(value.toPrecision(4)));
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}

import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import type { RunInfo } from '../shared/run';
import { RunError } from './api';
import { storedSteps } from './folder';
import { isRunning } from './processIdentity';

const number = z.number().optional();

/** `run.json`: what is known of a run beside its spec, curve and weights. */
const recordSchema = z.object({
  version: z.literal(1),
  name: z.string(),
  /** Path of the spec it was started from, relative to the run's folder. */
  spec: z.string(),
  state: z.enum(['running', 'stopping', 'done', 'stopped', 'interrupted', 'diverged', 'failed']),
  step: z.number(),
  steps: z.number(),
  seed: z.number(),
  threads: number,
  /** Given at the start in place of the spec's. */
  stepsGiven: number,
  parameters: z.number(),
  vocabulary: number,
  lossKind: z.enum(['tokens', 'values', 'class']),
  loss: number,
  validationLoss: number,
  gradNorm: number,
  tokensPerSecond: number,
  startedAt: z.number(),
  endedAt: number,
  reason: z.string().optional(),
  /** The beginning of a language model's held-out text. */
  sample: z.string().optional(),
  /** Held-out samples that can be inspected. */
  samples: number,
  references: z.array(z.object({ label: z.string(), loss: z.number() })),
  process: z.object({ pid: z.number(), host: z.string(), started: z.string().optional() }),
  versions: z.object({ unroll: z.string(), node: z.string(), engine: z.string() }),
});

export type RunRecord = z.infer<typeof recordSchema>;

/** States in which some process works on the run. */
export function isActive(state: RunInfo['state']): boolean {
  return state === 'running' || state === 'stopping';
}

export function recordPath(run: string): string {
  return join(run, 'run.json');
}

/** Reads `run.json`. Throws a RunError that names the file and says what to do. */
export async function readRecord(run: string): Promise<RunRecord> {
  const path = recordPath(run);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new RunError(`There is no run in ${run} (${path} does not exist). Name the folder of a run, or train the model.`, 'run-missing');
    throw new RunError(`${path} cannot be read (${code ?? String(error)}). Check its permissions.`, 'run-unreadable');
  }
  try {
    return recordSchema.parse(JSON.parse(text));
  } catch {
    throw new RunError(`${path} is damaged. The run's checkpoints are untouched in ${join(run, 'checkpoints')}; delete the folder of the run, or train again.`, 'run-corrupt');
  }
}

/** Text of `run.json`. */
export function formatRecord(record: RunRecord): string {
  return `${JSON.stringify(record, (_, value: unknown) => (typeof value === 'number' && !Number.isFinite(value) ? undefined : value), 2)}\n`;
}

/** A run as lists show it. */
export function infoOf(run: string, record: RunRecord, checkpoints: readonly number[]): RunInfo {
  const { name, state, step, steps, loss, validationLoss, gradNorm, tokensPerSecond, parameters, startedAt, reason } = record;
  return { id: basename(run), folder: run, specPath: resolve(run, record.spec), name, state, step, steps, loss, validationLoss, gradNorm, tokensPerSecond, parameters, startedAt, checkpoints, reason };
}

/** Folders of the runs that this process trains. */
export const trainedHere = new Set<string>();

async function isTrained(run: string, { process: owner }: RunRecord): Promise<boolean> {
  return owner.pid === process.pid ? trainedHere.has(run) : isRunning(owner);
}

/** Reads a run from its folder; one whose process is gone is `interrupted`. Throws a RunError. */
export async function readInfo(run: string): Promise<RunInfo> {
  const [record, checkpoints] = await Promise.all([readRecord(run), storedSteps(run)]);
  const info = infoOf(run, record, checkpoints);
  if (!isActive(record.state) || (await isTrained(run, record))) return info;
  const last = checkpoints.at(-1);
  const reason = last === undefined ? 'Its process ended before the first checkpoint.' : `Its process ended. It can be resumed from step ${last}.`;
  return { ...info, state: 'interrupted', step: Math.max(record.step, last ?? 0), reason };
}

/** How a run that cannot be read stands in a list. */
export function unreadableInfo(run: string, specPath: string, reason: string, checkpoints: readonly number[]): RunInfo {
  return { id: basename(run), folder: run, specPath, name: basename(dirname(run)), state: 'failed', step: checkpoints.at(-1) ?? 0, steps: 0, parameters: 0, startedAt: 0, checkpoints, reason };
}

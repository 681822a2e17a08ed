import { dirname, join, relative, resolve } from 'node:path';
import { version } from '../../package.json';
import { cancelFlag, raise } from '../engineHost/cancel';
import type { Lease } from '../engineHost/host';
import type { CancelFlag, Prepared, PrepareRequest } from '../engineHost/service';
import type { Spec } from '../spec/schema';
import { RunError, type TrainOptions } from './api';
import { stored, type WriteFile } from './atomicWrite';
import { createChosenFolder, createRunFolder, specFile, vocabularyFile } from './folder';
import { ownIdentity } from './processIdentity';
import type { RunRecord } from './record';
import { preparationError, readSpecText, usableSpec, type UsableSpec } from './specText';

/** A training that is loaded in the worker and whose folder is complete, but for the curve. */
export interface StartedTraining {
  /** What the worker calls it. */
  readonly key: string;
  readonly run: string;
  readonly record: RunRecord;
  readonly prepared: Prepared;
  readonly checkpoints: readonly number[];
  readonly cancel: CancelFlag | undefined;
  readonly warnings: readonly string[];
}

export interface StartParts {
  readonly lease: Lease;
  readonly specPath: string;
  readonly options: TrainOptions;
  readonly write: WriteFile;
}

/** What a person gave in place of the spec's own. */
export type Given = Pick<TrainOptions, 'steps' | 'seed' | 'threads'>;

/** From where to where what is given may go; as in the spec. */
const ranges: Readonly<Record<keyof Given, readonly [least: number, most: number]>> = { steps: [1, Number.MAX_SAFE_INTEGER], seed: [0, 2 ** 32 - 1], threads: [1, 64] };

/** Throws a RunError that names what is no whole number in its range: other programs give what no spec may say. */
export function checkGiven(given: Given): void {
  for (const [key, [least, most]] of Object.entries(ranges)) {
    const value: unknown = given[key as keyof Given];
    if (value === undefined || (Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most)) continue;
    throw new RunError(`${key} must be a whole number from ${least} to ${most} (got ${String(value)}).`, 'bad-option');
  }
}

/** The spec as it is to be trained. */
export function withGiven(spec: Spec, { steps, seed, threads }: Given): Spec {
  const { epochs, ...training } = spec.training;
  return {
    ...spec,
    training: {
      ...training,
      ...(steps === undefined ? { epochs } : { steps }),
      ...(seed !== undefined && { seed }),
      ...(threads !== undefined && { threads }),
    },
  };
}

/**
 * Starts a run of its own. The data are loaded before anything is written, so that a wrong spec or
 * missing data leave no folder behind. Throws a SpecProblemsError or RunError.
 */
export async function startFresh({ lease, specPath, options, write }: StartParts): Promise<StartedTraining> {
  checkGiven(options);
  const text = options.text ?? (await readSpecText(specPath));
  const parsed = usableSpec(specPath, text);
  const spec = withGiven(parsed.spec, options);
  const { key, prepared, cancel } = await prepare({ lease, specPath, parsed, request: { spec, dataFolder: dirname(specPath) }, signal: options.signal });
  try {
    const run = options.folder === undefined ? await createRunFolder(specPath, spec.name, new Date()) : await createChosenFolder(resolve(options.folder));
    const record: RunRecord = {
      version: 1,
      name: spec.name,
      spec: relative(run, specPath),
      startedAt: Date.now(),
      seed: spec.training.seed,
      stepsGiven: options.steps,
      ...(await recordOf(spec, prepared)),
    };
    await stored(join(run, specFile), (path) => write(path, text));
    const { vocabulary } = prepared;
    if (vocabulary !== undefined) await stored(join(run, vocabularyFile), (path) => write(path, vocabulary));
    return { key, run, record, prepared, checkpoints: [], cancel, warnings: [] };
  } catch (error) {
    lease.engine.notify('release', { run: key });
    throw error;
  }
}

export interface Preparation {
  readonly lease: Lease;
  readonly specPath: string;
  readonly parsed: UsableSpec;
  readonly request: Omit<PrepareRequest, 'run' | 'cancel'>;
  readonly signal?: AbortSignal;
}

/** Loads data and network in the worker. Throws a SpecProblemsError, a RunError, or an AbortError. */
export async function prepare({ lease, specPath, parsed, request, signal }: Preparation): Promise<{ key: string; prepared: Prepared; cancel: CancelFlag | undefined }> {
  const key = `${request.spec.name} ${crypto.randomUUID()}`;
  const cancel = cancelFlag();
  const abandon = (): void => raise(cancel);
  signal?.addEventListener('abort', abandon, { once: true });
  try {
    const prepared = await lease.engine.call('prepare', { ...request, run: key, cancel }, { signal });
    return { key, prepared, cancel };
  } catch (error) {
    lease.engine.notify('release', { run: key });
    throw await preparationError(error, specPath, request.dataFolder, parsed);
  } finally {
    signal?.removeEventListener('abort', abandon);
  }
}

/** The part of `run.json` that each start writes anew. */
export async function recordOf(
  { training }: Spec,
  { parameters, step, steps, loss, sample, samples, references, engine, vocabularySize }: Prepared,
): Promise<Pick<RunRecord, 'state' | 'step' | 'steps' | 'threads' | 'parameters' | 'vocabulary' | 'lossKind' | 'sample' | 'samples' | 'references' | 'process' | 'versions'>> {
  return {
    state: 'running',
    step,
    steps,
    threads: training.threads,
    parameters,
    vocabulary: vocabularySize,
    lossKind: loss,
    sample,
    samples,
    references: [...references],
    process: await ownIdentity(),
    versions: { unroll: version, node: process.version, engine },
  };
}

import { dirname, join, relative, resolve } from 'node:path';
import { readRunFile, checkpointPath, metricsFile, removeTemporaries, runFolders, setAside, storedSteps, vocabularyFile } from './folder';
import { RunError, SpecProblemsError } from './api';
import { stored } from './atomicWrite';
import { rewindMetrics } from './metricsFile';
import { isActive, readInfo, readRecord, type RunRecord } from './record';
import { savedSpec, savedVocabulary } from './savedModel';
import { usableSpec } from './specText';
import { checkGiven, prepare, recordOf, withGiven, type StartedTraining, type StartParts } from './startTraining';

/**
 * Goes on with a run from its newest checkpoint, with the spec and vocabulary that are stored with
 * it. A damaged checkpoint is set aside (`….damaged`) and the one before it taken. Throws a
 * SpecProblemsError or RunError; nothing of the run is changed then.
 */
export async function resumeRun({ lease, specPath, options, write }: StartParts): Promise<StartedTraining> {
  checkGiven(options);
  const run = options.folder === undefined ? await newestRun(specPath) : resolve(options.folder);
  const [record, info, saved] = await Promise.all([readRecord(run), readInfo(run), savedSpec(run)]);
  if (isActive(info.state)) throw busy(run, record);
  if (info.state === 'diverged') throw new RunError(`The run ${run} diverged, and going on would repeat that. Lower the learning rate or clip the gradients, and train again.`, 'run-diverged');

  const given = { steps: options.steps ?? record.stepsGiven, seed: record.seed, threads: options.threads ?? record.threads };
  const spec = withGiven(saved.spec, given);
  const parsed = usableSpec(specPath, saved.text);
  const vocabulary = await savedVocabulary(run, spec);
  const warnings: string[] = [];
  const damaged: string[] = [];
  const steps = await storedSteps(run);

  for (const step of [...steps].reverse()) {
    const path = checkpointPath(run, step);
    const file = await readRunFile(path, 'The checkpoint');
    let started;
    try {
      started = await prepare({ lease, specPath, parsed, request: { spec, dataFolder: dirname(specPath), vocabulary, resume: file }, signal: options.signal });
    } catch (error) {
      if (error instanceof SpecProblemsError && error.problems.some(({ code }) => code === 'data-vocabulary')) throw damagedVocabulary(run);
      if (!(error instanceof RunError) || error.code !== 'checkpoint-corrupt') throw error;
      warnings.push(`The checkpoint ${path} is damaged and was set aside. ${error.message}`);
      damaged.push(path);
      continue;
    }
    try {
      await refuseIfTaken(run);
      for (const bad of damaged) await setAside(bad);
      await removeTemporaries(run);
      await stored(join(run, metricsFile), (metrics) => rewindMetrics(metrics, step, write));
      const next = { ...record, reason: undefined, endedAt: undefined, spec: relative(run, specPath), stepsGiven: given.steps, ...(await recordOf(spec, started.prepared)) };
      return { ...started, run, record: next, checkpoints: steps.filter((kept) => kept <= step), warnings };
    } catch (error) {
      lease.engine.notify('release', { run: started.key });
      throw error;
    }
  }
  const what = damaged.length > 0 ? `no undamaged checkpoint (${damaged.join(', ')})` : 'no checkpoint yet';
  throw new RunError(`The run ${run} has ${what}, so there is nothing to resume. Train again without resuming.`, 'checkpoint-missing');
}

/** Loading data and weights takes its time, in which another process may have begun to train the run. */
async function refuseIfTaken(run: string): Promise<void> {
  const [record, info] = await Promise.all([readRecord(run), readInfo(run)]);
  if (isActive(info.state)) throw busy(run, record);
}

function busy(run: string, { process: { pid } }: RunRecord): RunError {
  return new RunError(`The run ${run} is being trained by the process ${pid}. Stop it there first.`, 'run-busy');
}

function damagedVocabulary(run: string): RunError {
  return new RunError(`${join(run, vocabularyFile)} is damaged, so the numbers of the run's tokens are lost. Put the original back, or train again.`, 'run-corrupt');
}

/** The newest run of a spec. Throws a RunError when there is none. */
async function newestRun(specPath: string): Promise<string> {
  const runs = await runsOf(specPath);
  const [newest] = runs;
  if (newest === undefined) throw new RunError(`${specPath} has no run to resume. Train it first.`, 'run-missing');
  return newest;
}

/** Folders of a spec's runs, newest first; those whose record cannot be read are told by the name of their folder. */
export async function runsOf(specPath: string): Promise<string[]> {
  const own = await Promise.all(
    (await runFolders(specPath)).map(async (run) => {
      const record = await readRecord(run).catch(() => undefined);
      return { run, startedAt: record?.startedAt ?? 0, own: record ? resolve(run, record.spec) === specPath : undefined };
    }),
  );
  // A folder without a readable record belongs to the spec whose other runs lie beside it.
  const parents = new Set(own.filter((entry) => entry.own).map(({ run }) => dirname(run)));
  return own
    .filter((entry) => entry.own ?? parents.has(dirname(entry.run)))
    .sort((a, b) => b.startedAt - a.startedAt || (a.run < b.run ? 1 : -1))
    .map(({ run }) => run);
}

import { dirname, join, resolve } from 'node:path';
import type { StoredWeights } from '../engineHost/service';
import type { Spec } from '../spec/schema';
import { isUsable, parseSpec } from '../spec/parse';
import { RunError } from './api';
import { checkpointPath, readRunFile, specFile, storedSteps, vocabularyFile } from './folder';
import { readRecord } from './record';

/** The spec that a run was started from, as it was. Throws a RunError. */
export async function savedSpec(run: string): Promise<{ text: string; spec: Spec }> {
  const path = join(run, specFile);
  const text = new TextDecoder().decode(await readRunFile(path, "The run's spec").catch(noRun(run, path)));
  const parsed = parseSpec(text);
  if (!isUsable(parsed)) throw new RunError(`The run's spec ${path} is damaged: ${parsed.problems[0]?.message ?? ''} Put the original back, or train again.`, 'run-corrupt');
  return { text, spec: parsed.spec };
}

/** A folder without a spec is no run. */
function noRun(run: string, path: string): (error: RunError) => never {
  return (error) => {
    throw error.code === 'run-missing' ? new RunError(`There is no run in ${run} (${path} does not exist). Name the folder of a run, or train the model.`, error.code) : error;
  };
}

/** The vocabulary of a run, as text; undefined for tasks without tokens. Throws a RunError when it is missing but needed. */
export async function savedVocabulary(run: string, spec: Spec): Promise<string | undefined> {
  if (spec.task.kind === 'synthetic' || spec.task.kind === 'batch') return undefined;
  return new TextDecoder().decode(await readRunFile(join(run, vocabularyFile), "The run's vocabulary"));
}

/** A stored checkpoint with its spec and vocabulary. Throws a RunError naming what is missing. */
export async function savedWeights(run: string, choice: number | 'latest'): Promise<StoredWeights> {
  const [{ spec }, steps] = await Promise.all([savedSpec(run), storedSteps(run)]);
  const step = choice === 'latest' ? steps.at(-1) : choice;
  if (step === undefined) throw new RunError(`The run in ${run} has no checkpoint yet. Train it for a while.`, 'checkpoint-missing');
  if (!steps.includes(step)) throw new RunError(`The run has no checkpoint of step ${step}; it has ${steps.join(', ')}.`, 'checkpoint-missing');
  const [dataFolder, vocabulary, file] = await Promise.all([dataFolderOf(run), savedVocabulary(run, spec), readRunFile(checkpointPath(run, step), 'The checkpoint')]);
  return { kind: 'stored', run, spec, dataFolder, vocabulary, step, file };
}

/** The folder of the run's spec, which its data paths are relative to; a run that another program wrote without a record lies in `.unroll/<name>/<run>` beside it. */
async function dataFolderOf(run: string): Promise<string> {
  return readRecord(run).then(
    ({ spec }) => dirname(resolve(run, spec)),
    () => resolve(run, '..', '..', '..'),
  );
}

import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RunError } from './api';
import { storageMessage, temporaryEnding } from './atomicWrite';

/** Folder of all runs of the specs in one folder. */
export function runsRoot(specPath: string): string {
  return join(dirname(specPath), '.unroll');
}

const checkpointName = /^step-(\d{6,15})\.safetensors$/;

export function checkpointPath(run: string, step: number): string {
  return join(run, 'checkpoints', `step-${String(step).padStart(6, '0')}.safetensors`);
}

export const specFile = 'spec.rnn.json';
export const vocabularyFile = 'vocabulary.json';
export const metricsFile = 'metrics.jsonl';

/** Makes `.unroll/<name>/<time>`, which is the run's id; a second run in one second gets a `-2` behind it. Throws a RunError. */
export async function createRunFolder(specPath: string, name: string, now: Date): Promise<string> {
  const root = runsRoot(specPath);
  const parent = join(root, name);
  return storing(parent, async () => {
    await makeFolder(parent);
    // Runs are large and belong to one machine: no repository wants them.
    await writeFile(join(root, '.gitignore'), '*\n', { flag: 'wx' }).catch(unlessExists);
    const time = timeName(now);
    for (let attempt = 1; ; attempt++) {
      const run = join(parent, attempt === 1 ? time : `${time}-${attempt}`);
      const made = await mkdir(run).then(() => true, (error: NodeJS.ErrnoException) => unlessExists(error) ?? false);
      if (!made) continue;
      await mkdir(join(run, 'checkpoints'));
      return run;
    }
  });
}

/** Makes the folder that a person chose for a run. Throws a RunError, also when there is a run in it already. */
export async function createChosenFolder(run: string): Promise<string> {
  const entries: string[] = await readdir(run).catch(() => []);
  if (entries.includes('run.json')) throw new RunError(`There is a run in ${run} already. Resume it with --resume, or choose another folder.`, 'run-exists');
  if (entries.length > 0) throw new RunError(`The folder ${run} is not empty. Choose a new or an empty one for the run.`, 'run-exists');
  return storing(run, async () => {
    await makeFolder(join(run, 'checkpoints'));
    return run;
  });
}

/** Makes a folder and those around it. (Node's own way never comes back where an existing folder denies itself, as /proc does and one that was deleted.) */
async function makeFolder(path: string): Promise<void> {
  const make = async (): Promise<void> => mkdir(path).catch(unlessExists);
  try {
    await make();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await make();
  }
}

async function storing<R>(path: string, act: () => Promise<R>): Promise<R> {
  try {
    return await act();
  } catch (error) {
    throw error instanceof RunError ? error : new RunError(storageMessage(error, path, 'train again'), 'storage');
  }
}

function unlessExists(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'EEXIST') throw error;
}

/** Local time as a name that sorts by time: `20261123-164905`. */
function timeName(now: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  return `${day}-${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
}

/** Folders of all runs beside a spec, of whatever spec. */
export async function runFolders(specPath: string): Promise<string[]> {
  const root = runsRoot(specPath);
  const names = await foldersIn(root);
  const runs = await Promise.all(names.map(async (name) => (await foldersIn(join(root, name))).map((id) => join(root, name, id))));
  return runs.flat();
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** Steps that have a stored checkpoint, ascending. */
export async function storedSteps(run: string): Promise<number[]> {
  const entries = await readdir(join(run, 'checkpoints'), { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => !entry.isDirectory())
    .map(({ name }) => Number(checkpointName.exec(name)?.[1] ?? NaN))
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
}

/** Reads a file of a run. Throws a RunError that names it. */
export async function readRunFile(path: string, what: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    // A Buffer may be a part of a shared pool; what moves to the worker must not be.
    const bytes = await readFile(path);
    return bytes.byteLength === bytes.buffer.byteLength ? new Uint8Array(bytes.buffer as ArrayBuffer) : Uint8Array.from(bytes);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new RunError(`${what} is missing: ${path} does not exist. Put it back, or train again.`, 'run-missing');
    throw new RunError(`${what} cannot be read: ${path} (${code ?? message}). ${code === 'EACCES' || code === 'EPERM' ? 'Change its permissions.' : 'Check the disk.'}`, 'run-unreadable');
  }
}

/** Sets a damaged checkpoint aside, so that it is no longer offered and the training may write its step anew. */
export async function setAside(path: string): Promise<void> {
  await rename(path, `${path}.damaged`).catch(() => undefined);
}

/** Deletes what a killed process left of files it was writing. */
export async function removeTemporaries(run: string): Promise<void> {
  for (const folder of [run, join(run, 'checkpoints')]) {
    for (const name of await readdir(folder).catch(() => [])) {
      if (name.startsWith('.') && name.endsWith(temporaryEnding)) await rm(join(folder, name), { force: true });
    }
  }
}

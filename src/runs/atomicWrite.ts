import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { RunError } from './api';

/** How files of a run are replaced; tests put failing disks in its place. */
export type WriteFile = (path: string, data: Uint8Array | string) => Promise<void>;

/** Ending of files that are not complete; what a killed process leaves of them may be deleted. */
export const temporaryEnding = '.tmp';

let count = 0;

/**
 * Replaces a file so that at every moment it is either the old one or the new one, also after a
 * power cut: write beside it, fsync, rename, fsync the folder. (`write-file-atomic` does not go
 * on after a short write, which is what a disk that is just running full answers.)
 */
export const writeAtomically: WriteFile = async (path, data) => {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.${count++}${temporaryEnding}`);
  try {
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(data);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(dirname(path));
};

/** Makes a rename durable. Not every system can sync a folder (Windows cannot), and none needs it to see the file. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    await handle.sync().finally(() => handle.close());
  } catch {
    // The file itself is complete either way.
  }
}

/** Writes a file of a run. Throws a RunError that names it. */
export async function stored(path: string, write: (path: string) => Promise<void>): Promise<void> {
  try {
    await write(path);
  } catch (error) {
    throw new RunError(storageMessage(error, path), 'storage');
  }
}

/** Why a file could not be written and what to do, for a person; `next` is what to do once that is mended. */
export function storageMessage(error: unknown, path: string, next = 'resume the run'): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return `The disk is full: ${path} could not be written (${code}). Free some space and ${next}.`;
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `${path} may not be written (${code}). Change its permissions and ${next}.`;
    case 'ENOENT':
      return `${path} could not be written: its folder is gone. Do not move or delete a run while it trains.`;
    case 'ENOTDIR':
    case 'EEXIST':
    case 'EISDIR':
      return `${path} could not be written: a file stands where a folder should be, or a folder where a file should (${code}). Choose another place.`;
    default:
      return `${path} could not be written: ${message}.`;
  }
}

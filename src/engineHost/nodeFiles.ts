import { createReadStream, promises } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { DataError, type DataFiles } from '../data/files';

/** Bytes read at a time: a piece is tokenized in about a millisecond or two. */
const pieceSize = 256 * 1024;

/** Folders below the spec's that are looked through for a file that was meant, and files listed at most. */
const depth = 3;
const mostNeighbours = 2000;

/** Data files of a disk; relative paths start at `folder`, the spec's. */
export function nodeDataFiles(folder: string): DataFiles {
  return {
    async *open(path) {
      const file = resolve(folder, path);
      try {
        const kind = await promises.stat(file);
        if (!kind.isFile() && !kind.isDirectory()) throw endless(path);
        for await (const piece of createReadStream(file, { highWaterMark: pieceSize })) yield piece as Uint8Array;
      } catch (error) {
        throw error instanceof DataError ? error : unreadable(path, error as NodeJS.ErrnoException);
      }
    },

    async neighbours() {
      const found: string[] = [];
      await collect(folder, depth, found);
      return found.map((file) => relative(folder, file).split(sep).join('/')).sort();
    },
  };
}

/** Data are read more than once, and to their end: a pipe gives them once only, a device perhaps for ever. */
function endless(path: string): DataError {
  return new DataError('data-unreadable', `${path} is a pipe or a device. Store the data in a file, and name that.`, path);
}

function unreadable(path: string, { code, message }: NodeJS.ErrnoException): DataError {
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ENAMETOOLONG':
    // A path with a zero character.
    case 'ERR_INVALID_ARG_VALUE':
      return new DataError('data-missing', `The data file ${path} does not exist. Its path starts at the folder of the spec.`, path);
    case 'EISDIR':
      return new DataError('data-unreadable', `${path} is a folder. Name the file in it, or a list of files.`, path);
    case 'ELOOP':
      return new DataError('data-unreadable', `${path} is a link that leads back to itself. Name the file.`, path);
    case 'EACCES':
    case 'EPERM':
      return new DataError('data-unreadable', `${path} may not be read. Change its permissions, or name another file.`, path);
    default:
      return new DataError('data-unreadable', `${path} cannot be read: ${message}. Check the disk, or name another file.`, path);
  }
}

/** Files below `folder`, without hidden folders and packages; folders that cannot be read are passed over. */
async function collect(folder: string, levels: number, found: string[]): Promise<void> {
  const entries = await promises.readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (found.length >= mostNeighbours) return;
    if (entry.name.startsWith('.') || entry.name === 'node_modules' || entry.name.endsWith('.rnn.json')) continue;
    const path = join(folder, entry.name);
    if (entry.isFile()) found.push(path);
    else if (entry.isDirectory() && levels > 1) await collect(path, levels - 1, found);
  }
}

import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { DataFiles } from '../data/files';
import { nodeDataFiles } from '../engineHost/nodeFiles';
import type { Problem } from '../shared/position';

/** A spec from the disk, with the files it may name; a spec that cannot be read has an empty text and a problem. */
export interface SpecFile {
  readonly text: string;
  readonly files: DataFiles;
  readonly problem?: Problem;
}

/** Reads a spec as the command line was given it. Never throws. */
export async function readSpec(path: string): Promise<SpecFile> {
  const files = nodeDataFiles(dirname(resolve(path)));
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path));
    return { text, files };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { text: '', files, problem: { severity: 'error', code: 'spec-unreadable', message: reasons[code ?? ''] ?? `The spec cannot be read: ${message}.`, range: { start: 0, end: 0 } } };
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'There is no such spec. Check the path, or make one with the command "Unroll: New Model".',
  ENOTDIR: 'There is no such spec. Check the path, or make one with the command "Unroll: New Model".',
  EISDIR: 'This is a folder. Name the .rnn.json file in it.',
  EACCES: 'The spec may not be read. Change its permissions.',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'The spec is not UTF-8 text. Save it as UTF-8.',
};

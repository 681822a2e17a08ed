import { dirname, resolve } from 'node:path';
import type { DataFiles } from '../data/files';
import { nodeDataFiles } from '../engineHost/nodeFiles';
import { SpecProblemsError } from '../runs/api';
import { readSpecText } from '../runs/specText';
import type { Problem } from '../shared/position';

/** A spec from the disk, with the files it may name; a spec that cannot be read has an empty text and a problem. */
export interface SpecFile {
  readonly text: string;
  readonly files: DataFiles;
  readonly problem?: Problem;
}

/** Reads a spec as the command line was given it. Throws only what is no fault of the file. */
export async function readSpec(path: string): Promise<SpecFile> {
  const files = nodeDataFiles(dirname(resolve(path)));
  try {
    return { text: await readSpecText(path), files };
  } catch (error) {
    if (!(error instanceof SpecProblemsError)) throw error;
    return { text: '', files, problem: error.problems[0] };
  }
}

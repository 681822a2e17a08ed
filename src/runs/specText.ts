import { readFile } from 'node:fs/promises';
import type { DataSizes } from '../spec/architecture';
import { DataError, type DataErrorCode } from '../data/files';
import { dataProblem } from '../data/problems';
import { nodeDataFiles } from '../engineHost/nodeFiles';
import { RemoteError } from '../shared/rpc';
import { isUsable, parseSpec, type ParsedSpec } from '../spec/parse';
import type { Spec } from '../spec/schema';
import { RunError, SpecProblemsError } from './api';

export type UsableSpec = ParsedSpec & { readonly spec: Spec };

/** Reads a spec's file. Throws a SpecProblemsError when that is impossible. */
export async function readSpecText(path: string): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new SpecProblemsError(path, '', [{ severity: 'error', code: 'spec-unreadable', message: unreadable(path, code), range: { start: 0, end: 0 } }]);
  }
}

function unreadable(path: string, code: string | undefined): string {
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return `The spec ${path} does not exist. Check the path.`;
    case 'EISDIR':
      return `${path} is a folder. Name the .rnn.json file in it.`;
    case 'ERR_ENCODING_INVALID_ENCODED_DATA':
      return 'The spec is not UTF-8 text. Save it with the encoding UTF-8.';
    default:
      return `The spec cannot be read (${code ?? 'unknown error'}). Check its permissions.`;
  }
}

/** Parses a spec that is to be trained. Throws a SpecProblemsError when it has errors. */
export function usableSpec(path: string, text: string, sizes?: DataSizes): UsableSpec {
  const parsed = parseSpec(text, sizes);
  if (!isUsable(parsed)) throw new SpecProblemsError(path, text, parsed.problems);
  return parsed;
}

/** A failure of `prepare` as a problem in the spec where it is one, else as a RunError. */
export async function preparationError(error: unknown, specPath: string, dataFolder: string, parsed: UsableSpec): Promise<Error> {
  if (!(error instanceof RemoteError)) return error instanceof Error ? error : new RunError(String(error), 'engine');
  const details = error.details as { path?: string; sizes?: DataSizes } | undefined;
  if (error.code?.startsWith('data-')) {
    const dataError = new DataError(error.code as DataErrorCode, error.message, details?.path);
    const neighbours = error.code === 'data-missing' ? await nodeDataFiles(dataFolder).neighbours?.() : undefined;
    return new SpecProblemsError(specPath, parsed.text, [dataProblem(dataError, parsed, neighbours)]);
  }
  if (error.code === 'sizes' && details?.sizes) {
    const { problems } = parseSpec(parsed.text, details.sizes);
    if (problems.some(({ severity }) => severity === 'error')) return new SpecProblemsError(specPath, parsed.text, problems);
  }
  return new RunError(error.message, error.code ?? 'engine');
}

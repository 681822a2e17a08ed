import type { Problem, TextRange } from '../shared/position';
import type { ParsedSpec } from '../spec/parse';
import type { Spec } from '../spec/schema';
import type { SpecPath } from '../spec/schemaAt';
import { nearest } from '../spec/suggest';
import type { DataFacts } from './facts';
import { DataError, type DataErrorCode } from './files';
import { batchMisfit } from './languageModel';
import { taskFiles } from './taskFiles';
import { encode } from './vocabulary';

/** A data error as a problem of the spec that named the data. `neighbours` are files that may have been meant. */
export function dataProblem(error: DataError, parsed: ParsedSpec, neighbours: readonly string[] = []): Problem {
  const range = rangeFor(error, parsed);
  const meant = error.code === 'data-missing' && error.path !== undefined ? nearestPath(error.path, neighbours) : undefined;
  if (meant === undefined) return { severity: 'error', code: error.code, message: error.message, range };
  const text = JSON.stringify(meant);
  return { severity: 'error', code: error.code, message: `${error.message} Did you mean ${text}?`, range, suggestion: { title: `Change to ${text}`, text } };
}

/** What does not fit between a spec and data that can be read: batch, window and the Inspector's sample. */
export function fitProblems(parsed: ParsedSpec & { readonly spec: Spec }, { text }: DataFacts): Problem[] {
  if (!text) return [];
  const { training, inspect } = parsed.spec;
  const problems: Problem[] = [];
  const misfit = batchMisfit(text.training, training);
  if (misfit) problems.push(dataProblem(misfit, parsed));
  const range = parsed.rangeOf(['inspect', 'text']);
  try {
    if (inspect?.text !== undefined && range) encode(inspect.text, text.vocabulary);
  } catch (error) {
    if (!(error instanceof DataError) || !range) throw error;
    problems.push({ severity: 'warning', code: error.code, message: error.message, range });
  }
  return problems;
}

/** Fields that a data error is about, the first that the spec has. */
const fields: Partial<Record<DataErrorCode, readonly SpecPath[]>> = {
  'data-too-short': [['training', 'window']],
  'data-batch-too-big': [
    ['training', 'batch'],
    ['training', 'window'],
  ],
  'data-task': [['task', 'kind']],
};

function rangeFor({ code, path }: DataError, parsed: ParsedSpec): TextRange {
  const index = path === undefined || !parsed.spec ? -1 : taskFiles(parsed.spec.task).indexOf(path);
  const candidates: readonly SpecPath[] = [...(fields[code] ?? []), ...(index < 0 ? [] : [['task', 'data', index]]), ['task', 'data']];
  for (const candidate of candidates) {
    const range = parsed.rangeOf(candidate);
    if (range) return range;
  }
  return parsed.headOf(['task']);
}

/** The existing file that was probably meant: the same name in another folder, or else one that is spelt alike. */
export function nearestPath(path: string, existing: readonly string[]): string | undefined {
  const name = (of: string): string => of.split(/[\\/]/).at(-1) ?? of;
  const wanted = name(path);
  const elsewhere = existing.find((candidate) => name(candidate) === wanted);
  if (elsewhere !== undefined) return elsewhere;
  const alike = nearest(path, existing);
  if (alike !== undefined) return alike;
  const alikeName = nearest(wanted, existing.map(name));
  return existing.find((candidate) => name(candidate) === alikeName);
}

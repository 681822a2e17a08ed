import type { Problem, TextRange } from '../shared/position';
import type { ParsedSpec } from '../spec/parse';
import type { Spec } from '../spec/schema';
import type { SpecPath } from '../spec/schemaAt';
import { nearest } from '../spec/suggest';
import { exampleMisfit } from './buckets';
import type { DataFacts } from './facts';
import { DataError, type DataErrorCode } from './files';
import { seriesMisfit } from './forecast';
import { batchMisfit } from './languageModel';
import { taskFiles } from './taskFiles';
import { encode } from './vocabulary';

/** A data error as a problem of the spec that named the data. `neighbours` are files that may have been meant. */
export function dataProblem(error: DataError, parsed: ParsedSpec, neighbours: readonly string[] = []): Problem {
  const range = rangeFor(error, parsed);
  const column = error.column?.meant;
  if (column !== undefined) {
    const text = JSON.stringify(column);
    return { severity: 'error', code: error.code, message: error.message, range, suggestion: { title: `Change to ${text}`, text } };
  }
  const meant = error.code === 'data-missing' && error.path !== undefined ? nearestPath(error.path, neighbours) : undefined;
  if (meant === undefined) return { severity: 'error', code: error.code, message: error.message, range };
  const text = JSON.stringify(meant);
  return { severity: 'error', code: error.code, message: `${error.message} Did you mean ${text}?`, range, suggestion: { title: `Change to ${text}`, text } };
}

/** What does not fit between a spec and data that can be read: batch, window and the Inspector's sample. */
export function fitProblems(parsed: ParsedSpec & { readonly spec: Spec }, facts: DataFacts): Problem[] {
  const { training, inspect } = parsed.spec;
  const problems: Problem[] = [];
  const misfit = planMisfit(training, facts);
  if (misfit) problems.push(dataProblem(misfit, parsed));
  const range = parsed.rangeOf(['inspect', 'text']);
  const vocabulary = facts.text?.vocabulary ?? facts.vocabulary;
  try {
    if (inspect?.text !== undefined && range && vocabulary) encode(inspect.text, vocabulary);
  } catch (error) {
    if (!(error instanceof DataError) || !range) throw error;
    problems.push({ severity: 'warning', code: error.code, message: error.message, range });
  }
  return problems;
}

/** Why batch and window do not fit the training part. */
function planMisfit(training: Spec['training'], { text, examples, rows }: DataFacts): DataError | undefined {
  if (text) return batchMisfit(text.training, training);
  if (examples !== undefined) return exampleMisfit(examples, training.batch);
  return rows === undefined ? undefined : seriesMisfit(rows, training);
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

function rangeFor({ code, path, column }: DataError, parsed: ParsedSpec): TextRange {
  const named = column && columnRange(column.name, parsed);
  if (named) return named;
  const index = path === undefined || !parsed.spec ? -1 : taskFiles(parsed.spec.task).indexOf(path);
  const candidates: readonly SpecPath[] = [...(fields[code] ?? []), ...(index < 0 ? [] : [['task', 'data', index]]), ['task', 'data']];
  for (const candidate of candidates) {
    const range = parsed.rangeOf(candidate);
    if (range) return range;
  }
  return parsed.headOf(['task']);
}

/** Where the spec's task names a column of its data. */
function columnRange(name: string, parsed: ParsedSpec): TextRange | undefined {
  for (const [key, value] of Object.entries(parsed.spec?.task ?? {})) {
    if (key === 'data' || key === 'kind') continue;
    if (value === name) return parsed.rangeOf(['task', key]);
    const index = Array.isArray(value) ? value.indexOf(name) : -1;
    if (index >= 0) return parsed.rangeOf(['task', key, index]);
  }
  return undefined;
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

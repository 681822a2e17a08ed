import type { Problem } from '../shared/position';
import { isUsable, parseSpec, type ParsedSpec } from '../spec/parse';
import type { TaskSpec } from '../spec/schema';
import { surveyData, type DataFacts } from './facts';
import { DataError, type DataFiles } from './files';
import { dataProblem, fitProblems } from './problems';

/** A spec with its data looked at. */
export interface CheckedSpec {
  readonly parsed: ParsedSpec;
  /** Absent when the spec has errors or its data cannot be used. */
  readonly facts?: DataFacts;
  /** Of the spec and of its data, in the order of the text. */
  readonly problems: readonly Problem[];
}

/** How data are looked at; the editor puts a cache in between. */
export type Survey = (task: TaskSpec, files: DataFiles) => Promise<DataFacts>;

/** Reads a spec and looks at its data. Throws only what is no problem of spec or data. */
export async function checkSpec(text: string, files: DataFiles, survey: Survey = surveyData): Promise<CheckedSpec> {
  const parsed = parseSpec(text);
  if (!isUsable(parsed)) return { parsed, problems: parsed.problems };
  try {
    const facts = await survey(parsed.spec.task, files);
    const sized = facts.sizes ? parseSpec(text, facts.sizes) : parsed;
    return { parsed: sized, facts, problems: inOrder([...sized.problems, ...fitProblems(parsed, facts)]) };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    const neighbours = error.code === 'data-missing' ? await files.neighbours?.() : undefined;
    return { parsed, problems: inOrder([...parsed.problems, dataProblem(error, parsed, neighbours)]) };
  }
}

function inOrder(problems: readonly Problem[]): Problem[] {
  return [...problems].sort((a, b) => a.range.start - b.range.start);
}

import { checkSpec } from '../data/check';
import { SpecProblemsError } from '../runs/api';
import { architectureOf, type Architecture } from '../spec/architecture';
import type { Spec } from '../spec/schema';
import { FileError } from './output';
import { readSpec } from './readSpec';

/** A spec with the sizes that its data know. */
export interface SizedSpec {
  readonly spec: Spec;
  readonly architecture: Architecture;
}

/** Reads a spec and looks at its data for the sizes. Throws SpecProblemsError, FileError. */
export async function readSizedSpec(path: string): Promise<SizedSpec> {
  const { text, files, problem } = await readSpec(path);
  if (problem) throw new SpecProblemsError(path, text, [problem]);
  const { parsed, facts, problems } = await checkSpec(text, files);
  if (!parsed.spec || problems.some(({ severity }) => severity === 'error')) throw new SpecProblemsError(path, text, problems);
  const sizes = facts?.sizes ?? facts?.pairSizes;
  if (!facts || !sizes) throw new FileError(path, `A model of the task "${parsed.spec.task.kind}" cannot be built yet. Use "language-model" or "batch".`);
  return { spec: parsed.spec, architecture: architectureOf(parsed.spec, sizes) };
}

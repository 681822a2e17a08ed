import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { TriedEdit } from '../shared/diagnosis';
import { writeAtomically } from './atomicWrite';

const file = 'tried.json';

const triedSchema: z.ZodType<TriedEdit[]> = z.array(
  z.object({
    title: z.string(),
    // A value that is taken out of the spec is undefined, which JSON leaves away.
    edit: z.array(z.object({ path: z.array(z.union([z.string(), z.number()])), value: z.unknown().optional() }).transform(({ path, value }) => ({ path, value }))),
    steps: z.number(),
    before: z.object({ run: z.string(), loss: z.number().optional() }),
    after: z.object({ run: z.string(), loss: z.number().optional() }),
    outcome: z.enum(['helped', 'same', 'worse', 'diverged']),
  }),
);

/** What was tried on the model of this run, oldest first; nothing where the file is missing or damaged. */
export async function triedEdits(run: string): Promise<readonly TriedEdit[]> {
  try {
    return triedSchema.parse(JSON.parse(await readFile(join(run, file), 'utf8')));
  } catch {
    return [];
  }
}

/** Keeps what was tried with the run; an edit that was tried before takes its old place's stead. */
export async function keepTriedEdit(run: string, tried: TriedEdit): Promise<void> {
  const others = (await triedEdits(run)).filter(({ title }) => title !== tried.title);
  await writeAtomically(join(run, file), JSON.stringify([...others, tried], undefined, 2));
}

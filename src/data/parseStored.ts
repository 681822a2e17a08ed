import * as z from 'zod/mini';
import { DataError } from './files';
import type { StoredData } from './stored';

const vocabularySchema = z
  .strictObject({
    kind: z.enum(['char', 'word', 'byte', 'spaced']),
    tokens: z.array(z.string()).check(z.minLength(1)),
    unknown: z.optional(z.int().check(z.gte(0))),
    labels: z.optional(z.array(z.string()).check(z.minLength(1))),
  })
  .check(z.refine(({ unknown, tokens }) => unknown === undefined || unknown < tokens.length));

const columnsSchema = z.array(z.strictObject({ name: z.string(), mean: z.number(), deviation: z.number().check(z.positive()) })).check(z.minLength(1));
const scalingSchema = z.strictObject({ kind: z.literal('values'), inputs: columnsSchema, targets: columnsSchema });
const translationSchema = z.strictObject({ kind: z.literal('translation'), source: vocabularySchema, target: vocabularySchema });

const storedSchema = z.union([vocabularySchema, scalingSchema, translationSchema]);

/** Reads `vocabulary.json`. Throws a DataError when it is damaged. A file of its own: a training that begins anew starts without it. */
export function parseStoredData(json: string): StoredData {
  try {
    return storedSchema.parse(JSON.parse(json));
  } catch {
    throw new DataError('data-vocabulary', 'What the run stored about its data (vocabulary.json) is damaged, so its numbers cannot be read. Train the model again.');
  }
}

import type { DataSizes } from '../spec/architecture';
import type { TaskSpec } from '../spec/schema';
import { batchSizes } from './batchSizes';
import { DataError } from './files';
import type { ValueScaling } from './scaling';
import { problemOf } from './synthetic/index';
import type { LoadOptions, TaskData } from './task';
import { translationSizes } from './translationSizes';
import { formatVocabulary, type TranslationVocabularies, type Vocabulary } from './vocabulary';

/**
 * What a run keeps of its data in `vocabulary.json`, so that its numbers mean something without them:
 * the vocabulary of what is read (with `labels` when something else is predicted), the scaling of
 * values, or both vocabularies of a translation. A language model's file is a plain vocabulary, as ever.
 */
export type StoredData = Vocabulary | ValueScaling | TranslationVocabularies;

/** What to keep of loaded data. */
export function storedData({ vocabulary, scaling, translation }: TaskData): StoredData | undefined {
  return vocabulary ?? scaling ?? translation;
}

/** Text of `vocabulary.json`. */
export function formatStoredData(stored: StoredData): string {
  return 'tokens' in stored ? formatVocabulary(stored) : `${JSON.stringify(stored)}\n`;
}

/**
 * Sizes of a network whose run stored this, without its data. Throws a DataError for a task whose sizes
 * it does not tell, and where the stored form is another task's.
 */
export function sizesOfStored(task: TaskSpec, stored: StoredData | undefined): DataSizes {
  if (task.kind === 'synthetic') return problemOf(task).sizes;
  if (task.kind === 'batch') return batchSizes(task);
  if (stored && 'tokens' in stored && task.kind !== 'forecast' && task.kind !== 'translation') {
    const vocabulary = stored.tokens.length;
    const outputs = stored.labels?.length ?? vocabulary;
    return { input: { kind: 'tokens', vocabulary }, outputs, loss: task.kind === 'classification' ? 'class' : 'tokens' };
  }
  if (stored?.kind === 'values' && task.kind === 'forecast') return { input: { kind: 'values', features: stored.inputs.length }, outputs: stored.targets.length, loss: 'values' };
  if (stored?.kind === 'translation' && task.kind === 'translation') return translationSizes(stored);
  throw new DataError('data-task', `What the run stored about its data does not tell the sizes of a model of the task "${task.kind}".`);
}

/** How to load data again for a run that stored this. */
export function loadOptionsOf(stored: StoredData): Pick<LoadOptions, 'vocabulary' | 'scaling' | 'translation'> {
  if ('tokens' in stored) return { vocabulary: stored };
  return stored.kind === 'values' ? { scaling: stored } : { translation: stored };
}

import type { StoredData } from '../../data/stored';
import { problemOf } from '../../data/synthetic/index';
import { outputText, targetText } from '../../data/vocabulary';
import type { AnswerPlace } from '../../shared/run';
import type { LossKind } from '../../spec/architecture';
import type { TaskSpec } from '../../spec/schema';

/** What the numbers of a task's samples mean. */
export interface SampleContext {
  readonly task: TaskSpec;
  /** Vocabulary, scaling, or both vocabularies of a translation; absent for values that mean what they are. */
  readonly words?: StoredData;
}

/** The context of a task whose run stored this about its data. */
export function sampleContext(task: TaskSpec, stored: StoredData | undefined): SampleContext {
  return { task, words: task.kind === 'synthetic' ? problemOf(task).vocabulary : stored };
}

/** Whether models of the task read tokens, so that a sample can be typed. */
export function readsTokens(task: TaskSpec): boolean {
  return task.kind !== 'forecast' && task.kind !== 'batch' && !(task.kind === 'synthetic' && task.problem === 'adding');
}

/** Where the answers of a task's samples stand. */
export function answerPlace({ words }: SampleContext, loss: LossKind): AnswerPlace {
  if (loss === 'class') return 'end';
  if (words === undefined || words.kind === 'values') return 'here';
  return words.kind === 'translation' || !words.labels ? 'next' : 'here';
}

/** One of the network's outputs as a person reads it; its number where nothing says more. */
export function answerText(output: number, { words }: SampleContext): string {
  if (words === undefined || words.kind === 'values') return String(output);
  return words.kind === 'translation' ? targetText(output, words) : outputText(output, words);
}

import type { DataSizes } from '../spec/architecture';
import type { TaskSpec } from '../spec/schema';
import { bytesOf } from './decode';
import type { DataFiles } from './files';
import { surveyText, trainingLength, type TextFacts } from './languageModel';
import type { LoadOptions } from './task';
import { taskFiles } from './taskFiles';

/** What one look at a task's data tells, without holding them: for lenses, checks and sizes. */
export interface DataFacts {
  /** Absent for tasks whose data this version only finds, but does not read. */
  readonly sizes?: DataSizes;
  /** Language models: vocabulary and number of tokens, in all and in the training part. */
  readonly text?: TextFacts & { readonly training: number };
}

/** Looks at the data of a task: reads a language model's text once. Throws a DataError. */
export async function surveyData(task: TaskSpec, files: DataFiles, options: LoadOptions = {}): Promise<DataFacts> {
  switch (task.kind) {
    case 'language-model': {
      const text = await surveyText(task, files, options);
      const vocabulary = text.vocabulary.tokens.length;
      return {
        sizes: { input: { kind: 'tokens', vocabulary }, outputs: vocabulary, loss: 'tokens' },
        text: { ...text, training: trainingLength(text.length, task.validation) },
      };
    }
    case 'batch':
      return { sizes: batchSizes(task) };
    default:
      for (const path of taskFiles(task)) await firstPiece(files, path, options);
      return {};
  }
}

/** Sizes of a task whose batch comes from a file: the spec tells them. */
export function batchSizes({ vocabulary, features, outputs, loss }: Extract<TaskSpec, { kind: 'batch' }>): DataSizes {
  return { input: vocabulary > 0 ? { kind: 'tokens', vocabulary } : { kind: 'values', features }, outputs, loss };
}

/** Enough to learn whether a file exists and holds anything. */
async function firstPiece(files: DataFiles, path: string, { alive }: LoadOptions): Promise<void> {
  for await (const piece of bytesOf({ files, paths: [path], alive })) if (piece.length > 0) return;
}

import type { DataSizes } from '../spec/architecture';
import type { TaskSpec } from '../spec/schema';
import { batchSizes } from './batchSizes';
import { loadClassification } from './classification';
import type { DataFiles } from './files';
import { loadForecast } from './forecast';
import { surveyText, trainingLength, type TextFacts } from './languageModel';
import { syntheticData } from './synthetic/index';
import { loadTagging } from './tagging';
import type { LoadOptions, TaskData } from './task';
import { loadTranslation } from './translation';
import { translationSizes } from './translationSizes';
import type { Vocabulary } from './vocabulary';

/** What one look at a task's data tells, without holding them: for lenses, checks and sizes. */
export interface DataFacts {
  /** Absent for a translation, whose two stacks read different things. */
  readonly sizes?: DataSizes;
  /** Translations: sizes of both stacks. */
  readonly pairSizes?: DataSizes;
  /** Language models: vocabulary and number of tokens, in all and in the training part. */
  readonly text?: TextFacts & { readonly training: number };
  /** Classification and tagging: what the Inspector's sample is made of. */
  readonly vocabulary?: Vocabulary;
  /** Classification, tagging and translation: number of examples in the training part. */
  readonly examples?: number;
  /** Forecasts: rows with a target in the training part. */
  readonly rows?: number;
}

/** Looks at the data of a task: reads a text once, and a table whole. Throws a DataError. */
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
    case 'classification':
      return exampleFacts(await loadClassification(task, files, options));
    case 'tagging':
      return exampleFacts(await loadTagging(task, files, options));
    case 'forecast': {
      const { sizes, positions } = await loadForecast(task, files, options);
      return { sizes, rows: positions.training };
    }
    case 'translation': {
      const { examples, vocabularies } = await loadTranslation(task, files, options);
      return { examples, pairSizes: translationSizes(vocabularies) };
    }
    case 'synthetic':
      return { sizes: syntheticData(task).sizes };
    case 'batch':
      return { sizes: batchSizes(task) };
  }
}

function exampleFacts({ sizes, vocabulary, examples }: TaskData): DataFacts {
  return { sizes, vocabulary, examples };
}

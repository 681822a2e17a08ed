import type { TaskSpec } from '../spec/schema';
import { batchSizes } from './batchSizes';
import { DataError, type DataFiles } from './files';
import { loadLanguageModel } from './languageModel';
import { syntheticData } from './synthetic/index';
import type { LoadOptions, TaskData } from './task';

/**
 * Reads the data of a task and makes them ready for batches.
 * Throws a DataError whose message is for a person.
 */
export async function loadData(task: TaskSpec, files: DataFiles, options: LoadOptions = {}): Promise<TaskData> {
  switch (task.kind) {
    case 'language-model':
      return loadLanguageModel(task, files, options);
    case 'classification':
      return (await import('./tables')).loadClassification(task, files, options);
    case 'tagging':
      return (await import('./tables')).loadTagging(task, files, options);
    case 'forecast':
      return (await import('./tables')).loadForecast(task, files, options);
    case 'synthetic':
      return syntheticData(task);
    case 'batch':
      return batchFromFile(task);
    case 'translation': {
      const { loadTranslation, translationTaskData } = await import('./tables');
      return translationTaskData(await loadTranslation(task, files, options));
    }
  }
}

type BatchTask = Extract<TaskSpec, { kind: 'batch' }>;

/** A task whose only batch is handed over with `--input`: its sizes are known, but there is nothing to train on. */
function batchFromFile(task: BatchTask): TaskData {
  const nothing = (): never => {
    throw new DataError('data-task', 'A task of the kind "batch" has no training data: its batch comes from a file. Use `unroll trace SPEC --input FILE`, or give the spec a task with data.');
  };
  return {
    sizes: batchSizes(task),
    positions: { training: 0, validation: 0 },
    trainingBatches: nothing,
    validationBatches: () => [],
    references: [],
  };
}

import type { DataSizes } from '../spec/architecture';
import type { TaskSpec } from '../spec/schema';

/** Sizes of a task whose batch comes from a file: the spec tells them. */
export function batchSizes({ vocabulary, features, outputs, loss }: Extract<TaskSpec, { kind: 'batch' }>): DataSizes {
  return { input: vocabulary > 0 ? { kind: 'tokens', vocabulary } : { kind: 'values', features }, outputs, loss };
}

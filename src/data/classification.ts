import type { TaskSpec } from '../spec/schema';
import { breaks } from './breaks';
import { sequenceBatches } from './buckets';
import { DataError, type DataFiles } from './files';
import { padded } from './padding';
import { countNumbers, entropy } from './references';
import { encodeLists, lengthOf, notOfTheRun, sequenceOf, vocabularyOfLists, type Sequences, type TokenLists } from './sequences';
import { holdOut } from './split';
import { columnOf, readTable } from './table';
import type { LoadOptions, PlannedBatch, ReferenceLoss, TaskData } from './task';
import { byCodePoint } from './tokenCounts';
import { tokensOf } from './tokenize';
import { tokenText, type Vocabulary } from './vocabulary';

export type ClassificationTask = Extract<TaskSpec, { kind: 'classification' }>;

/**
 * Loads a classification's table. Labels are numbered by code points. The held-out part is a fixed
 * random choice of each class alike (see `holdOut`). Sequences are trained whole, padded to the longest of
 * their batch. Throws a DataError that names file, line and column.
 */
export async function loadClassification(task: ClassificationTask, files: DataFiles, options: LoadOptions = {}): Promise<TaskData> {
  const table = await readTable(task.data, [task.text, task.label], files, options);
  const texts = columnOf(table, task.text);
  const lists: TokenLists = {
    path: task.data,
    count: texts.length,
    at: (index) => tokensOf(texts[index] ?? '', task.tokens),
    where: (index) => `${task.data}, line ${table.lines[index] ?? '?'}`,
  };
  const names = columnOf(table, task.label).map((cell) => cell.trim());
  const labels = options.vocabulary?.labels ?? [...new Set(names)].sort(byCodePoint);
  if (labels.length < 2) {
    throw new DataError('data-vocabulary', `${task.data}: all rows have the same ${JSON.stringify(task.label)}, ${JSON.stringify(labels[0])}, so there is nothing to tell apart. Use data with at least two classes.`, task.data);
  }
  const classes = numbered(names, labels, lists, task.label);
  const pause = breaks(options.alive);
  const vocabulary: Vocabulary = { ...(options.vocabulary ?? (await vocabularyOfLists(task.tokens, lists, task.vocabulary, pause))), labels };
  return classificationData(await encodeLists(lists, vocabulary, pause), classes, vocabulary, task.validation);
}

function numbered(names: readonly string[], labels: readonly string[], lists: TokenLists, column: string): Int32Array {
  const numbers = new Map(labels.map((label, number) => [label, number]));
  return Int32Array.from(names, (name, index) => {
    if (name === '') throw new DataError('data-value', `${lists.where(index)}, column ${JSON.stringify(column)}: the label is empty. Fill it in, or remove the row.`, lists.path);
    const number = numbers.get(name);
    if (number === undefined) throw notOfTheRun(lists, index, name);
    return number;
  });
}

/** A classification's data from encoded sequences and their classes [n]; the names of the classes are the vocabulary's labels. */
export function classificationData(sequences: Sequences, classes: Int32Array, vocabulary: Vocabulary, validation: number): TaskData {
  const { training, heldOut } = holdOut(classes, validation);
  const labels = vocabulary.labels ?? [];
  const length = (example: number): number => lengthOf(sequences, example);
  const planned = (examples: Int32Array): PlannedBatch => {
    const { steps, tokens, lengths } = padded(sequences, examples, 0);
    return { state: 'reset', batch: { steps, sequences: examples.length, inputs: tokens, targets: examples.map((example) => classes[example] ?? 0), lengths } };
  };
  const shown = heldOut.length > 0 ? heldOut : training;
  return {
    sizes: { input: { kind: 'tokens', vocabulary: vocabulary.tokens.length }, outputs: labels.length, loss: 'class' },
    vocabulary,
    examples: training.length,
    positions: { training: training.length, validation: heldOut.length },
    references: classReferences(training.map((example) => classes[example] ?? 0), labels),

    ...sequenceBatches({ training, heldOut, lengthOf: length }, planned),

    samples: {
      count: shown.length,
      at(index) {
        const example = shown[index % shown.length] ?? 0;
        return {
          batch: planned(Int32Array.of(example)).batch,
          inputs: Array.from(sequenceOf(sequences, example), (token) => tokenText(token, vocabulary)),
          targets: [labels[classes[example] ?? 0] ?? ''],
        };
      },
    },
  };
}

/** Losses of knowing nothing and of knowing the classes' frequencies alone. */
function classReferences(classes: Int32Array, labels: readonly string[]): ReferenceLoss[] {
  const counts = countNumbers(classes, labels.length);
  const most = counts.indexOf(Math.max(...counts));
  const share = Math.round((100 * (counts[most] ?? 0)) / Math.max(1, classes.length));
  return [
    { label: `knows nothing: ln ${labels.length}`, loss: Math.log(labels.length) },
    { label: `knows frequencies only (${share} % are "${labels[most] ?? ''}")`, loss: entropy(counts) },
  ];
}

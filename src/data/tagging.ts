import type { TaskSpec } from '../spec/schema';
import { breaks } from './breaks';
import { sequenceBatches } from './buckets';
import { readConll, readTaggedObjects, type TaggedSequence } from './conll';
import { tokenArray } from './encodeText';
import { DataError, type DataFiles } from './files';
import { padded } from './padding';
import { entropy } from './references';
import { emptySequence, encodeLists, lengthOf, notOfTheRun, sequenceOf, vocabularyOfLists, type Sequences, type TokenLists } from './sequences';
import { holdOut } from './split';
import { isJsonLines } from './table';
import type { LoadOptions, PlannedBatch, ReferenceLoss, TaskData } from './task';
import { byCodePoint } from './tokenCounts';
import { tokenText, type Vocabulary } from './vocabulary';

export type TaggingTask = Extract<TaskSpec, { kind: 'tagging' }>;

/**
 * Loads tagged sequences from `.jsonl` or, under any other name, two-column CoNLL. Tags are numbered by code points;
 * the held-out part is a fixed random choice of sequences. Sequences are trained whole, padded to
 * the longest of their batch; padding has the target −1. Throws a DataError that names file and line.
 */
export async function loadTagging(task: TaggingTask, files: DataFiles, options: LoadOptions = {}): Promise<TaskData> {
  const source = { files, paths: [task.data], alive: options.alive, form: 'table' } as const;
  const tagged = isJsonLines(task.data) ? await readTaggedObjects(source) : await readConll(source);
  if (tagged.length === 0) throw new DataError('data-empty', `${task.data} has no sequences. Put tokens with their tags into it, or name another file.`, task.data);
  const lists: TokenLists = {
    path: task.data,
    count: tagged.length,
    at: (index) => tagged[index]?.tokens ?? [],
    where: (index) => `${task.data}, line ${tagged[index]?.line ?? '?'}`,
  };
  for (let index = 0; index < lists.count; index++) if (lists.at(index).length === 0) throw emptySequence(lists, index);
  const labels = options.vocabulary?.labels ?? [...new Set(tagged.flatMap(({ tags }) => tags))].sort(byCodePoint);
  if (labels.length < 2) throw new DataError('data-vocabulary', `${task.data}: all tokens have the same tag, ${JSON.stringify(labels[0])}, so there is nothing to tell apart. Use data with at least two tags.`, task.data);
  const pause = breaks(options.alive);
  const vocabulary: Vocabulary = { ...(options.vocabulary ?? (await vocabularyOfLists('spaced', lists, task.vocabulary, pause))), labels };
  const tokens = await encodeLists(lists, vocabulary, pause);
  return taggingData(tokens, encodeTags(tagged, labels, tokens, lists), vocabulary, task.validation);
}

function encodeTags(tagged: readonly TaggedSequence[], labels: readonly string[], { starts }: Sequences, lists: TokenLists): Sequences {
  const numbers = new Map(labels.map((label, number) => [label, number]));
  const tags = tokenArray(starts.at(-1) ?? 0, labels.length);
  tagged.forEach((sequence, index) =>
    sequence.tags.forEach((tag, t) => {
      const number = numbers.get(tag);
      if (number === undefined) throw notOfTheRun(lists, index, tag);
      tags[(starts[index] ?? 0) + t] = number;
    }),
  );
  return { tokens: tags, starts };
}

/** A tagging's data from encoded tokens and their tags, sequence by sequence of the same length; tag names are the vocabulary's labels. */
export function taggingData(tokens: Sequences, tags: Sequences, vocabulary: Vocabulary, validation: number): TaskData {
  const count = tokens.starts.length - 1;
  const { training, heldOut } = holdOut(new Int32Array(count), validation);
  const labels = vocabulary.labels ?? [];
  const length = (example: number): number => lengthOf(tokens, example);
  const positions = (examples: Int32Array): number => examples.reduce((sum, example) => sum + length(example), 0);
  const planned = (examples: Int32Array): PlannedBatch => {
    const { steps, tokens: inputs, lengths } = padded(tokens, examples, 0);
    return { state: 'reset', batch: { steps, sequences: examples.length, inputs, targets: padded(tags, examples, -1).tokens, lengths } };
  };
  const shown = heldOut.length > 0 ? heldOut : training;
  return {
    sizes: { input: { kind: 'tokens', vocabulary: vocabulary.tokens.length }, outputs: labels.length, loss: 'tokens' },
    vocabulary,
    examples: training.length,
    positions: { training: positions(training), validation: positions(heldOut) },
    references: tagReferences(tokens, tags, training, vocabulary),

    ...sequenceBatches({ training, heldOut, lengthOf: length }, planned),

    samples: {
      count: shown.length,
      at(index) {
        const example = shown[index % shown.length] ?? 0;
        return {
          batch: planned(Int32Array.of(example)).batch,
          inputs: Array.from(sequenceOf(tokens, example), (token) => tokenText(token, vocabulary)),
          targets: Array.from(sequenceOf(tags, example), (tag) => labels[tag] ?? ''),
        };
      },
    },
  };
}

/** Losses of knowing nothing, the tags' frequencies, and how often each token has each tag (no context at all). */
function tagReferences(tokens: Sequences, tags: Sequences, training: Int32Array, { tokens: kinds, labels = [] }: Vocabulary): ReferenceLoss[] {
  const pairs = new Float64Array(kinds.length * labels.length);
  const read = new Float64Array(kinds.length);
  const wanted = new Float64Array(labels.length);
  for (const example of training) {
    for (let i = tokens.starts[example] ?? 0; i < (tokens.starts[example + 1] ?? 0); i++) {
      const [token, tag] = [tokens.tokens[i] ?? 0, tags.tokens[i] ?? 0];
      count(pairs, token * labels.length + tag);
      count(read, token);
      count(wanted, tag);
    }
  }
  return [
    { label: `knows nothing: ln ${labels.length}`, loss: Math.log(labels.length) },
    { label: 'knows frequencies only', loss: entropy(wanted) },
    // H(tag | token) = H(token, tag) − H(token).
    { label: 'knows each token by itself', loss: entropy(pairs) - entropy(read) },
  ];
}

function count(counts: Float64Array, place: number): void {
  counts[place] = (counts[place] ?? 0) + 1;
}

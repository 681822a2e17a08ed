import type { TaskSpec, TokenKind } from '../spec/schema';
import { breaks } from './breaks';
import { batchesByLength, bucketedBatches } from './buckets';
import type { DataFiles } from './files';
import { padded } from './padding';
import { entropy } from './references';
import { encodeLists, lengthOf, sequenceOf, vocabularyOfLists, type Sequences, type TokenLists } from './sequences';
import { holdOut } from './split';
import { columnOf, readTable, type Table } from './table';
import type { BatchPlan, LoadOptions, ReferenceLoss, Sample, SequenceBatch, TaskData } from './task';
import { tokensOf } from './tokenize';
import { translationSizes } from './translationSizes';
import { targetEdges, targetText, tokenText, type TranslationVocabularies, type Vocabulary } from './vocabulary';

export type TranslationTask = Extract<TaskSpec, { kind: 'translation' }>;

/** One batch of B pairs, time first; a pair's source and target are padded apart. */
export interface TranslationBatch {
  /** B. */
  readonly sequences: number;
  /** S. */
  readonly sourceSteps: number;
  /** Source tokens [S,B]; padding holds 0. */
  readonly source: Int32Array;
  /** Real timesteps of each source [B]. */
  readonly sourceLengths: Int32Array;
  /** T: one more than the longest target, for its start or end. */
  readonly targetSteps: number;
  /** What the decoder reads with teacher forcing: the start token, then the target [T,B]; padding holds 0. */
  readonly targetInputs: Int32Array;
  /** What it should write: the target, then the end token [T,B]; padding holds −1. */
  readonly targets: Int32Array;
  /** Real timesteps of each target, its end token among them [B]. */
  readonly targetLengths: Int32Array;
}

/** A pair of sequences in token numbers, without start and end. */
export interface TranslationPair {
  readonly source: Int32Array;
  readonly target: Int32Array;
}

/** The data of a translation, loaded. */
export interface TranslationData {
  readonly vocabularies: TranslationVocabularies;
  /** Numbers of the target's start and end tokens; they stand behind its vocabulary. */
  readonly start: number;
  readonly end: number;
  /** Sizes of the embeddings (or one-hot inputs) and of the output. */
  readonly sizes: { readonly source: number; readonly target: number };
  /** Training pairs. */
  readonly examples: number;
  /** Target positions of each part, end tokens among them. */
  readonly positions: { readonly training: number; readonly validation: number };
  readonly references: readonly ReferenceLoss[];
  /** Throws a DataError when the batch does not fit the data. */
  trainingBatches(plan: BatchPlan): { readonly perEpoch: number; at(step: number): TranslationBatch };
  validationBatches(plan: BatchPlan): Iterable<TranslationBatch>;
  /** The held-out pairs (the training pairs when nothing is held out): to be translated freely and compared. */
  readonly pairs: { readonly count: number; at(index: number): TranslationPair };
  /** A batch with one pair, for the Inspector. */
  batchOf(pair: TranslationPair): TranslationBatch;
}

/** A batch of pairs as the engines take it: about the target, with the source beside. */
export function sequenceBatch({ sequences, sourceSteps, source, sourceLengths, targetSteps, targetInputs, targets, targetLengths }: TranslationBatch): SequenceBatch {
  return { steps: targetSteps, sequences, inputs: targetInputs, targets, lengths: targetLengths, source: { steps: sourceSteps, inputs: source, lengths: sourceLengths } };
}

/** The data of a translation as those of any task. */
export function translationTaskData({ vocabularies, examples, positions, references, trainingBatches, validationBatches, pairs, batchOf }: TranslationData): TaskData {
  return {
    sizes: translationSizes(vocabularies),
    translation: vocabularies,
    examples,
    positions,
    references,
    trainingBatches(plan) {
      const { perEpoch, at } = trainingBatches(plan);
      return { perEpoch, at: (step) => ({ state: 'reset', batch: sequenceBatch(at(step)) }) };
    },
    *validationBatches(plan) {
      for (const batch of validationBatches(plan)) yield { state: 'reset', batch: sequenceBatch(batch) };
    },
    samples: { count: pairs.count, at: (index) => pairSample(batchOf(pairs.at(index)), vocabularies) },
  };
}

/** A batch with one pair as a sample. */
export function pairSample(pair: TranslationBatch, vocabularies: TranslationVocabularies): Sample {
  const read = (token: number): string => targetText(token, vocabularies);
  return {
    batch: sequenceBatch(pair),
    inputs: Array.from(pair.targetInputs, read),
    targets: Array.from(pair.targets, read),
    source: Array.from(pair.source, (token) => tokenText(token, vocabularies.source)),
  };
}

/** How source and target are cut into tokens. */
export function tokenKinds({ tokens }: TranslationTask): { readonly source: TokenKind; readonly target: TokenKind } {
  return typeof tokens === 'string' ? { source: tokens, target: tokens } : tokens;
}

/**
 * Loads the pairs of a translation. Source and target have vocabularies of their own; the held-out part is a fixed random
 * choice of pairs, all pairs with the same source on the same side, so that no held-out source was ever read.
 * Throws a DataError that names file, line and column.
 */
export async function loadTranslation(task: TranslationTask, files: DataFiles, options: LoadOptions = {}): Promise<TranslationData> {
  const table = await readTable(task.data, [task.source, task.target], files, options);
  const kinds = tokenKinds(task);
  const sourceLists = listsOf(table, task.source, kinds.source);
  const targetLists = listsOf(table, task.target, kinds.target);
  const pause = breaks(options.alive);
  const vocabularies: TranslationVocabularies = options.translation ?? {
    kind: 'translation',
    source: await vocabularyOfLists(kinds.source, sourceLists, task.vocabulary, pause),
    target: await vocabularyOfLists(kinds.target, targetLists, task.vocabulary, pause),
  };
  const source = await encodeLists(sourceLists, vocabularies.source, pause);
  const target = await encodeLists(targetLists, vocabularies.target, pause);
  return translationData({ source, target, ...splitBySource(columnOf(table, task.source), task.validation) }, vocabularies);
}

function listsOf(table: Table, column: string, kind: TokenKind): TokenLists {
  const cells = columnOf(table, column);
  return {
    path: table.path,
    count: cells.length,
    at: (index) => tokensOf(cells[index] ?? '', kind),
    where: (index) => `${table.path}, line ${table.lines[index] ?? '?'}, column ${JSON.stringify(column)}`,
  };
}

/** Holds out a share of the different sources, with all their pairs. */
function splitBySource(sources: readonly string[], share: number): Pick<TranslationCorpus, 'training' | 'heldOut'> {
  const numbers = new Map<string, number>();
  const groups = Int32Array.from(sources, (source) => {
    const number = numbers.get(source) ?? numbers.size;
    if (number === numbers.size) numbers.set(source, number);
    return number;
  });
  const heldOut = new Uint8Array(numbers.size);
  for (const group of holdOut(new Int32Array(numbers.size), share).heldOut) heldOut[group] = 1;
  const pairsOf = (part: 0 | 1): Int32Array => groups.map((_, pair) => pair).filter((pair) => heldOut[groups[pair] ?? 0] === part);
  return { training: pairsOf(0), heldOut: pairsOf(1) };
}

/** Encoded pairs and the numbers of those in each part. */
interface TranslationCorpus {
  readonly source: Sequences;
  readonly target: Sequences;
  readonly training: Int32Array;
  readonly heldOut: Int32Array;
}

function translationData(corpus: TranslationCorpus, vocabularies: TranslationVocabularies): TranslationData {
  const { training, heldOut } = corpus;
  const { start, end } = targetEdges(vocabularies);
  // Pairs of a batch are of like source length, and so of like target length too.
  const length = (pair: number): number => lengthOf(corpus.source, pair);
  const positions = (pairs: Int32Array): number => pairs.reduce((sum, pair) => sum + lengthOf(corpus.target, pair) + 1, 0);
  const batchOf = (pairs: Int32Array): TranslationBatch => teacherForced(corpus, pairs, { start, end });
  const shown = heldOut.length > 0 ? heldOut : training;
  return {
    vocabularies,
    start,
    end,
    sizes: { source: vocabularies.source.tokens.length, target: end + 1 },
    examples: training.length,
    positions: { training: positions(training), validation: positions(heldOut) },
    references: targetReferences(corpus, vocabularies.target),

    trainingBatches(plan) {
      const batches = bucketedBatches({ examples: training, lengthOf: length }, plan);
      return { perEpoch: batches.perEpoch, at: (step) => batchOf(batches.at(step)) };
    },

    *validationBatches({ batch }) {
      for (const pairs of batchesByLength({ examples: heldOut, lengthOf: length }, batch)) yield batchOf(pairs);
    },

    pairs: {
      count: shown.length,
      at(index) {
        const pair = shown[index % shown.length] ?? 0;
        return { source: Int32Array.from(sequenceOf(corpus.source, pair)), target: Int32Array.from(sequenceOf(corpus.target, pair)) };
      },
    },

    batchOf: (pair) => pairBatch(pair, vocabularies),
  };
}

/** A batch with one pair. */
export function pairBatch({ source, target }: TranslationPair, vocabularies: TranslationVocabularies): TranslationBatch {
  const one = (tokens: Int32Array): Sequences => ({ tokens, starts: Int32Array.of(0, tokens.length) });
  return teacherForced({ source: one(source), target: one(target) }, Int32Array.of(0), targetEdges(vocabularies));
}

function teacherForced({ source, target }: Pick<TranslationCorpus, 'source' | 'target'>, pairs: Int32Array, { start, end }: { readonly start: number; readonly end: number }): TranslationBatch {
  const sequences = pairs.length;
  const read = padded(source, pairs, 0);
  const written = padded(target, pairs, -1);
  const targetSteps = written.steps + 1;
  const targetInputs = new Int32Array(targetSteps * sequences);
  const targets = new Int32Array(targetSteps * sequences).fill(-1);
  targets.set(written.tokens);
  targetInputs.fill(start, 0, sequences);
  // The decoder reads each token one step after it should have written it.
  written.tokens.forEach((token, cell) => (targetInputs[cell + sequences] = Math.max(0, token)));
  written.lengths.forEach((length, b) => (targets[length * sequences + b] = end));
  return { sequences, sourceSteps: read.steps, source: read.tokens, sourceLengths: read.lengths, targetSteps, targetInputs, targets, targetLengths: written.lengths.map((length) => length + 1) };
}

/** Losses of knowing nothing and of knowing the target tokens' frequencies alone, the end token among them. */
function targetReferences({ target, training }: TranslationCorpus, { tokens }: Vocabulary): ReferenceLoss[] {
  const kinds = tokens.length + 1;
  const counts = new Float64Array(kinds);
  for (const pair of training) for (const token of sequenceOf(target, pair)) counts[token] = (counts[token] ?? 0) + 1;
  counts[tokens.length] = training.length;
  return [
    { label: `knows nothing: ln ${kinds}`, loss: Math.log(kinds) },
    { label: 'knows frequencies only', loss: entropy(counts) },
  ];
}

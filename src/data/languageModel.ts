import type { TaskSpec } from '../spec/schema';
import type { TextSource } from './decode';
import { encodeText, type TokenArray } from './encodeText';
import { DataError, type DataFiles } from './files';
import { tokenReferences } from './references';
import { parallelStreams, streamLength } from './streams';
import type { BatchPlan, LoadOptions, PlannedBatch, Samples, TaskData } from './task';
import { taskFiles } from './taskFiles';
import { countTokens, vocabularyOf } from './tokenCounts';
import { tokenText, type Vocabulary } from './vocabulary';

export type LanguageModelTask = Extract<TaskSpec, { kind: 'language-model' }>;

/** What is known about a text after one pass: enough for sizes, lenses and checks, without holding it. */
export interface TextFacts {
  readonly vocabulary: Vocabulary;
  /** Number of tokens. */
  readonly length: number;
}

/** Surveys the text of a language model in one pass. Throws a DataError. */
export async function surveyText(task: LanguageModelTask, files: DataFiles, options: LoadOptions = {}): Promise<TextFacts> {
  const counts = await countTokens(task.tokens, sourceOf(task, files, options));
  const vocabulary = options.vocabulary ?? vocabularyOf(counts, task.vocabulary);
  if (vocabulary.tokens.length < 2) {
    throw new DataError('data-vocabulary', nothingToPredict(vocabulary, counts.kinds.length), taskFiles(task)[0]);
  }
  return { vocabulary, length: counts.total };
}

/** Why a vocabulary of none or one token is of no use, which `kinds` of token of the text became. */
function nothingToPredict({ tokens, unknown }: Vocabulary, kinds: number): string {
  if (kinds === 0) return 'The text holds no token, only white space. Use a text with words.';
  if (kinds > 1 && unknown !== undefined) return `The limits of the vocabulary leave none of the text's ${kinds} kinds of token, so there is nothing to predict. Give a larger "max" or a smaller "minCount".`;
  return `The text holds one kind of token only (${JSON.stringify(tokens[0])}), so there is nothing to predict. Use a text with at least two.`;
}

function sourceOf(task: LanguageModelTask, files: DataFiles, { alive }: LoadOptions): TextSource {
  return { files, paths: taskFiles(task), alive };
}

/** Number of tokens in the training part; the rest, the end of the text, is held out. */
export function trainingLength(length: number, validation: number): number {
  return Math.floor(length * (1 - validation));
}

/** Loads a language model's text: one pass to count, one to encode. Throws a DataError. */
export async function loadLanguageModel(task: LanguageModelTask, files: DataFiles, options: LoadOptions = {}): Promise<TaskData> {
  const { vocabulary, length } = await surveyText(task, files, options);
  const text = await encodeText(vocabulary, length, sourceOf(task, files, options));
  return languageModelData(text, vocabulary, task.validation);
}

/** A language model's data from an encoded text. */
export function languageModelData(text: TokenArray, vocabulary: Vocabulary, validation: number): TaskData {
  const cut = trainingLength(text.length, validation);
  const training = text.subarray(0, cut);
  const heldOut = text.subarray(cut);
  const shown = heldOut.length > 1 ? heldOut : training;
  const kinds = vocabulary.tokens.length;
  return {
    sizes: { input: { kind: 'tokens', vocabulary: kinds }, outputs: kinds, loss: 'tokens' },
    vocabulary,
    positions: { training: Math.max(0, training.length - 1), validation: Math.max(0, heldOut.length - 1) },
    references: tokenReferences(training, kinds),

    trainingBatches(plan) {
      const misfit = batchMisfit(training.length, plan);
      if (misfit) throw misfit;
      const perEpoch = Math.floor(streamLength(training.length, plan.batch) / plan.window);
      const cutBatch = parallelStreams(training, plan.batch, plan.window);
      return {
        perEpoch,
        at(step) {
          const index = step % perEpoch;
          return { state: plan.stateful && index > 0 ? 'continue' : 'reset', batch: cutBatch(index * plan.window, plan.window) };
        },
      };
    },

    validationBatches: (plan) => validationBatches(heldOut, plan),
    samples: textSamples(shown, vocabulary, Math.min(sampleTokens, shown.length - 1)),
    stretches: (steps) => textSamples(shown, vocabulary, steps),
  };
}

/** Tokens of a sample, as far as the text reaches. */
const sampleTokens = 100;

/** Stretches of a text, one behind the other. */
function textSamples(text: TokenArray, vocabulary: Vocabulary, steps: number): Samples | undefined {
  if (steps < 1 || steps > text.length - 1) return undefined;
  const count = Math.floor((text.length - 1) / steps);
  return {
    count,
    at(index) {
      const start = (index % count) * steps;
      const tokens = Int32Array.from(text.subarray(start, start + steps + 1));
      const read = Array.from(tokens, (token) => tokenText(token, vocabulary));
      return { batch: { steps, sequences: 1, inputs: tokens.subarray(0, steps), targets: tokens.subarray(1) }, inputs: read.slice(0, -1), targets: read.slice(1) };
    },
  };
}

/** The held-out text in as many streams as training has, or fewer where it is short; the last window may be shorter. */
function* validationBatches(text: TokenArray, { batch, window, stateful }: BatchPlan): Generator<PlannedBatch> {
  if (text.length < 2) return;
  const streams = Math.min(batch, Math.max(1, Math.floor((text.length - 1) / window)));
  const length = streamLength(text.length, streams);
  const cutBatch = parallelStreams(text, streams, Math.min(window, length));
  for (let start = 0; start < length; start += window) {
    yield { state: stateful && start > 0 ? 'continue' : 'reset', batch: cutBatch(start, Math.min(window, length - start)) };
  }
}

/** Why batch and window do not fit a training part of `tokens` tokens; undefined when they do. */
export function batchMisfit(tokens: number, { batch, window }: Pick<BatchPlan, 'batch' | 'window'>): DataError | undefined {
  const positions = Math.max(0, tokens - 1);
  const most = Math.floor(positions / window);
  if (most === 0) {
    const advice = positions > 0 ? `Set window to at most ${positions}, or use a longer text.` : 'Use a longer text.';
    return new DataError('data-too-short', `window ${window} is longer than the training part of the text, which has ${tokens} tokens (${positions} predictions). ${advice}`);
  }
  if (most < batch) {
    return new DataError('data-batch-too-big', `batch ${batch} × window ${window} needs ${batch * window + 1} tokens, but the training part of the text has ${tokens}. Set batch to at most ${most}, or shorten the window.`);
  }
  return undefined;
}

import { DataError } from '../../data/files';
import type { Sample } from '../../data/task';
import { tokensOf } from '../../data/tokenize';
import { pairBatch, pairSample } from '../../data/translation';
import { encode, tokenText, type TranslationVocabularies, type Vocabulary } from '../../data/vocabulary';
import type { LossKind } from '../../spec/architecture';
import type { SampleContext } from './context';
import { SampleError } from './sampleError';

/** A typed sample, and whose answers its targets are; those of the model are still to be asked for. */
export interface TypedSample {
  readonly sample: Sample;
  readonly answers: 'given' | 'of-the-model';
}

/** What stands between a typed text and its right answer, as in a table's row. */
const beforeAnswer = '\t';

/**
 * A text that a person typed as a sample. A language model's text holds its own answers. Elsewhere the right
 * answer (a label, a tag for each token, a translation) may stand behind a tab; without it the targets
 * are left open (−1), and a translation's is empty.
 * Throws a SampleError where a text says nothing, a DataError where it holds unknown tokens.
 */
export function typedSample(text: string, { task, words }: SampleContext, loss: LossKind): TypedSample {
  if (words === undefined || words.kind === 'values') throw notTyped(task.kind);
  if (words.kind === 'translation') return typedPair(text, words);
  if (!words.labels) return { answers: 'given', sample: continuedText(text, words) };

  const [read = '', answer] = split(text);
  const inputs = encode(read, words);
  if (inputs.length === 0) throw new SampleError('The sample is empty. Type at least one token.');
  const targets = answer === undefined ? new Int32Array(loss === 'class' ? 1 : inputs.length).fill(-1) : givenLabels(answer, words.labels, inputs.length, loss);
  const sample = {
    batch: { steps: inputs.length, sequences: 1, inputs, targets },
    inputs: Array.from(inputs, (token) => tokenText(token, words)),
    targets: Array.from(targets, (target) => words.labels?.[target] ?? ''),
  };
  return { answers: answer === undefined ? 'of-the-model' : 'given', sample };
}

function notTyped(task: string): SampleError {
  return new SampleError(`A sample of the task "${task}" cannot be typed, because its model reads values. Choose a held-out one by its number.`);
}

/** Every token but the first is the answer to what stands before it; the last position has none. */
function continuedText(text: string, vocabulary: Vocabulary): Sample {
  const inputs = encode(text, vocabulary);
  if (inputs.length < 2) throw new SampleError(`A sample needs at least two tokens, one to read and one to predict (got ${inputs.length}). Write a longer one.`);
  const read = Array.from(inputs, (token) => tokenText(token, vocabulary));
  return { batch: { steps: inputs.length, sequences: 1, inputs, targets: Int32Array.from(inputs, (_, t) => inputs[t + 1] ?? -1) }, inputs: read, targets: [...read.slice(1), ''] };
}

function typedPair(text: string, words: TranslationVocabularies): TypedSample {
  const [read = '', answer] = split(text);
  const source = encode(read, words.source);
  if (source.length === 0) throw new SampleError('There is nothing to translate. Type at least one token.');
  const target = encode(answer ?? '', words.target);
  return { answers: answer === undefined ? 'of-the-model' : 'given', sample: pairSample(pairBatch({ source, target }, words), words) };
}

function split(text: string): [string, string?] {
  const at = text.indexOf(beforeAnswer);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function givenLabels(answer: string, labels: readonly string[], steps: number, loss: LossKind): Int32Array {
  const names = loss === 'class' ? [answer.trim()] : tokensOf(answer, 'spaced');
  if (loss !== 'class' && names.length !== steps) throw new SampleError(`The sample has ${steps} tokens, but ${names.length} tags behind the tab. Give each token one tag, separated by spaces.`);
  return Int32Array.from(names, (name) => {
    const number = labels.indexOf(name);
    if (number < 0) throw new DataError('data-unknown-token', `${JSON.stringify(name)} is not one of the ${labels.length} labels: ${shortList(labels)}. Write one of them behind the tab, or none.`);
    return number;
  });
}

function shortList(names: readonly string[]): string {
  return `${names.slice(0, 8).join(', ')}${names.length > 8 ? ', …' : ''}`;
}

import type { StoredData } from '../data/stored';
import { encode, type TranslationVocabularies, type Vocabulary } from '../data/vocabulary';
import type { Engine } from '../engine/engine';
import type { TaskSpec } from '../spec/schema';
import { defaultPrompt, generate, textStream, type Method, type TextStream } from '../training/generate';
import { defaultAlpha, drawTranslation, translate } from '../training/translate';
import { whyNoText } from '../training/writesText';
import { ServiceError } from './failures';
import type { GenerateTextRequest } from './service';

/** Tokens as they are written, and how they become text. */
export interface Writing {
  readonly tokens: Iterable<readonly number[]>;
  readonly stream: TextStream;
}

/** The words that a model of this task writes with. Throws a ServiceError for tasks that write no text. */
export function wordsToWrite(task: TaskSpec, stored: StoredData | undefined): Vocabulary | TranslationVocabularies {
  const reason = whyNoText(task);
  if (reason !== undefined) throw new ServiceError(reason, 'no-text');
  if (stored === undefined || stored.kind === 'values') throw new ServiceError('The run has lost its vocabulary, so its tokens cannot be read as text. Train the model again.', 'data-vocabulary');
  return stored;
}

/** A language model goes on with the prompt; a translation model translates it. Throws a ServiceError when there is nothing to translate. */
export function writerOf(engine: Engine, words: Vocabulary | TranslationVocabularies, { prompt, length, method }: GenerateTextRequest): Writing {
  if (words.kind === 'translation') return { tokens: translation(engine, words, { prompt, length, method }), stream: textStream(words.target, 'beginning') };
  const encoded = prompt === '' ? defaultPrompt(words) : encode(prompt, words);
  return { tokens: generate(engine, { prompt: encoded, length, method: withoutUnknown(method, words.unknown) }), stream: textStream(words) };
}

function translation(engine: Engine, words: TranslationVocabularies, { prompt, length, method }: Pick<GenerateTextRequest, 'prompt' | 'length' | 'method'>): Iterable<readonly number[]> {
  if (prompt.trim() === '') throw new ServiceError('There is nothing to translate. Give the text, on the command line with --prompt.', 'sample');
  const source = encode(prompt, words.source);
  if (method.kind === 'sampling' && method.sampling.temperature > 0) return drawTranslation(engine, source, words, { length, sampling: method.sampling, seed: method.seed });
  return settled(translate(engine, source, words, { width: method.kind === 'beam' ? method.width : 1, length, alpha: defaultAlpha }));
}

/** All tokens of the best hypothesis, those that were settled only at the end among them. */
function* settled(found: ReturnType<typeof translate>): Generator<readonly number[], void> {
  let written = 0;
  let next = found.next();
  for (; next.done !== true; next = found.next()) {
    written += next.value.length;
    yield next.value;
  }
  yield next.value[0]?.tokens.slice(written) ?? [];
}

/** The stand-in for rare words is nothing that a text can hold. */
function withoutUnknown(method: Method, never: number | undefined): Method {
  return method.kind === 'beam' ? { ...method, never } : { ...method, sampling: { ...method.sampling, never } };
}

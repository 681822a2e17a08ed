import { parseStoredData } from '../data/stored';
import { translationSizes } from '../data/translation';
import { encode, parseVocabulary, type TranslationVocabularies, type Vocabulary } from '../data/vocabulary';
import type { Engine } from '../engine/engine';
import { connect, Transferred, type Remote, type Service, type Transport } from '../shared/rpc';
import { decodeSafetensors } from '../shared/safetensors';
import type { TextTrace } from '../shared/run';
import type { Tensors } from '../shared/tensor';
import { architectureOf, type Architecture } from '../spec/architecture';
import type { TrainingSpec } from '../spec/schema';
import { defaultPrompt, generate, textStream, type Method, type TextStream } from '../training/generate';
import { traceText } from '../training/inspectText';
import { parametersOf } from '../training/sessionState';
import { defaultAlpha, translate } from '../training/translate';
import { aliveUntil, isRaised } from './cancel';
import { coded, ServiceError } from './failures';
import { HeldTraining, notALanguageModel } from './heldTraining';
import type { EngineService, GenerateTextRequest, HostService, StoredWeights } from './service';
import { Turns } from './turns';
import type { EngineWorld } from './world';

/** Milliseconds of generation between two turns. */
const slice = 8;

/** Serves `EngineService` over a transport, on any platform. */
export function serveEngine(transport: Transport, world: EngineWorld): void {
  const service = createEngineService(world, () => host);
  const host: Remote<HostService> = connect<HostService>(transport, service satisfies Service);
}

/** The service itself. Trainings take fair turns; short requests are answered between two slices. */
export function createEngineService(world: EngineWorld, host: () => Remote<HostService>): EngineService {
  const trainings = new Map<string, HeldTraining>();
  const turns = new Turns(() => world.pause());
  const inspection = new InspectionEngine(world);

  const held = (run: string): HeldTraining => {
    const training = trainings.get(run);
    if (!training) throw new ServiceError('This training has ended.', 'run-missing');
    return training;
  };

  return {
    prepare: coded(async (request, signal) => {
      const training = await HeldTraining.prepare(request, world, signal);
      trainings.set(request.run, training);
      return training.prepared;
    }),

    train: coded(async ({ run }) => held(run).train(turns, host())),

    stop({ run }) {
      trainings.get(run)?.stop();
    },

    release({ run }) {
      trainings.get(run)?.release();
      trainings.delete(run);
    },

    trace: coded(async ({ weights, text, cancel }) => {
      const alive = aliveUntil(isRaised(cancel), () => world.heartbeat());
      const look = (engine: Engine, vocabulary: Vocabulary, step: number): TextTrace => traceText({ engine, vocabulary, text, step, alive, now: () => world.now() });
      const trace = weights.kind === 'stored' ? await inspection.use(weights, look) : lookLive(held(weights.run), look);
      return new Transferred(trace, buffersOf(trace.tensors));
    }),

    generate: coded(async (request, signal) => {
      // A copy of the weights: those of a training change while the text is written.
      const model = request.weights.kind === 'live' ? liveCopy(held(request.weights.run)) : storedWriter(request.weights);
      const engine = await world.createEngine(model.architecture, {});
      try {
        engine.setParameters(model.parameters);
        return await write(writerOf(engine, model, request), request, signal);
      } finally {
        engine.dispose();
      }
    }),
  };

  async function write({ tokens: pieces, stream }: Writing, { id, cancel }: GenerateTextRequest, signal: AbortSignal): Promise<string> {
    const raised = isRaised(cancel);
    const alive = aliveUntil(() => signal.aborted || raised(), () => world.heartbeat());
    let text = '';
    let piece = '';
    let sliceEnd = world.now() + slice;
    for (const tokens of pieces) {
      alive();
      for (const token of tokens) piece += stream.push(token);
      if (world.now() < sliceEnd) continue;
      text += piece;
      host().notify('text', { id, piece });
      piece = '';
      await turns.next();
      sliceEnd = world.now() + slice;
    }
    piece += stream.end();
    if (piece !== '') host().notify('text', { id, piece });
    return text + piece;
  }
}

/** Tokens as they are written, and how they become text. */
interface Writing {
  readonly tokens: Iterable<readonly number[]>;
  readonly stream: TextStream;
}

/** A language model goes on with the prompt; a translation model translates it. */
function writerOf(engine: Engine, { words }: Writer, { prompt, length, method }: GenerateTextRequest): Writing {
  if (words.kind === 'translation') {
    if (prompt === '') throw new ServiceError('There is nothing to translate. Give the text, on the command line with --prompt.', 'sample');
    // A translation is looked for, not drawn: without a beam the most probable token every time.
    const width = method.kind === 'beam' ? method.width : 1;
    return { tokens: settled(translate(engine, encode(prompt, words.source), words, { width, length, alpha: defaultAlpha })), stream: textStream(words.target, 'beginning') };
  }
  const encoded = prompt === '' ? defaultPrompt(words) : encode(prompt, words);
  return { tokens: generate(engine, { prompt: encoded, length, method: withoutUnknown(method, words.unknown) }), stream: textStream(words) };
}

/** All tokens of the best hypothesis, those that were settled only at the end among them. */
function* settled(translation: ReturnType<typeof translate>): Generator<readonly number[], void> {
  let written = 0;
  let next = translation.next();
  for (; next.done !== true; next = translation.next()) {
    written += next.value.length;
    yield next.value;
  }
  yield next.value[0]?.tokens.slice(written) ?? [];
}

/** The stand-in for rare words is nothing that a text can hold. */
function withoutUnknown(method: Method, never: number | undefined): Method {
  return method.kind === 'beam' ? { ...method, never } : { ...method, sampling: { ...method.sampling, never } };
}

function lookLive(training: HeldTraining, look: (engine: Engine, vocabulary: Vocabulary, step: number) => TextTrace): TextTrace {
  return look(training.engine, training.textVocabulary(), training.step);
}

/** A network with weights. */
interface Weighted {
  readonly architecture: Architecture;
  readonly parameters: Tensors;
}

/** A language model and its words. */
interface Model extends Weighted {
  readonly vocabulary: Vocabulary;
}

/** A model that writes texts: a language model, or one that translates. */
interface Writer extends Weighted {
  readonly words: Vocabulary | TranslationVocabularies;
}

function liveCopy(training: HeldTraining): Writer {
  const words = training.translation ?? training.textVocabulary();
  return { architecture: training.engine.architecture, parameters: training.engine.parameters(), words };
}

function storedWriter(weights: StoredWeights): Writer {
  const { spec, vocabulary: json, file } = weights;
  if (spec.task.kind !== 'translation') {
    const { vocabulary, ...model } = storedModel(weights);
    return { ...model, words: vocabulary };
  }
  const words = parseStoredData(json);
  if ('tokens' in words || words.kind !== 'translation') throw new ServiceError('The vocabularies stored with the run are not those of a translation. Train the model again.', 'checkpoint-corrupt');
  const architecture = architectureOf(spec, translationSizes(words));
  return { architecture, parameters: parametersOf(decodeSafetensors(file).tensors, architecture), words };
}

function storedModel({ spec, vocabulary: json, file }: StoredWeights): Model {
  if (spec.task.kind !== 'language-model') throw notALanguageModel();
  const vocabulary = parseVocabulary(json);
  const kinds = vocabulary.tokens.length;
  const architecture = architectureOf(spec, { input: { kind: 'tokens', vocabulary: kinds }, outputs: kinds, loss: 'tokens' });
  return { architecture, parameters: parametersOf(decodeSafetensors(file).tensors, architecture), vocabulary };
}

/** The engine of the last inspected network, kept so that going through a run's checkpoints makes no new one each time. */
class InspectionEngine {
  #held: { readonly key: string; readonly engine: Engine } | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(readonly world: EngineWorld) {}

  /** Loads the weights and hands them to `act`; one after the other, because there is one engine. */
  use<R>(weights: StoredWeights, act: (engine: Engine, vocabulary: Vocabulary, step: number) => R): Promise<R> {
    const result = this.#queue.then(async () => {
      const { architecture, parameters, vocabulary } = storedModel(weights);
      const engine = await this.#engineFor(architecture, weights.spec.training);
      engine.setParameters(parameters);
      return act(engine, vocabulary, weights.step);
    });
    this.#queue = result.catch(() => undefined);
    return result;
  }

  async #engineFor(architecture: Architecture, { order }: Pick<TrainingSpec, 'order'>): Promise<Engine> {
    const key = JSON.stringify([architecture, order]);
    if (this.#held?.key === key) return this.#held.engine;
    const engine = await this.world.createEngine(architecture, { order });
    this.#held?.engine.dispose();
    this.#held = { key, engine };
    return engine;
  }
}

function buffersOf(tensors: Tensors): ArrayBuffer[] {
  return [...new Set([...tensors.values()].map(({ data }) => data.buffer))].filter((buffer): buffer is ArrayBuffer => buffer instanceof ArrayBuffer);
}


import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { loadTranslation, translationTaskData, type TranslationData } from '../../src/data/translation';
import type { Engine } from '../../src/engine/engine';
import { initialParameters } from '../../src/engine/initialise';
import { createWasmEngine } from '../../src/engine/wasm/wasmEngine';
import { nodeDataFiles } from '../../src/engineHost/nodeFiles';
import { architectureOf } from '../../src/spec/architecture';
import { parseSpec } from '../../src/spec/parse';
import { TrainingSession } from '../../src/training/trainingSession';
import { defaultAlpha, translate } from '../../src/training/translate';
import { errorRates, heldOutSources, type ErrorRates, type ListedTranslations } from '../quality/errorRate';
import { evaluateNow } from '../quality/evaluateNow';

/** Phonemes that a pronunciation has at most; the longest of the data has 20. */
const longest = 30;

interface Measured {
  readonly steps: number;
  readonly ofSteps: number;
  readonly trainingSeconds: number;
  readonly processorSeconds: number;
  readonly validationLoss: number;
  readonly words: number;
  readonly greedy: ErrorRates;
  readonly beam: ErrorRates & { readonly width: number };
}

/** Trains the template in `templates` and measures its phoneme error rates; see translation.mjs. */
export async function measure(templates: string, args: string[]): Promise<Measured> {
  const { values } = parseArgs({ args, options: { seconds: { type: 'string', default: '120' }, words: { type: 'string', default: '600' }, beam: { type: 'string', default: '4' } } });
  const { spec } = parseSpec(await readFile(`${templates}/pronunciation-lstm.rnn.json`, 'utf8'));
  if (spec?.task.kind !== 'translation') throw new Error('the template is not a translation');
  const data = await loadTranslation(spec.task, nodeDataFiles(`${templates}/data`));
  const taskData = translationTaskData(data);
  const architecture = architectureOf(spec, taskData.sizes);
  const engine = createWasmEngine(architecture);
  engine.setParameters(initialParameters(architecture, spec.training.seed));
  const session = new TrainingSession({ training: spec.training, data: taskData, engine });

  const begin = performance.now();
  const processor = process.cpuUsage();
  while (!session.finished && performance.now() - begin < Number(values.seconds) * 1000) session.step();
  const trainingSeconds = (performance.now() - begin) / 1000;
  const processorSeconds = process.cpuUsage(processor).user / 1e6;
  const validationLoss = evaluateNow(session);

  const words = heldOutSources(data, Number(values.words));
  const greedy = searched(engine, data, words, 1);
  const beam = searched(engine, data, words, Number(values.beam));
  return { steps: session.progress.step, ofSteps: session.cadence.steps, trainingSeconds, processorSeconds, validationLoss, words: words.length, greedy, beam: { width: Number(values.beam), ...beam } };
}

/** What the best hypotheses of a search of this width are worth. */
function searched(engine: Engine, { vocabularies }: TranslationData, words: readonly ListedTranslations[], width: number): ErrorRates {
  const written = words.map(({ source }) => {
    const translation = translate(engine, source, vocabularies, { width, length: longest, alpha: defaultAlpha });
    let next = translation.next();
    while (next.done !== true) next = translation.next();
    return next.value[0]?.tokens ?? [];
  });
  return errorRates(words, written);
}

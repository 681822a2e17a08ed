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
import { defaultAlpha, editDistance, translate } from '../../src/training/translate';

/** Phonemes that a pronunciation has at most; the longest of the data has 20. */
const longest = 30;

/** What the best hypotheses of a search are worth. */
interface ErrorRates {
  readonly phonemeErrorRate: number;
  /** Share of words with any error. */
  readonly wordErrorRate: number;
}

interface Measured {
  readonly steps: number;
  readonly ofSteps: number;
  readonly trainingSeconds: number;
  readonly processorSeconds: number;
  readonly validationLoss: number | undefined;
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
  const evaluation = session.evaluate();
  let validation = evaluation.next();
  while (!validation.done) validation = evaluation.next();

  const words = heldOut(data, Number(values.words));
  const greedy = errorRate(engine, data, words, 1);
  const beam = errorRate(engine, data, words, Number(values.beam));
  return { steps: session.progress.step, ofSteps: session.cadence.steps, trainingSeconds, processorSeconds, validationLoss: validation.value, words: words.size, greedy, beam: { width: Number(values.beam), ...beam } };
}

/** Held-out spellings with all their pronunciations, in token numbers. */
function heldOut({ pairs, vocabularies }: TranslationData, count: number): Map<string, { source: Int32Array; targets: Int32Array[] }> {
  const all = new Map<string, { source: Int32Array; targets: Int32Array[] }>();
  for (let i = 0; i < pairs.count; i++) {
    const { source, target } = pairs.at(i);
    const spelling = Array.from(source, (token) => vocabularies.source.tokens[token]).join('');
    const known = all.get(spelling) ?? { source, targets: [] };
    known.targets.push(target);
    all.set(spelling, known);
  }
  return new Map([...all].slice(0, count));
}

function errorRate(engine: Engine, { vocabularies }: TranslationData, words: ReturnType<typeof heldOut>, width: number): ErrorRates {
  let [errors, length, wrong] = [0, 0, 0];
  for (const { source, targets } of words.values()) {
    const translation = translate(engine, source, vocabularies, { width, length: longest, alpha: defaultAlpha });
    let next = translation.next();
    while (next.done !== true) next = translation.next();
    const written = next.value[0]?.tokens ?? [];
    const nearest = targets.map((target) => ({ distance: editDistance(written, target), length: target.length })).sort((a, b) => a.distance - b.distance)[0];
    errors += nearest?.distance ?? 0;
    length += nearest?.length ?? 0;
    wrong += nearest?.distance === 0 ? 0 : 1;
  }
  return { phonemeErrorRate: errors / length, wordErrorRate: wrong / words.size };
}

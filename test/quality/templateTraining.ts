import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { Reaches, Template } from '../../src/commands/templates';
import type { DataFiles } from '../../src/data/files';
import { loadData } from '../../src/data/load';
import type { TaskData } from '../../src/data/task';
import { loadTranslation } from '../../src/data/translation';
import { outputText } from '../../src/data/vocabulary';
import type { Engine } from '../../src/engine/engine';
import { initialParameters } from '../../src/engine/initialise';
import { createWasmEngine } from '../../src/engine/wasm/wasmEngine';
import { nodeDataFiles } from '../../src/engineHost/nodeFiles';
import { architectureOf } from '../../src/spec/architecture';
import { isUsable, parseSpec } from '../../src/spec/parse';
import type { Spec, TrainingSpec } from '../../src/spec/schema';
import { TrainingSession } from '../../src/training/trainingSession';
import { translateGreedily } from '../../src/training/translate';
import { errorRates, heldOutSources } from './errorRate';
import { evaluateNow } from './evaluateNow';

/** Target tokens that a translation has at most; the longest of the templates' data has 20. */
const longestTranslation = 30;

/** Steps after which other work of the process gets its turn. */
const stepsBetweenTurns = 20;

/** All templates that New Model offers, as `templates.json` in this folder lists them. */
export function listOf(folder: string): readonly Template[] {
  return JSON.parse(readFileSync(`${folder}templates.json`, 'utf8')) as readonly Template[];
}

/** The spec of a template in this folder. */
export function specOf(folder: string, { spec }: Template): Spec {
  const parsed = parseSpec(readFileSync(folder + spec, 'utf8'));
  if (!isUsable(parsed)) throw new Error(`${spec}: ${parsed.problems[0]?.message}`);
  return parsed.spec;
}

/** When a measured training ends: with the spec's last step, or at the first evaluation that reaches what is stated. */
export type Until = 'its-end' | 'it-reaches';

/** What a training came to. */
export interface Measured {
  /** The stated metric, on held-out data, at the end of the training. */
  readonly value: number;
  readonly reached: boolean;
  readonly step: number;
  /** Steps of the spec. */
  readonly steps: number;
  /** By the wall clock, loading and evaluations among them. */
  readonly seconds: number;
  readonly validationLoss: number;
}

/** Trains a template on the fast engine as it stands, but for its seed where one is given, and measures what it states. */
export async function trainTemplate(folder: string, template: Template, until: Until, seed?: number): Promise<Measured> {
  const began = performance.now();
  const { reaches } = template;
  const { task, model, training: own } = specOf(folder, template);
  const training = seed === undefined ? own : { ...own, seed };
  const files = nodeDataFiles(`${folder}data`);
  const data = await loadData(task, files);
  const architecture = architectureOf({ model }, data.sizes);
  const engine = createWasmEngine(architecture);
  engine.setParameters(initialParameters(architecture, training.seed));
  const session = new TrainingSession({ training, data, engine });
  const measure = await measureOf(reaches, { task, training }, data, files);

  let measured = { value: NaN, validationLoss: NaN };
  const reached = (): boolean => (reaches.metric === 'right' ? measured.value >= reaches.atLeast : measured.value <= reaches.atMost);
  while (!session.finished && !(until === 'it-reaches' && reached())) {
    session.step();
    if (session.progress.step % stepsBetweenTurns === 0) await setImmediate(); // or the test's worker seems dead to vitest
    if (!session.evaluationDue) continue;
    const validationLoss = evaluateNow(session);
    if (until === 'it-reaches' || session.finished) measured = { value: measure(engine, validationLoss), validationLoss };
  }
  const result = { ...measured, reached: reached(), step: session.progress.step, steps: session.cadence.steps, seconds: (performance.now() - began) / 1000 };
  engine.dispose();
  return result;
}

/** The stated metric of an engine's weights, given their validation loss. */
type Measure = (engine: Engine, validationLoss: number) => number;

async function measureOf(reaches: Reaches, { task, training }: Pick<Spec, 'task' | 'training'>, data: TaskData, files: DataFiles): Promise<Measure> {
  switch (reaches.metric) {
    case 'loss':
      return (_, validationLoss) => validationLoss;
    case 'right':
      return (engine) => shareRight(engine, data, training, reaches.except);
    case 'wrong': {
      if (task.kind !== 'translation') throw new Error('Only translations state how many tokens are wrong.');
      const translation = await loadTranslation(task, files);
      const sources = heldOutSources(translation);
      return (engine) => errorRates(sources, translateGreedily(engine, sources.map(({ source }) => source), translation.vocabularies, longestTranslation)).tokenErrorRate;
    }
  }
}

/** Share of held-out positions whose most probable answer is right; positions whose target reads `except` do not count. */
function shareRight(engine: Engine, data: TaskData, training: TrainingSpec, except: string | undefined): number {
  let [right, all] = [0, 0];
  for (const { batch } of data.validationBatches(training)) {
    const logits = engine.trace(batch, { flow: 'without-flow' }).get('output.logits')?.data ?? [];
    batch.targets.forEach((target, row) => {
      if (target < 0 || (data.vocabulary && outputText(target, data.vocabulary) === except)) return;
      all++;
      if (largestOf(logits, row * data.sizes.outputs, data.sizes.outputs) === target) right++;
    });
  }
  return right / all;
}

function largestOf(values: ArrayLike<number | bigint>, start: number, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) if (Number(values[start + i]) > Number(values[start + best])) best = i;
  return best;
}

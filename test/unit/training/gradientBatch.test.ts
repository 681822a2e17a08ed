import { describe, expect, it } from 'vitest';
import { loadData } from '../../../src/data/load';
import type { TaskData } from '../../../src/data/task';
import type { Engine } from '../../../src/engine/engine';
import { initialParameters } from '../../../src/engine/initialise';
import type { BatchGradients } from '../../../src/shared/run';
import type { Tensors } from '../../../src/shared/tensor';
import { architectureOf } from '../../../src/spec/architecture';
import { specSchema } from '../../../src/spec/schema';
import { traceGradientBatch, type LossChoice } from '../../../src/training/samples/gradientBatch';
import { samplesOfLength } from '../../../src/training/samples/sideBySide';
import { engines } from '../../engines';
import { memoryFiles } from '../data/files';

const words = ['anna', 'bert', 'clara', 'dirk', 'eva', 'fritz', 'greta', 'hans', 'ida', 'jan', 'karl', 'lena', 'mats', 'nina', 'otto', 'paul'];
const files = memoryFiles({
  'text.txt': 'abcde edcba dabce '.repeat(400),
  'names.csv': `name,sex\n${words.map((name, index) => `${name},${index % 2 === 0 ? 'girl' : 'boy'}`).join('\n')}\n`,
  'days.csv': `warm,wind\n${Array.from({ length: 900 }, (_, i) => `${(10 + 5 * Math.sin(i / 9)).toFixed(2)},${i % 7}`).join('\n')}\n`,
  'pairs.tsv': `word\tcapitals\n${words.map((word) => `${word}\t${[...word.toUpperCase()].reverse().join(' ')}`).join('\n')}\n`,
});
const lstm = { layers: [{ cell: 'lstm', units: 5 }, { cell: 'gru', units: 4 }] };
const tasks = {
  text: [{ kind: 'language-model', data: 'text.txt', tokens: 'char', validation: 0.5 }, lstm],
  names: [{ kind: 'classification', data: 'names.csv', text: 'name', label: 'sex', tokens: 'char', validation: 0 }, { layers: [{ cell: 'gru', units: 4, bidirectional: true }] }],
  days: [{ kind: 'forecast', data: 'days.csv', inputs: ['warm', 'wind'], targets: ['warm'], horizon: 2, validation: 0.5 }, lstm],
  pairs: [{ kind: 'translation', data: 'pairs.tsv', source: 'word', target: 'capitals', tokens: { source: 'char', target: 'spaced' }, validation: 0 }, { encoder: { layers: [{ cell: 'gru', units: 4 }] }, decoder: { layers: [{ cell: 'lstm', units: 4 }] } }],
} as const;

async function model(name: keyof typeof tasks): Promise<{ engine: Engine; data: TaskData }> {
  const [task, network] = tasks[name];
  const spec = specSchema.parse({ version: 1, name, task, model: network });
  const data = await loadData(spec.task, files);
  const architecture = architectureOf(spec, data.sizes);
  const engine = await engines.at(-1)!.create(architecture);
  engine.setParameters(initialParameters(architecture, 3));
  return { engine, data };
}

const likeOf = (name: keyof typeof tasks, data: TaskData) => (name === 'text' || name === 'days' ? data.stretches!(30)! : data.samples!).at(0).batch;

/** ‖·‖₂ over units at step t of sequence 0. */
function norm(trace: Tensors, name: string, t: number): number {
  const { data, shape } = trace.get(name)!;
  return Math.hypot(...Array.from({ length: shape.at(-1)! }, (_, unit) => Number(data[t * shape.at(-1)! + unit])));
}

const at = ({ tensors, sequences }: BatchGradients, name: string, t: number, b: number): number => Number(tensors.get(name)!.data[t * sequences + b]);

describe.each(Object.keys(tasks) as (keyof typeof tasks)[])('gradients of a batch: %s', (name) => {
  it('are those that each sequence has alone', async () => {
    const { engine, data } = await model(name);
    const like = likeOf(name, data);
    const batch = traceGradientBatch({ engine, data, like, loss: 'all', step: 7 });
    const alone = samplesOfLength(data.stretches?.(like.steps) ?? data.samples!, like, 24);
    expect(batch).toMatchObject({ step: 7, steps: like.steps, sequences: alone.length });
    expect(alone.length).toBeGreaterThanOrEqual(4);
    const states = [...batch.tensors.keys()].filter((tensor) => !tensor.endsWith('.grad.c.partial'));
    expect(states.length).toBeGreaterThanOrEqual(4);
    alone.forEach((sequence, b) => {
      const trace = engine.trace(sequence, { flow: 'without-flow' });
      for (const tensor of states) {
        const steps = batch.tensors.get(tensor)!.shape[0]!;
        for (let t = 0; t < steps; t++) {
          const expected = norm(trace, tensor, t);
          expect(at(batch, tensor, t, b), `${tensor} ${t} of ${b}`).toBeCloseTo(expected, 5 + Math.max(0, -Math.ceil(Math.log10(expected + 1e-12))));
        }
      }
    });
  });

  it('hold one loss alone when it is asked for', async () => {
    const { engine, data } = await model(name);
    const like = likeOf(name, data);
    const loss: LossChoice = name === 'names' ? 0 : 3;
    const batch = traceGradientBatch({ engine, data, like, loss, step: 7 });
    const [first] = samplesOfLength(data.stretches?.(like.steps) ?? data.samples!, like, 24);
    const trace = engine.trace(first!, { flow: 'with-flow' });
    const flows = [...trace].filter(([tensor]) => tensor.endsWith('.flow'));
    expect(flows.length).toBeGreaterThan(0);
    for (const [tensor, { shape, data: flow }] of flows) {
      for (let k = 0; k < shape[1]!; k++) {
        const expected = Number(flow[loss * shape[1]! + k]);
        expect(at(batch, tensor.replace('.flow', '.grad.h'), k, 0), `${tensor} ${k}`).toBeCloseTo(expected, 5 + Math.max(0, -Math.ceil(Math.log10(expected + 1e-12))));
      }
    }
  });
});

describe('a batch of gradients', () => {
  it('has losses where the sample has some: none at the end of a typed text', async () => {
    const { engine, data } = await model('text');
    const like = likeOf('text', data);
    const typed = { ...like, targets: like.targets.slice().fill(-1, 29) };
    const batch = traceGradientBatch({ engine, data, like: typed, loss: 'all', step: 0 });
    expect(at(batch, 'layer1.forward.grad.h', 29, 2)).toBe(0);
    expect(at(batch, 'layer1.forward.grad.h', 28, 2)).toBeGreaterThan(0);
  });

  it('says why there is none when too few sequences are as long', async () => {
    const { engine, data } = await model('names');
    const five = data.samples!.at(words.indexOf('clara')).batch;
    expect(() => traceGradientBatch({ engine, data, like: five, loss: 'all', step: 0 })).toThrow(/^Only 3 samples of the data are 5 timesteps long; a spread needs at least 4\.$/);
  });
});

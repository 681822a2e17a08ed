import { describe, expect, it } from 'vitest';
import { loadData } from '../../../src/data/load';
import type { TaskData } from '../../../src/data/task';
import type { Engine } from '../../../src/engine/engine';
import { initialParameters } from '../../../src/engine/initialise';
import { architectureOf } from '../../../src/spec/architecture';
import { specSchema } from '../../../src/spec/schema';
import { engines } from '../../engines';
import { memoryFiles } from '../data/files';
import { largestError } from '../engine/support';
import type { Tensors } from '../../../src/shared/tensor';

/** Words of 1 to 9 letters, no two alike. */
const words = Array.from({ length: 30 }, (_, i) => Array.from({ length: 1 + (i % 9) }, (_, t) => 'abcdef'[(i * 5 + t * (1 + (i % 4))) % 6]).join('') + 'fgh'[i % 3]);
const both = { cell: 'lstm', units: 4, bidirectional: true };
const layers = [{ ...both, connection: 'dense' }, { ...both, cell: 'gru', units: 3 }];

const tasks = {
  classification: { task: { data: 'd.csv', text: 'word', label: 'ending', tokens: 'char' }, model: { layers }, text: `word,ending\n${words.map((word, i) => `${word},${i % 2}`).join('\n')}\n` },
  tagging: { task: { data: 'd.jsonl' }, model: { embedding: 3, layers }, text: words.map((word) => JSON.stringify({ tokens: [...word], tags: [...word].map((letter) => (letter < 'd' ? 'X' : 'Y')) })).join('\n') },
  translation: {
    task: { data: 'd.tsv', source: 'word', target: 'back', tokens: 'char' },
    model: { encoder: { layers: [both] }, decoder: { layers: [{ cell: 'lstm', units: 8 }], attention: 'dot' } },
    text: `word\tback\n${words.map((word, i) => `${word}\t${[...word].reverse().slice(0, 1 + (i % 4)).join('')}`).join('\n')}\n`,
  },
} as const;

/** Loss, its positions and the gradient of all held-out sequences, in batches of this size. */
function wholeOf(engine: Engine, data: TaskData, batch: number): { sum: number; positions: number; gradient: Tensors } {
  const whole = { sum: 0, positions: 0, gradient: new Map() as Tensors };
  for (const planned of data.validationBatches({ batch, window: 1, seed: 1, stateful: false })) {
    const { sum, positions } = engine.evaluate(planned.batch);
    for (const [name, { shape, data: values }] of engine.trace(planned.batch, { flow: 'without-flow' })) {
      if (!name.startsWith('grad.param.')) continue;
      const total = whole.gradient.get(name)?.data ?? new Float64Array(values.length);
      // The gradient of a batch is that of its mean.
      values.forEach((value, i) => (total[i] = Number(total[i]) + Number(value) * positions));
      whole.gradient.set(name, { dtype: 'F64', shape, data: total });
    }
    whole.sum += sum;
    whole.positions += positions;
  }
  return whole;
}

describe.each(engines)('sequences of different lengths, $name engine', ({ name, create }) => {
  it.each(Object.entries(tasks))('have the same loss and gradient in %s whether padded side by side or read one by one', async (kind, { task, model, text }) => {
    const spec = specSchema.parse({ version: 1, name: 'm', task: { kind, ...task, validation: 0.4 }, model });
    const data = await loadData(spec.task, memoryFiles({ [task.data]: text }));
    const architecture = architectureOf(spec, data.sizes);
    const engine = await create(architecture);
    engine.setParameters(initialParameters(architecture, 1));

    const [alone, together] = [wholeOf(engine, data, 1), wholeOf(engine, data, 100)];
    const padding = [...data.validationBatches({ batch: 100, window: 1, seed: 1, stateful: false })].map(({ batch }) => (batch.lengths ?? []).length * batch.steps - Array.from(batch.lengths ?? []).reduce((sum, length) => sum + length, 0));
    expect(padding).toHaveLength(1);
    expect(padding[0]).toBeGreaterThan(10);

    expect(together.positions).toBe(alone.positions);
    expect(together.positions).toBe(data.positions.validation);
    const exact = name === 'reference';
    expect(Math.abs(together.sum / alone.sum - 1)).toBeLessThan(exact ? 1e-12 : 1e-6);
    expect(largestError(together.gradient, alone.gradient).error, largestError(together.gradient, alone.gradient).name).toBeLessThan(exact ? 1e-12 : 2e-5);
    engine.dispose();
  });
});

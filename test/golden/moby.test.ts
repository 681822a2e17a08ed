import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadData } from '../../src/data/load';
import type { TaskData } from '../../src/data/task';
import type { Engine } from '../../src/engine/engine';
import { sizeOf, type Tensors } from '../../src/shared/tensor';
import { architectureOf, parameterShapes, type Architecture } from '../../src/spec/architecture';
import { specSchema } from '../../src/spec/schema';
import { TrainingSession } from '../../src/training/trainingSession';
import { engines } from '../engines';
import curves from './moby/curves.json'; // made by moby_curve.py

const folder = join(__dirname, '../../media/templates/data');

/** Of the models that moby_curve.py trains. */
const units = 64;

const specOf = (cell: string) =>
  specSchema.parse({
    version: 1,
    name: 'moby',
    task: { kind: 'language-model', data: 'moby-dick.txt', tokens: 'char' },
    model: { layers: [{ cell, units }] },
    training: { optimizer: { kind: 'adam', learningRate: 2e-3 }, clip: { kind: 'norm', threshold: 5 }, batch: 25, window: 50, steps: 300 },
  });

/** MurmurHash3's finaliser. */
function scramble(n: number): number {
  let h = n;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The weights that moby_curve.py begins with: number n of all parameters, from 1 in file order, from a hash of n. */
function initialWeights(architecture: Architecture): Tensors {
  let n = 0;
  return new Map(
    parameterShapes(architecture).map(({ name, shape }) => {
      const data = Float32Array.from({ length: sizeOf(shape) }, () => (scramble(++n) / 2 ** 31 - 1) / Math.sqrt(units));
      return [name, { dtype: 'F32', shape, data }];
    }),
  );
}

/** Loss and gradient norm of the first steps. Takes a breath between steps, without which the test runner thinks its worker dead. */
async function train(engine: Engine, cell: string, data: TaskData, steps: number): Promise<{ loss: number[]; gradNorm: number[] }> {
  engine.setParameters(initialWeights(engine.architecture));
  const session = new TrainingSession({ training: specOf(cell).training, data, engine });
  const reports: ReturnType<typeof session.step>[] = [];
  for (let step = 0; step < steps; step++) {
    reports.push(session.step());
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { loss: reports.map(({ loss }) => loss), gradNorm: reports.map(({ gradNorm }) => gradNorm) };
}

/** Means over stretches of 25 steps, as single batches are noisy. */
const smooth = (curve: readonly number[]) => Array.from({ length: Math.floor(curve.length / 25) }, (_, i) => curve.slice(25 * i, 25 * (i + 1)).reduce((a, b) => a + b) / 25);
const largestRelative = (actual: readonly number[], expected: readonly number[]) => Math.max(0, ...expected.map((x, i) => Math.abs(actual[i]! - x) / x));

let data: TaskData;
beforeAll(async () => {
  if (!existsSync(join(folder, 'moby-dick.txt'))) execFileSync(process.execPath, [join(__dirname, '../../src/build/templates.mjs')]);
  data = await loadData(specOf('lstm').task, { open: async function* (path) { yield readFileSync(join(folder, path)); } });
});

describe('Moby Dick', () => {
  it('is the text that PyTorch was trained on', () => {
    expect(data.vocabulary?.tokens.length).toBe(curves.kinds);
    expect(data.positions.training + data.positions.validation + 2).toBe(curves.characters);
  });
});

describe.each(engines)('learning Moby Dick, $name engine', ({ name, create }) => {
  // The reference is written to be read, not to be fast: its first steps must do.
  const cells = name === 'reference' ? (['gru'] as const) : (['lstm', 'gru', 'rnn'] as const);
  const steps = name === 'reference' ? 2 : 300;

  it.each(cells)('%s: goes down the curve of PyTorch', { timeout: 300_000 }, async (cell) => {
    const engine = await create(architectureOf(specOf(cell), data.sizes));
    const { loss, gradNorm } = await train(engine, cell, data, steps);
    engine.dispose();
    // Before rounding has had time to grow, step by step; then within 2 % for as long as both go.
    expect(largestRelative(loss.slice(0, 20), curves[cell].loss.slice(0, Math.min(steps, 20)))).toBeLessThan(1e-5);
    expect(largestRelative(gradNorm.slice(0, 20), curves[cell].gradNorm.slice(0, Math.min(steps, 20)))).toBeLessThan(1e-3);
    expect(largestRelative(smooth(loss), smooth(curves[cell].loss.slice(0, steps)))).toBeLessThan(0.02);
  });
});

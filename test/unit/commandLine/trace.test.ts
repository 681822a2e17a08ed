import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { registerTrace } from '../../../src/commandLine/trace';
import { formatVocabulary } from '../../../src/data/vocabulary';
import { initialParameters } from '../../../src/engine/initialise';
import { createReferenceEngine } from '../../../src/engine/reference/referenceEngine';
import { checkpointPath } from '../../../src/runs/folder';
import { decodeSafetensors, encodeSafetensors } from '../../../src/shared/safetensors';
import type { Tensor, Tensors } from '../../../src/shared/tensor';
import { architectureOf } from '../../../src/spec/architecture';
import { parseSpec } from '../../../src/spec/parse';

const gru = join(__dirname, '../../golden/cases/gru');
const values = join(__dirname, '../../golden/cases/lstm-2-layers-values');
const read = (path: string): Tensors => decodeSafetensors(readFileSync(path)).tensors;

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'unroll-trace-'))));
afterEach(() => {
  rmSync(folder, { recursive: true });
  vi.restoreAllMocks();
});

/** Runs `unroll trace …` in this process. */
async function trace(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const written = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      written[stream] += text as string;
      return true;
    });
  }
  const program = new Command().exitOverride();
  registerTrace(program);
  program.commands.forEach((command) => command.exitOverride());
  process.exitCode = 0;
  try {
    await program.parseAsync(['node', 'unroll', 'trace', ...args]);
    return { status: process.exitCode, ...written };
  } catch (error) {
    return { status: 2, ...written, stderr: written.stderr + (error as Error).message };
  } finally {
    process.exitCode = 0;
    vi.restoreAllMocks();
  }
}

/** Traces a golden case whose weights and input may be changed before. */
async function traceCase(from: string, { weights, input, args = [] }: { weights?: (tensors: Tensors) => void; input?: (tensors: Tensors) => void; args?: string[] } = {}) {
  const change = (file: string, edit: (tensors: Tensors) => void = () => undefined): string => {
    const tensors = read(join(from, file));
    edit(tensors);
    writeFileSync(join(folder, file), encodeSafetensors(tensors));
    return join(folder, file);
  };
  const out = join(folder, 'trace.safetensors');
  const files = ['--weights', change('weights.safetensors', weights), '--input', change('input.safetensors', input)];
  return { ...(await trace(join(from, 'spec.rnn.json'), ...files, '--out', out, '--precision', 'f64', ...args)), out };
}

const f32 = ({ shape, data }: Tensor): Tensor => ({ dtype: 'F32', shape, data: Float32Array.from(data, Number) });
const i64 = (shape: number[], ...numbers: number[]): Tensor => ({ dtype: 'I64', shape, data: BigInt64Array.from(numbers, BigInt) });

describe('unroll trace', () => {
  it('writes the trace of a batch, with updates when they are asked for', async () => {
    const { status, stderr, out } = await traceCase(gru, { args: ['--updates', '3'] });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const expected = read(join(gru, 'expected.safetensors'));
    const actual = read(out);
    expect([...actual.keys()].sort()).toEqual([...expected.keys(), 'order.layer-major', 'order.level'].sort());
    expect(Number(actual.get('loss')!.data[0])).toBeCloseTo(Number(expected.get('loss')!.data[0]), 12);
  });

  it('leaves updates out by default, and tells in JSON what it wrote', async () => {
    const { stdout, out } = await traceCase(gru, { args: ['--json'] });
    const tensors = read(out);
    expect([...tensors.keys()].filter((name) => name.startsWith('update'))).toEqual([]);
    expect(JSON.parse(stdout)).toEqual({ out, tensors: tensors.size, steps: 7, sequences: 3, loss: Number(tensors.get('loss')!.data[0]) });
  });

  it.each(['f32', 'f64'])('goes timestep by timestep where the spec says so, with the same answers, %s', async (precision) => {
    const spec = join(folder, 'by-time.rnn.json');
    const parsed = JSON.parse(readFileSync(join(values, 'spec.rnn.json'), 'utf8')) as { training: object };
    writeFileSync(spec, JSON.stringify({ ...parsed, training: { ...parsed.training, order: 'time-major' } }));
    const out = join(folder, 'by-time.safetensors');
    expect((await trace(spec, '--weights', join(values, 'weights.safetensors'), '--input', join(values, 'input.safetensors'), '--out', out, '--precision', precision)).status).toBe(0);
    const [actual, expected] = [read(out), read(join(values, 'expected.safetensors'))];
    expect(actual.get('order.time-major')!.data.slice(0, 6)).toEqual(BigInt64Array.of(0n, 0n, 0n, 1n, 0n, 0n));
    expect(Number(actual.get('loss')!.data[0])).toBeCloseTo(Number(expected.get('loss')!.data[0]), precision === 'f64' ? 12 : 5);
    actual.get('layer1.forward.h')!.data.forEach((h, i) => expect(Number(h)).toBeCloseTo(Number(expected.get('layer1.forward.h')!.data[i]), precision === 'f64' ? 12 : 5));
  });

  it('takes inputs and weights in F32 as well', async () => {
    const single = (tensors: Tensors): void => tensors.forEach((tensor, name) => void tensors.set(name, f32(tensor)));
    const { status, out } = await traceCase(values, { weights: single, input: single });
    expect(status).toBe(0);
    expect(Number(read(out).get('loss')!.data[0])).toBeCloseTo(Number(read(join(values, 'expected.safetensors')).get('loss')!.data[0]), 6);
  });

  it('reads the parameters of a checkpoint, which holds more than them', async () => {
    const { status } = await traceCase(gru, { weights: (tensors) => void tensors.set('optimizer.step', i64([], 7)).set('training.step', i64([], 7)) });
    expect(status).toBe(0);
  });

  it('masks sequences that are shorter than the batch', async () => {
    const { out } = await traceCase(gru, { input: (tensors) => void tensors.set('lengths', i64([3], 7, 2, 5)) });
    const h = read(out).get('layer0.forward.h')!;
    const [steps, sequences, units] = h.shape as [number, number, number];
    const at = (t: number, b: number) => [...h.data.subarray((t * sequences + b) * units, (t * sequences + b + 1) * units)];
    expect(steps).toBe(7);
    expect(at(1, 1).some((x) => x !== 0)).toBe(true);
    expect(at(2, 1).every((x) => x === 0)).toBe(true);
  });

  it.each<[string, Parameters<typeof traceCase>[1], string]>([
    ['a missing parameter', { weights: (t) => void t.delete('layers.0.weight_hh_l0') }, 'weights.safetensors:1:1: error: Parameter layers.0.weight_hh_l0 is missing; the network needs it with shape [18, 6].'],
    ['a parameter of another shape', { weights: (t) => void t.set('output.bias', { dtype: 'F64', shape: [10], data: new Float64Array(10) }) }, 'Parameter output.bias has shape [10], but the network needs [11].'],
    ['a parameter of another network', { weights: (t) => void t.set('layers.1.bias_hh_l0', { dtype: 'F64', shape: [1], data: new Float64Array(1) }) }, 'The network has no parameter layers.1.bias_hh_l0.'],
    ['weights that are not numbers', { weights: (t) => void t.get('output.weight')!.data.fill(NaN as never, 8, 9) }, 'Parameter output.weight holds NaN at index [1, 2]'],
    ['a token outside the vocabulary', { input: (t) => void t.get('inputs')!.data.fill(11n as never, 4, 5) }, 'input.safetensors:1:1: error: Input token 11 at step 1 of sequence 1 is outside the vocabulary of 11 (0 to 10).'],
    ['a token far outside 32 bits', { input: (t) => void t.get('inputs')!.data.fill(2n ** 32n as never, 0, 1) }, 'at step 0 of sequence 0 is outside the vocabulary'],
    ['a target outside the classes', { input: (t) => void t.get('targets')!.data.fill(-3n as never, 0, 1) }, 'Target -3 at step 0 of sequence 0 is not one of the 11 classes'],
    ['missing targets', { input: (t) => void t.delete('targets') }, 'The tensor targets is missing; a batch file holds inputs and targets (it holds inputs).'],
    ['targets of another shape', { input: (t) => void t.set('targets', i64([1], 3)) }, 'Targets have the shape [1], but this network and batch need [7, 3].'],
    ['tokens that are not whole numbers', { input: (t) => void t.set('inputs', f32(t.get('inputs')!)) }, 'Inputs have the type F32, but must be whole numbers: save them as I64.'],
    ['lengths beyond the batch', { input: (t) => void t.set('lengths', i64([3], 7, 8, 1)) }, 'The length 8 of sequence 1 is not between 0 and the 7 timesteps of the batch.'],
  ])('explains %s and exits with 1', async (_, change, message) => {
    const { status, stderr } = await traceCase(gru, change);
    expect(stderr).toContain(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(status).toBe(1);
  });

  it('explains inputs that are not finite', async () => {
    const { status, stderr } = await traceCase(values, { input: (t) => void t.get('inputs')!.data.fill(Infinity as never, 5, 6) });
    expect(stderr).toContain('Input feature 1 at step 0 of sequence 1 is Infinity; inputs must be finite numbers.');
    expect(status).toBe(1);
  });

  it('explains a damaged, a missing and an unwritable file', async () => {
    const spec = join(gru, 'spec.rnn.json');
    const [weights, input, out] = [join(gru, 'weights.safetensors'), join(gru, 'input.safetensors'), join(folder, 'out')];
    const cut = join(folder, 'cut.safetensors');
    writeFileSync(cut, readFileSync(weights).subarray(0, 1500));
    expect(await trace(spec, '--weights', cut, '--input', input, '--out', out)).toMatchObject({ status: 1, stderr: expect.stringContaining(`${cut}:1:1: error: Tensor`) });
    expect(await trace(spec, '--weights', weights, '--input', join(folder, 'none'), '--out', out)).toMatchObject({ status: 1, stderr: expect.stringContaining('There is no such file.') });
    expect(await trace(spec, '--weights', weights, '--input', input, '--out', join(folder, 'no', 'out'))).toMatchObject({ status: 1, stderr: expect.stringContaining('could not be written') });
  });

  it('explains what is wrong with the spec, where it is', async () => {
    const spec = join(folder, 'bad.rnn.json');
    writeFileSync(spec, readFileSync(join(gru, 'spec.rnn.json'), 'utf8').replace('"gru",', '"gru", "connection": "residual",'));
    const { status, stderr } = await trace(spec, '--weights', join(gru, 'weights.safetensors'), '--input', join(gru, 'input.safetensors'), '--out', join(folder, 'out'));
    expect(stderr).toMatch(/bad\.rnn\.json:\d+:\d+: error: /);
    expect(status).toBe(1);
  });

  it('says what to do when there is no run, and nothing to trace', async () => {
    const spec = join(gru, 'spec.rnn.json');
    expect(await trace(spec, '--input', join(gru, 'input.safetensors'), '--out', join(folder, 'out'))).toMatchObject({ status: 1, stderr: expect.stringContaining('There is no run of "gru" with a checkpoint yet. Train it') });
    expect(await trace(spec, '--weights', join(gru, 'weights.safetensors'), '--out', join(folder, 'out'))).toMatchObject({ status: 1, stderr: expect.stringContaining('Give --input FILE with a batch.') });
  });

  describe('of a run', () => {
    /** A run of a GRU of 3 units over the characters " abel", as training leaves it; its checkpoints are of steps 2 and 10. */
    function storeRun(): { spec: string; run: string; parametersAt(step: number): Tensors } {
      const text = JSON.stringify({
        version: 1,
        name: 'tiny',
        task: { kind: 'language-model', data: 'gone.txt', tokens: 'char' },
        model: { layers: [{ cell: 'gru', units: 3 }] },
        inspect: { text: 'bel abe' },
      });
      const spec = join(folder, 'tiny.rnn.json');
      const run = join(folder, '.unroll/tiny/20260101-000000');
      mkdirSync(join(run, 'checkpoints'), { recursive: true });
      mkdirSync(join(folder, '.unroll/tiny/20260102-000000'), { recursive: true }); // a newer one without a checkpoint
      for (const path of [spec, join(run, 'spec.rnn.json')]) writeFileSync(path, text);
      writeFileSync(join(run, 'vocabulary.json'), formatVocabulary({ kind: 'char', tokens: [' ', 'a', 'b', 'e', 'l'] }));
      const sizes = { input: { kind: 'tokens', vocabulary: 5 }, outputs: 5, loss: 'tokens' } as const;
      const parametersAt = (step: number): Tensors => initialParameters(architectureOf(parseSpec(text).spec!, sizes), step);
      for (const step of [2, 10]) writeFileSync(checkpointPath(run, step), encodeSafetensors(new Map([...parametersAt(step), ['training.step', i64([], step)]])));
      return { spec, run, parametersAt };
    }
    /** The loss of a text, from the reference engine. */
    function lossOf(spec: string, parameters: Tensors, tokens: number[]): number {
      const engine = createReferenceEngine(architectureOf(parseSpec(readFileSync(spec, 'utf8')).spec!, { input: { kind: 'tokens', vocabulary: 5 }, outputs: 5, loss: 'tokens' }));
      engine.setParameters(parameters);
      const { sum, positions } = engine.evaluate({ steps: tokens.length, sequences: 1, inputs: Int32Array.from(tokens), targets: Int32Array.from([...tokens.slice(1), -1]) });
      return sum / positions;
    }

    it('reads a text with the newest checkpoint of the newest run that has one', async () => {
      const { spec, parametersAt } = storeRun();
      const out = join(folder, 'out');
      expect(await trace(spec, '--text', 'abel', '--out', out, '--precision', 'f64')).toMatchObject({ status: 0, stderr: '' });
      const traced = read(out);
      expect(traced.get('layer0.forward.h')!.shape).toEqual([4, 1, 3]);
      expect(traced.has('grad.param.output.bias')).toBe(true);
      expect(Number(traced.get('loss')!.data[0])).toBeCloseTo(lossOf(spec, parametersAt(10), [1, 2, 3, 4]), 12);
    });

    it('takes the step of a run that it is told', async () => {
      const { spec, run, parametersAt } = storeRun();
      const out = join(folder, 'out');
      expect(await trace(spec, '--run', run, '--step', '2', '--text', 'abel', '--out', out, '--precision', 'f64')).toMatchObject({ status: 0, stderr: '' });
      expect(Number(read(out).get('loss')!.data[0])).toBeCloseTo(lossOf(spec, parametersAt(2), [1, 2, 3, 4]), 12);
      const { status, stderr } = await trace(spec, '--run', run, '--step', '7', '--out', out);
      expect([status, stderr]).toEqual([1, expect.stringContaining('The run has no checkpoint of step 7; it has ')]);
    });

    it('reads the text of the spec by default, and a batch when it is given one', async () => {
      const { spec, run, parametersAt } = storeRun();
      const out = join(folder, 'out');
      await trace(spec, '--run', run, '--out', out, '--precision', 'f64');
      expect(Number(read(out).get('loss')!.data[0])).toBeCloseTo(lossOf(spec, parametersAt(10), [2, 3, 4, 0, 1, 2, 3]), 12);
      const input = join(folder, 'input');
      writeFileSync(input, encodeSafetensors(new Map([['inputs', i64([2, 1], 1, 2)], ['targets', i64([2, 1], 2, -1)]])));
      await trace(spec, '--run', run, '--input', input, '--out', out, '--precision', 'f64');
      expect(Number(read(out).get('loss')!.data[0])).toBeCloseTo(lossOf(spec, parametersAt(10), [1, 2]), 12);
    });

    it.each([
      ['characters that the data never hold', ['--text', 'able zoo'], 'The text holds "z", "o"'],
      ['a text that is too short', ['--text', 'a'], 'A sample needs at least two tokens'],
      ['a run that is not there', ['--run', join(tmpdir(), 'unroll-no-such-run')], 'There is no run in'],
    ])('explains %s', async (_, args, message) => {
      const { spec } = storeRun();
      const { status, stderr } = await trace(spec, ...args, '--out', join(folder, 'out'));
      expect(stderr).toContain(message);
      expect(status).toBe(1);
    });

    it('explains a damaged checkpoint', async () => {
      const { spec, run } = storeRun();
      const path = checkpointPath(run, 10);
      writeFileSync(path, readFileSync(path).subarray(0, 900));
      const { status, stderr } = await trace(spec, '--text', 'abel', '--out', join(folder, 'out'));
      expect(stderr).toContain(`${path}:1:1: error: `);
      expect(status).toBe(1);
    });
  });

  it.each([
    [['--weights', 'a', '--run', 'b', '--out', 'c']],
    [['--input', 'a', '--text', 'b', '--out', 'c']],
    [['--precision', 'f16', '--out', 'c']],
    [['--updates', '-1', '--out', 'c']],
    [[]],
  ])('refuses the usage %j', async (args) => {
    expect((await trace(join(gru, 'spec.rnn.json'), ...args)).status).toBe(2);
  });
});

import { describe, expect, it } from 'vitest';
import { loadData } from '../../../src/data/load';
import { DiagnosisError, diagnose, diagnoseAtOnce } from '../../../src/diagnosis/diagnose';
import { initialParameters } from '../../../src/engine/initialise';
import { Random } from '../../../src/shared/random';
import { architectureOf } from '../../../src/spec/architecture';
import { specSchema } from '../../../src/spec/schema';
import { engines } from '../../engines';
import { memoryFiles } from '../data/files';

const fast = engines.find(({ name }) => name === 'wasm')!;

async function model(layers: object[], task: object = { kind: 'synthetic', problem: 'recall', length: 40, lag: 25 }, files: Record<string, string> = {}) {
  const spec = specSchema.parse({ version: 1, name: 'm', task, model: { layers } });
  const data = await loadData(spec.task, memoryFiles(files, 1 << 16));
  const architecture = architectureOf(spec, data.sizes);
  const engine = await fast.create(architecture);
  engine.setParameters(initialParameters(architecture, spec.training.seed));
  return { spec, data, engine, step: 0 };
}

// A diagnosis takes a second or two, on a busy machine several.
describe('a diagnosis', { timeout: 60_000 }, () => {
  it('tells weights that cannot carry from weights that have not learnt', async () => {
    const weak = diagnoseAtOnce(await model([{ cell: 'rnn', units: 16 }]));
    const fit = diagnoseAtOnce(await model([{ cell: 'lstm', units: 16, forgetBias: 3 }]));
    expect([weak.verdict, fit.verdict]).toEqual(['cannot-carry', 'not-learnt-yet']);
    for (const { wantedLag, trueLag } of [weak, fit]) expect([wantedLag, trueLag]).toEqual([25, 25]);
    expect(weak.sentence).toMatch(/do not carry them/);
    expect(weak.fixes[0]!.edit).toContainEqual({ path: ['model', 'layers', 0, 'cell'], value: 'lstm' });
  });

  it('finds no long dependency where there is none, though the gradient vanishes just so', async () => {
    const diagnosis = diagnoseAtOnce(await model([{ cell: 'rnn', units: 16 }], { kind: 'synthetic', problem: 'none', length: 30, lag: 10 }));
    expect(diagnosis.verdict).toBe('no-long-dependency');
    expect(diagnosis.sentence).toMatch(/No dependency of a kind these probes can see/);
    expect(diagnosis.trueLag).toBeNull();
  });

  it('measures a use that is really there: a network that holds the symbol of the step before', async () => {
    // One unit a symbol: hₜ is all that xₜ₋₁ and xₜ leave; the output reads xₜ₋₁ through W_hh.
    const { engine, ...rest } = await model([{ cell: 'rnn', units: 16 }], { kind: 'synthetic', problem: 'recall', length: 30, lag: 1 });
    const parameters = initialParameters(engine.architecture, 1);
    const fill = (name: string, value: (row: number, column: number) => number) => {
      const { data, shape } = parameters.get(name)!;
      for (let i = 0; i < data.length; i++) data[i] = value(Math.floor(i / (shape[1] ?? 1)), i % (shape[1] ?? 1));
    };
    fill('layers.0.weight_ih_l0', (row, column) => (row === column ? 1 : 0));
    fill('layers.0.weight_hh_l0', (row, column) => (row === column + 8 ? 1 : 0));
    fill('layers.0.bias_ih_l0', () => 0);
    fill('layers.0.bias_hh_l0', () => 0);
    fill('output.weight', (row, column) => (column === row + 8 ? 20 : 0));
    fill('output.bias', () => 0);
    engine.setParameters(parameters);
    const { lags, use, achieved } = diagnoseAtOnce({ engine, ...rest });
    expect(achieved).toBeGreaterThan(0.95);
    // Without all inputs older than lag 0 it guesses, wrongly and surely; without those older than lag 1 nothing is lost.
    expect(use[lags.indexOf(0)]).toBeGreaterThan(0.9);
    for (const lag of [1, 2, 6]) expect(Math.abs(use[lags.indexOf(lag)]!)).toBeLessThan(0.01);
  });

  it('has columns of one length, intervals around their means, and leaves the weights as they were', async () => {
    const request = await model([{ cell: 'gru', units: 8 }, { cell: 'lstm', units: 8 }]);
    const before = request.engine.parameters();
    const stages: string[] = [];
    const { lags, layers, facts, ...diagnosis } = diagnoseAtOnce(request, ({ stage }) => stages.push(stage));
    for (const name of ['carry', 'demand', 'demandLow', 'demandHigh', 'missing', 'missingLow', 'missingHigh', 'use', 'useLow', 'useHigh', 'flow'] as const) expect(diagnosis[name], name).toHaveLength(lags.length);
    for (const name of ['demand', 'missing', 'use'] as const) {
      lags.forEach((_, i) => {
        expect(diagnosis[`${name}Low`][i]).toBeLessThanOrEqual(diagnosis[name][i]!);
        expect(diagnosis[`${name}High`][i]).toBeGreaterThanOrEqual(diagnosis[name][i]!);
      });
    }
    expect(layers.map(({ state }) => state)).toEqual(['h', 'c']);
    expect(layers[0]!.rms[0]).toBeCloseTo(1, 5);
    expect(layers[1]!.forget![0]).toBe(1);
    expect(layers[1]!.forget![5]).toBeLessThan(layers[1]!.forget![2]!);
    expect(facts.map(({ layer }) => layer)).toEqual([0, 1]);
    expect(new Set(stages)).toEqual(new Set(['data', 'carry', 'answers', 'use', 'demand', 'verdict']));
    expect(request.engine.parameters()).toEqual(before);
  });

  it('is the same every time', async () => {
    const [first, second] = [diagnoseAtOnce(await model([{ cell: 'rnn', units: 8 }])), diagnoseAtOnce(await model([{ cell: 'rnn', units: 8 }]))];
    expect(second).toEqual(first);
  });

  it('sees a window that is shorter than what the data hold', async () => {
    let text = '';
    let seed = 7;
    const letter = () => 'abcd'[(seed = (seed * 1103515245 + 12345) % 2 ** 31) >> 28 & 3]!;
    while (text.length < 30_000) text += text.length >= 14 ? text[text.length - 14]! === 'a' && seed % 10 === 0 ? letter() : (letter(), seed % 5 === 0 ? letter() : text[text.length - 14]!) : letter();
    const request = await model([{ cell: 'lstm', units: 8, forgetBias: 3 }], { kind: 'language-model', data: 't.txt', tokens: 'char', validation: 0.4 }, { 't.txt': text });
    const short = { ...request, spec: { ...request.spec, training: { ...request.spec.training, window: 8 } } };
    expect(diagnoseAtOnce(short)).toMatchObject({ verdict: 'truncated', window: 8, fixes: [{ edit: [{ path: ['training', 'window'] }] }, ...new Array(diagnoseAtOnce(short).fixes.length - 1).fill({})] });
  });

  it('can be abandoned, and leaves the weights as they were then too', async () => {
    const request = await model([{ cell: 'rnn', units: 8 }]);
    const before = request.engine.parameters();
    let asked = 0;
    const work = diagnose(request, () => {
      if (++asked > 100) throw new Error('enough');
    });
    expect(() => {
      while (work.next().done !== true);
    }).toThrow('enough');
    expect(request.engine.parameters()).toEqual(before);
  });

  it('says which models it cannot look at, and what to diagnose instead', async () => {
    const bidirectional = await model([{ cell: 'rnn', units: 8, bidirectional: true }]);
    expect(() => diagnoseAtOnce(bidirectional)).toThrow(DiagnosisError);
    expect(() => diagnoseAtOnce(bidirectional)).toThrow(/Bidirectional models cannot be diagnosed yet.*"bidirectional": false/);
    const spec = specSchema.parse({ version: 1, name: 'm', task: { kind: 'translation', data: 'p.csv', source: 'a', target: 'b', tokens: 'char' }, model: { encoder: { layers: [{ cell: 'gru', units: 4 }] }, decoder: { layers: [{ cell: 'gru', units: 4 }] } } });
    const data = await loadData(spec.task, memoryFiles({ 'p.csv': `a,b\n${'ab,ba\nba,ab\n'.repeat(20)}` }, 1 << 16));
    const engine = await fast.create(architectureOf(spec, data.sizes));
    expect(() => diagnoseAtOnce({ spec, data, engine, step: 0 })).toThrow(/Translation models cannot be diagnosed yet.*as a classification or tagging model/);
  });

  it('counts as short only what a window of three steps can learn', async () => {
    const random = Random.fromSeed(4);
    let text = '';
    while (text.length < 12_000) text += text.length >= 4 && random.uniform() < 0.8 ? text[text.length - 4]! : 'abcd'[random.below(4)]!;
    const request = await model([{ cell: 'lstm', units: 8 }], { kind: 'language-model', data: 't.txt', tokens: 'char', validation: 0.4 }, { 't.txt': text });
    const short = { ...request, spec: { ...request.spec, training: { ...request.spec.training, window: 3 } } };
    expect(diagnoseAtOnce(short)).toMatchObject({ verdict: 'truncated', window: 3, wantedLag: 3 });
  });
});

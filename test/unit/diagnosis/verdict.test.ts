import { describe, expect, it } from 'vitest';
import type { Evidence } from '../../../src/diagnosis/evidence';
import { fixesFor, forgetBiasFor } from '../../../src/diagnosis/fixes';
import { sentenceFor } from '../../../src/diagnosis/sentences';
import { judge } from '../../../src/diagnosis/verdict';
import { lagEdges } from '../../../src/diagnosis/lags';
import type { Estimate, LayerCarry } from '../../../src/shared/diagnosis';
import { isUsable, parseSpec } from '../../../src/spec/parse';
import { applyEdits, modify } from 'jsonc-parser';

const edges = lagEdges(60);
const sure = (mean: number): Estimate => ({ mean, error: 0.005 });
const none = edges.map((): Estimate => ({ mean: 0, error: 0 }));
/** A gain of all lags up to this one. */
const upTo = (lag: number, mean: number): Estimate[] => edges.map((edge) => (edge < lag ? sure(mean) : { mean: 0, error: 0 }));

function carry(factor: number, geometric = factor): LayerCarry {
  const curve = (base: number) => Array.from({ length: 61 }, (_, lag) => base ** lag);
  return { layer: 0, direction: 'forward', state: 'h', rms: curve(factor), geometricMean: curve(geometric), median: curve(geometric), slope: Math.log10(factor), rmsAtStart: curve(factor), slopeAtStart: Math.log10(factor) };
}

/** Demand at lag 30, untouched by a model that could carry it; changed as a test needs. */
function evidence(change: Partial<Evidence> = {}): Evidence {
  return {
    edges,
    data: upTo(30, 0.5),
    probes: edges.map(() => 'additive' as const),
    missing: upTo(30, 0.5),
    dataShort: 0.1,
    missingShort: 0.05,
    use: none,
    achieved: sure(0),
    dataWeights: edges.map(() => Float64Array.from({ length: 61 }, (_, lag) => Number(lag === 30))),
    missingWeights: edges.map(() => Float64Array.from({ length: 61 }, (_, lag) => Number(lag === 30))),
    carry: [carry(0.95)],
    facts: [{ layer: 0, direction: 'forward', saturation: 0.1, dead: 0, reach: 10 }],
    training: { step: 500, diverged: false },
    window: 60,
    cut: 'cut',
    sequences: 800,
    independent: 800,
    finite: true,
    ...change,
  };
}

const used = { use: upTo(30, 0.4), missing: none, achieved: sure(0.5) };

describe('the verdict', () => {
  it.each([
    ['healthy', 'old inputs are used and nothing is left', used],
    ['no-long-dependency', 'the data hold nothing beyond short lags', { data: upTo(3, 0.2), missing: none }],
    ['cannot-carry', 'the weights forget before the wanted lag', { carry: [carry(0.6)] }],
    ['not-learnt-yet', 'the weights carry and nothing is used', {}],
    ['exploding', 'Jacobians grow within the window', { carry: [carry(1.4)] }],
    ['exploding', 'an answer is not finite', { finite: false, ...used }],
    ['saturated', 'activations stand at their ends', { facts: [{ layer: 0, direction: 'forward' as const, saturation: 0.9, dead: 0, reach: 1 }] }],
    ['truncated', 'the window ends before the wanted lag', { window: 20 }],
    ['inconclusive', 'there are too few answers to show that nothing is there', { data: none, missing: none, independent: 90 }],
  ] as const)('is %s when %s', (verdict, _, change) => {
    expect(judge(evidence(change)).verdict).toBe(verdict);
  });

  it('asks whether the model is healthy before whether it explodes', () => {
    expect(judge(evidence({ ...used, carry: [carry(1.4)] })).verdict).toBe('healthy');
  });

  it('does not call growth beyond the window, or of a few rare vectors only, an explosion', () => {
    expect(judge(evidence({ carry: [carry(1.4)], window: 9, data: none, missing: none })).verdict).toBe('no-long-dependency');
    expect(judge(evidence({ carry: [carry(1.4, 0.9)] })).verdict).not.toBe('exploding');
  });

  it('does not take reading old noise for health', () => {
    expect(judge(evidence({ data: none, missing: none, use: upTo(30, 0.05) })).verdict).toBe('no-long-dependency');
    expect(judge(evidence({ ...used, achieved: sure(0.01), missingShort: 0.1 })).verdict).not.toBe('healthy');
  });

  it('counts what is missing only where the data hold it', () => {
    expect(judge(evidence({ data: none })).verdict).toBe('no-long-dependency');
  });

  it('never needs a sequence to be cut where sequences are trained whole', () => {
    expect(judge(evidence({ window: 20, cut: 'whole' })).verdict).toBe('not-learnt-yet');
  });

  it('finds the lag between two edges that the probe weighs most', () => {
    expect(judge(evidence()).wantedLag).toBe(30);
  });

  it('is less sure in the decades of carry where half of the nets learnt all the same', () => {
    const grey = judge(evidence({ carry: [carry(1e-4 ** (1 / 30))] }));
    const firm = judge(evidence({ carry: [carry(1e-7 ** (1 / 30))] }));
    expect([grey.verdict, firm.verdict]).toEqual(['cannot-carry', 'cannot-carry']);
    expect(grey.confidence).toBeLessThan(0.8);
    expect(firm.confidence).toBeGreaterThan(0.9);
  });

  it('names weak weights beside a window that is too short', () => {
    const both = evidence({ window: 20, carry: [carry(0.6)] });
    expect(judge(both)).toMatchObject({ verdict: 'truncated', also: ['cannot-carry'] });
    expect(sentenceFor(both, judge(both))).toMatch(/stops after 20 steps.*would not carry it either/);
  });
});

describe('fixes', () => {
  const text = `{
    "version": 1, "name": "m",
    "task": { "kind": "forecast", "data": "d.csv", "inputs": ["x"], "targets": ["y"] },
    "model": { "layers": [{ "cell": "rnn", "units": 8, "activation": "tanh" }, { "cell": "rnn", "units": 8 }] }, // two
    "training": { "window": 20, "optimizer": { "kind": "adam", "learningRate": 0.01 }, "epochs": 3 }
  }`;
  const spec = parseSpec(text).spec!;
  const applied = (edit: readonly { path: readonly (string | number)[]; value: unknown }[]) => edit.reduce((now, { path, value }) => applyEdits(now, modify(now, [...path], value, { formattingOptions: { insertSpaces: true, tabSize: 2 } })), text);

  it.each([
    ['cannot-carry', { carry: [carry(0.6)] }],
    ['not-learnt-yet', {}],
    ['exploding', { carry: [carry(1.4)] }],
    ['saturated', { facts: [{ layer: 0, direction: 'forward' as const, saturation: 0.9, dead: 0, reach: 1 }] }],
    ['truncated', { window: 20, carry: [carry(0.6)] }],
  ] as const)('of %s leave a spec that is valid, and keep its comments', (verdict, change) => {
    const own = evidence(change);
    const fixes = fixesFor(spec, own, judge(own));
    expect(judge(own).verdict).toBe(verdict);
    expect(fixes.length).toBeGreaterThan(0);
    for (const { title, reason, edit } of fixes) {
      const after = applied(edit);
      const parsed = parseSpec(after);
      expect(isUsable(parsed), `${title}: ${JSON.stringify(parsed.problems)}`).toBe(true);
      expect(after).not.toBe(text);
      expect(after).toContain('// two');
      expect(reason).toMatch(/\.$/);
    }
  });

  it('are none for a healthy network', () => {
    const own = evidence(used);
    expect(fixesFor(spec, own, judge(own))).toEqual([]);
  });

  it('clip at a percentile of the norms that were seen', () => {
    const own = evidence({ carry: [carry(1.4)], training: { step: 100, diverged: false, gradNorm: { p50: 2.34, p90: 90, p99: 900 } } });
    const [clip] = fixesFor(spec, own, judge(own));
    expect(clip!.edit).toEqual([{ path: ['training', 'clip'], value: { kind: 'norm', threshold: 2.3 } }]);
    expect(clip!.reason).toMatch(/median.*90th percentile 90, 99th 9\.0e\+2|median.*90th/);
  });

  it('choose the forget bias that keeps a tenth over the wanted lag', () => {
    const bias = forgetBiasFor(50);
    expect((1 / (1 + Math.exp(-bias))) ** 50).toBeGreaterThan(0.1);
    expect((1 / (1 + Math.exp(-(bias - 0.5)))) ** 50).toBeLessThan(0.1);
  });

  it('lengthen the window beyond the wanted lag', () => {
    const own = evidence({ window: 20 });
    const value = fixesFor(spec, own, judge(own))[0]!.edit[0]!.value as number;
    expect(value).toBeGreaterThan(31);
  });
});

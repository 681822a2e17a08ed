import { describe, expect, it } from 'vitest';
import type { Evidence } from '../../../src/diagnosis/evidence';
import { fixesFor, forgetBiasFor } from '../../../src/diagnosis/fixes';
import { decisionFor, sentenceFor } from '../../../src/diagnosis/sentences';
import { judge } from '../../../src/diagnosis/verdict';
import { lagEdges } from '../../../src/diagnosis/lags';
import type { Estimate, LayerCarry } from '../../../src/shared/diagnosis';
import { isUsable, parseSpec } from '../../../src/spec/parse';
import { applyEdits, modify } from 'jsonc-parser';

const edges = lagEdges(60);
const sure = (mean: number): Estimate => ({ mean, error: 0.005 });
const none = edges.map((): Estimate => ({ mean: 0, error: 0 }));
/** A gain of all lags up to this one. */
const upTo = (lag: number, mean: number, error = 0.005): Estimate[] => edges.map((edge) => (edge < lag ? { mean, error } : { mean: 0, error: 0 }));
const facts = (saturation: number, saturationError: number) => ({ layer: 0, direction: 'forward' as const, saturation, saturationError, dead: 0, reach: 5 });
/** A probe that weighs all lags alike. */
const spread = edges.map(() => new Float64Array(61).fill(1));

function carry(factor: number, { geometric = factor, error = 0 } = {}): LayerCarry {
  const curve = (base: number) => Array.from({ length: 61 }, (_, lag) => base ** lag);
  return { layer: 0, direction: 'forward', state: 'h', rms: curve(factor), rmsError: curve(1).map(() => error), geometricMean: curve(geometric), median: curve(geometric), slope: Math.log10(factor), rmsAtStart: curve(factor), slopeAtStart: Math.log10(factor) };
}

/** Demand at lag 30, untouched by a model that could carry it; changed as a test needs. */
function evidence(change: Partial<Evidence> = {}): Evidence {
  return {
    edges,
    short: 4,
    data: upTo(30, 0.5),
    probes: edges.map(() => 'additive' as const),
    missing: upTo(30, 0.5),
    dataShort: sure(0.1),
    missingShort: sure(0.05),
    use: none,
    achieved: sure(0),
    explained: sure(0.6),
    sensitivity: 0.05,
    longGradient: undefined,
    dataWeights: edges.map(() => Float64Array.from({ length: 61 }, (_, lag) => Number(lag === 30))),
    missingWeights: edges.map(() => Float64Array.from({ length: 61 }, (_, lag) => Number(lag === 30))),
    carry: [carry(0.95)],
    facts: [{ layer: 0, direction: 'forward', saturation: 0.1, saturationError: 0.01, dead: 0, reach: 10 }],
    training: { step: 500, diverged: false },
    window: 60,
    cut: 'cut',
    sequences: 800,
    finite: true,
    ...change,
  };
}

const used = { use: upTo(30, 0.4), missing: none, achieved: sure(0.5) };

const text = `{
  "version": 1, "name": "m",
  "task": { "kind": "forecast", "data": "d.csv", "inputs": ["x"], "targets": ["y"] },
  "model": { "layers": [{ "cell": "rnn", "units": 8, "activation": "tanh" }, { "cell": "rnn", "units": 8 }] }, // two
  "training": { "window": 20, "optimizer": { "kind": "adam", "learningRate": 0.01 }, "epochs": 3 }
}`;

describe('the verdict', () => {
  it.each([
    ['healthy', 'old inputs are used and nothing is left', used],
    ['no-long-dependency', 'the data hold nothing beyond short lags', { data: upTo(3, 0.2), missing: none }],
    ['cannot-carry', 'the weights forget before the wanted lag', { carry: [carry(0.6)] }],
    ['not-learnt-yet', 'the weights carry and nothing is used', {}],
    ['exploding', 'Jacobians grow within the window', { carry: [carry(1.4)] }],
    ['exploding', 'an answer is not finite', { finite: false, ...used }],
    ['saturated', 'activations stand at their ends', { facts: [{ layer: 0, direction: 'forward' as const, saturation: 0.9, saturationError: 0.01, dead: 0, reach: 1 }] }],
    ['truncated', 'the window ends before the wanted lag', { window: 20 }],
    ['inconclusive', 'even a large dependency would not have been found', { data: none, missing: none, sensitivity: undefined }],
  ] as const)('is %s when %s', (verdict, _, change) => {
    expect(judge(evidence(change)).verdict).toBe(verdict);
  });

  it('asks whether the model is healthy before whether it explodes', () => {
    expect(judge(evidence({ ...used, carry: [carry(1.4)] })).verdict).toBe('healthy');
  });

  it('does not call growth beyond the window, or of a few rare vectors only, an explosion', () => {
    expect(judge(evidence({ carry: [carry(1.4)], window: 9, data: none, missing: none })).verdict).toBe('no-long-dependency');
    expect(judge(evidence({ carry: [carry(1.4, { geometric: 0.9 })] })).verdict).not.toBe('exploding');
  });

  it('does not take reading old noise for health', () => {
    expect(judge(evidence({ data: none, missing: none, use: upTo(30, 0.05) })).verdict).toBe('no-long-dependency');
    expect(judge(evidence({ ...used, achieved: sure(0.01), missingShort: sure(0.1) })).verdict).not.toBe('healthy');
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

  // In each pair the same means decide with a narrow interval, and leave it open with a wide one.
  it.each([
    ['carry', 'cannot-carry', { carry: [carry(3e-4 ** (1 / 30), { error: 0.1 })] }, { carry: [carry(3e-4 ** (1 / 30), { error: 0.4 })] }],
    ['carry', 'not-learnt-yet', { carry: [carry(3e-3 ** (1 / 30), { error: 0.1 })] }, { carry: [carry(3e-3 ** (1 / 30), { error: 0.4 })] }],
    ['growth', 'exploding', { carry: [carry(1.4, { error: 0.1 })] }, { carry: [carry(1.4, { error: 4 })] }],
    ['saturation', 'saturated', { facts: [facts(0.7, 0.01)] }, { facts: [facts(0.7, 0.1)] }],
    ['saturation', 'not-learnt-yet', { facts: [facts(0.5, 0.01)] }, { facts: [facts(0.5, 0.1)] }],
    ['missing', 'healthy', { ...used, missing: upTo(30, 0.08) }, { ...used, missing: upTo(30, 0.08, 0.04) }],
    ['missing', 'not-learnt-yet', { ...used, missing: upTo(30, 0.2) }, { ...used, missing: upTo(30, 0.2, 0.05) }],
    ['use', 'healthy', { ...used, use: upTo(30, 0.06) }, { ...used, use: upTo(30, 0.06, 0.03) }],
    ['demand', 'no-long-dependency', { data: upTo(30, 0.02, 0.02), missing: none }, { data: upTo(30, 0.02, 0.007), missing: none }],
    ['too-few', 'no-long-dependency', { data: none, missing: none, sensitivity: 0.2 }, { data: none, missing: none, sensitivity: undefined }],
    ['unseen', 'no-long-dependency', { data: none, missing: none, achieved: sure(0.6) }, { data: none, missing: none, achieved: sure(0.8) }],
    ['window', 'truncated', { window: 30 }, { window: 30, missingWeights: spread }],
  ] as const)('leaves %s open where it would decide and an interval holds the threshold; else it is %s', (open, verdict, narrow, wide) => {
    expect(judge(evidence(narrow)).verdict).toBe(verdict);
    const judgement = judge(evidence(wide));
    expect(judgement).toMatchObject({ verdict: 'inconclusive', open });
    expect(sentenceFor(evidence(wide), judgement)).toMatch(/\.$/);
    expect(decisionFor(evidence(wide), judgement)).toMatch(/\.$/);
  });

  it('has nothing to decide where it is clear', () => {
    expect(decisionFor(evidence(), judge(evidence()))).toBeNull();
  });

  it('is no long dependency where the model explains without old inputs what a probe reads off them', () => {
    const second = evidence({ data: upTo(30, 0.03), missing: none, achieved: sure(0.6), use: edges.map(() => ({ mean: 0, error: 0.001 })) });
    expect(judge(second).verdict).toBe('no-long-dependency');
    expect(sentenceFor(second, judge(second))).toMatch(/explains as much without them/);
  });

  it('tells how often nets learnt from where the weights do not carry', () => {
    const far = evidence({ carry: [carry(1e-7 ** (1 / 30))] });
    const grey = evidence({ carry: [carry(1e-4 ** (1 / 30))] });
    expect(sentenceFor(far, judge(far))).toMatch(/less than 1e-5 left 9 of 42/);
    expect(sentenceFor(grey, judge(grey))).toMatch(/1e-5 to 1e-3 left 23 of 39/);
    expect(judge(far).confidence).toBeGreaterThan(judge(grey).confidence);
  });

  it('never explains more than all, also where the network answers worse than a constant', () => {
    const one = evidence({ carry: [carry(0.5)], missing: upTo(30, 1.0004, 0.0003), data: upTo(30, 1, 0.0003) });
    expect(sentenceFor(one, judge(one))).toContain('would explain 100 % more');
  });

  it.each([
    [0.4, 0.005, '40 % (39 to 41)'],
    [0.9995, 0.00005, '99.95 % (99.94 to 99.96)'],
    [1, 1e-7, '100 % of'],
  ])('gives a share of %d ± %d in digits that tell the ends of its interval apart: %s', (mean, error, words) => {
    const one = evidence({ ...used, use: upTo(30, mean, error) });
    expect(sentenceFor(one, judge(one))).toContain(`would rise by ${words}`);
  });

  it('says that a signal is drowned where the gradient from far back is lost between batches, and asks for larger ones', () => {
    const far = { lag: 30, share: 1e-4, signalToNoise: 1e-9, error: 1e-10 };
    const [drowned, heard] = [evidence({ longGradient: far }), evidence({ longGradient: { ...far, signalToNoise: 1e-4 } })];
    expect(sentenceFor(drowned, judge(drowned))).toMatch(/drowned/);
    expect(sentenceFor(heard, judge(heard))).not.toMatch(/drowned/);
    const batches = (own: Evidence) => fixesFor(parseSpec(text).spec!, own, judge(own)).filter(({ title }) => title.includes('batches'));
    expect(batches(drowned)[0]!.edit).toEqual([{ path: ['training', 'batch'], value: 128 }]);
    expect(batches(heard)).toEqual([]);
  });

  it('names weak weights beside a window that is too short', () => {
    const both = evidence({ window: 20, carry: [carry(0.6)] });
    expect(judge(both)).toMatchObject({ verdict: 'truncated', also: ['cannot-carry'] });
    expect(sentenceFor(both, judge(both))).toMatch(/stops after 20 steps.*would not carry it either/);
  });
});

describe('fixes', () => {
  const spec = parseSpec(text).spec!;
  const applied = (edit: readonly { path: readonly (string | number)[]; value: unknown }[]) => edit.reduce((now, { path, value }) => applyEdits(now, modify(now, [...path], value, { formattingOptions: { insertSpaces: true, tabSize: 2 } })), text);

  it.each([
    ['cannot-carry', { carry: [carry(0.6)] }],
    ['not-learnt-yet', {}],
    ['exploding', { carry: [carry(1.4)] }],
    ['saturated', { facts: [{ layer: 0, direction: 'forward' as const, saturation: 0.9, saturationError: 0.01, dead: 0, reach: 1 }] }],
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

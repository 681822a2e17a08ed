import { describe, expect, it } from 'vitest';
import type { MetricsColumns } from '../../../src/shared/run';
import { clippingSummary, clippingVerdict } from '../../../webview/plots/clippingModel';
import { swarm } from '../../../webview/plots/swarmModel';
import { symlog } from '../../../webview/plots/symlog';

/** Columns of a training of which every `every`-th of `steps` updates is clipped from norm 10 to 1. */
function trained(steps: number, every: number): MetricsColumns {
  const each = Array.from({ length: steps }, (_, i) => i);
  const engaged = (i: number) => i % every === 0;
  return {
    step: Float64Array.from(each, (i) => i + 1),
    loss: new Float64Array(steps),
    gradNorm: Float64Array.from(each, (i) => (engaged(i) ? 10 : 0.5)),
    clipped: Uint8Array.from(each, (i) => Number(engaged(i))),
    learningRate: new Float64Array(steps),
    normAfter: Float64Array.from(each, (i) => (engaged(i) ? 1 : 0.5)),
    largestParameter: each.map((i) => (i % 4 === 0 ? 'output.weight' : 'layers.0.weight_hh_l0')),
    largestShare: Float64Array.from(each, (i) => (i % 4 === 0 ? 0.9 : 0.6)),
  };
}

const clip = { kind: 'norm', threshold: 1 } as const;

describe('the summary of clipping', () => {
  it('counts the last steps only, and tells how much of the length was kept', () => {
    const summary = clippingSummary(trained(3000, 20));
    expect(summary).toMatchObject({ steps: 1000, share: 0.05, kept: 0.1 });
    expect(summary.angle).toBeUndefined();
  });

  it('names the parameter that leads most often with its mean share', () => {
    const { dominant } = clippingSummary(trained(400, 20));
    expect(dominant?.name).toBe('layers.0.weight_hh_l0');
    expect(dominant?.share).toBeCloseTo(0.6, 12);
  });

  it('calls rare clipping a safety net and constant clipping a step-size limiter', () => {
    const verdict = (every: number) => clippingVerdict(clippingSummary(trained(1000, every)), clip);
    expect(verdict(50)).toMatchObject({ kind: 'net', text: expect.stringContaining('Only 2.0 % of the last 1,000 steps') });
    expect(verdict(4)).toMatchObject({ kind: 'often' });
    expect(verdict(1)).toMatchObject({ kind: 'limiter', text: expect.stringContaining('to 1/10 of its length') });
  });

  it('says so when nothing is clipped, or nothing reached the threshold', () => {
    expect(clippingVerdict(clippingSummary(trained(10, 100)), undefined).kind).toBe('none');
    const quiet = { ...trained(10, 100), clipped: new Uint8Array(10) };
    expect(clippingVerdict(clippingSummary(quiet), { kind: 'norm', threshold: 5 }).text).toContain('none of the last 10 steps');
  });
});

describe('the signed logarithmic scale', () => {
  it('gives every decade the same width on both sides of zero', () => {
    expect([-10, -1, -1e-4, 0, 1e-9, 1e-4, 1, 10].map(symlog)).toEqual([0, 0, 0.25, 0.5, 0.5, 0.75, 1, 1]);
    expect(symlog(Number.NaN)).toBeNaN();
  });
});

describe('a swarm of dots', () => {
  it('keeps dots of one height apart, whatever order they come in', () => {
    const places = Array.from({ length: 200 }, (_, i) => ((i * 7919) % 200) / 10);
    const rows = swarm(places, 1.5);
    for (const [i, place] of places.entries()) {
      for (const [j, other] of places.entries()) if (i < j && rows[i] === rows[j]) expect(Math.abs(place - other)).toBeGreaterThanOrEqual(1.5);
    }
  });

  it('keeps dots that do not meet on the middle', () => {
    expect(swarm([30, 10, 20, Number.NaN], 5)).toEqual([0, 0, 0, 0]);
  });
});

import { describe, expect, it } from 'vitest';
import type { ClippingReport } from '../../../src/engine/clipping';
import { clipGradients } from '../../../src/engine/reference/clip';
import type { ClipSpec } from '../../../src/spec/schema';
import { engines } from '../../engines';
import answers from './answers/clipping.json'; // made by clipping.py beside it
import { architecture, layer, numbersOf, randomBatch, started } from './support';

/** The report that follows from all gradients, worked out one by one. */
function expectedReport(gradients: ReadonlyMap<string, readonly number[]>, { kind, threshold }: ClipSpec): ClippingReport {
  const all = [...gradients.values()].flat();
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
  const normBefore = Math.sqrt(dot(all, all));
  const clipped = kind === 'norm' ? all.map((x) => x * Math.min(1, threshold / normBefore)) : all.map((x) => Math.max(-threshold, Math.min(threshold, x)));
  const normAfter = Math.sqrt(dot(clipped, clipped));
  const [parameter, own] = [...gradients].reduce((best, each) => (dot(each[1], each[1]) > dot(best[1], best[1]) ? each : best));
  return {
    normBefore,
    normAfter,
    engaged: clipped.some((x, i) => x !== all[i]),
    largest: { parameter, share: dot(own, own) / dot(all, all) },
    ...(kind === 'value' && { angle: (Math.acos(Math.min(1, dot(all, clipped) / normBefore / normAfter)) * 180) / Math.PI }),
  };
}

describe('clipGradients', () => {
  it.each(answers.cases.map((answer) => [`${answer.kind} at ${answer.threshold}`, answer] as const))('measures what PyTorch makes of the same gradients, clipped by %s', (_, answer) => {
    const gradients = new Map(Object.entries(answers.gradients).map(([name, data]) => [name, Float64Array.from(data)]));
    const report = clipGradients(gradients, { kind: answer.kind as ClipSpec['kind'], threshold: answer.threshold });
    expect(report.normBefore).toBeCloseTo(answer.normBefore, 12);
    expect(report.normAfter).toBeCloseTo(answer.normAfter, 5); // PyTorch divides by the norm + 1e-6
    expect(report.engaged).toBe(answer.engaged);
    expect(report.largest.parameter).toBe(answer.largest.parameter);
    expect(report.largest.share).toBeCloseTo(answer.largest.share, 12);
    if (answer.kind === 'value') expect(report.angle).toBeCloseTo(answer.degrees, 5);
    else expect(report.angle).toBeUndefined();
    for (const [name, clipped] of Object.entries(answer.clipped)) gradients.get(name)!.forEach((g, i) => expect(g).toBeCloseTo(clipped[i]!, 5));
  });
});

describe.each(engines)('clipping, $name engine', (engineKind) => {
  const digits = engineKind.name === 'reference' ? 10 : 5;
  const network = architecture([layer('gru', 6), layer('lstm', 6, { connection: 'highway' })], { embedding: 4 });

  it.each<ClipSpec>([
    { kind: 'norm', threshold: 0.01 },
    { kind: 'norm', threshold: 1e3 },
    { kind: 'value', threshold: 0.003 },
    { kind: 'value', threshold: 1e3 },
  ])('tells what it did to the gradients by $kind at $threshold', async (clip) => {
    const engine = await started(engineKind, network);
    const batch = randomBatch(network, 5, 3, 1);
    const trace = engine.trace(batch, { flow: 'without-flow' });
    const gradients = new Map([...trace].filter(([name]) => name.startsWith('grad.param.')).map(([name, tensor]) => [name.slice('grad.param.'.length), numbersOf(tensor)]));
    const expected = expectedReport(gradients, clip);
    const { clipping, gradNorm, clipped } = engine.step(batch, { optimizer: { kind: 'sgd', learningRate: 0.1 }, clip });
    expect([gradNorm, clipped]).toEqual([clipping.normBefore, clipping.engaged]);
    expect(clipping.engaged).toBe(expected.engaged);
    expect(clipping.engaged).toBe(clip.threshold < 1);
    expect(clipping.normBefore).toBeCloseTo(expected.normBefore, digits);
    expect(clipping.normAfter).toBeCloseTo(expected.normAfter, digits);
    expect(clipping.largest.parameter).toBe(expected.largest.parameter);
    expect(clipping.largest.share).toBeCloseTo(expected.largest.share, digits);
    if (expected.angle === undefined) expect(clipping.angle).toBeUndefined();
    else expect(clipping.angle).toBeCloseTo(expected.angle, engineKind.name === 'reference' ? 5 : 3);
    if (clip.kind === 'value' && clipping.engaged) expect(clipping.angle).toBeGreaterThan(5);
    engine.dispose();
  });

  it('measures the norm and its largest part without a clip as well', async () => {
    const engine = await started(engineKind, network);
    const { clipping } = engine.step(randomBatch(network, 5, 3, 1), { optimizer: { kind: 'sgd', learningRate: 0.1 } });
    expect(clipping).toEqual({ normBefore: clipping.normBefore, normAfter: clipping.normBefore, engaged: false, largest: clipping.largest });
    expect(clipping.largest.share).toBeGreaterThan(1 / 20);
    expect(engine.parameters().has(clipping.largest.parameter)).toBe(true);
    engine.dispose();
  });
});

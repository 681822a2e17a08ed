import { describe, expect, it } from 'vitest';
import { clipGradients, globalNorm } from '../../../src/engine/reference/clip';
import { update } from '../../../src/engine/reference/optimizers';
import { momentsOf, optimizerSettings } from '../../../src/engine/updateRule';
import type { OptimizerSpec } from '../../../src/spec/schema';
import answers from './answers/optimizers.json'; // made by optimizers.py beside it

describe('update', () => {
  it.each(answers.cases.map(({ settings, path }) => [JSON.stringify(settings), settings as OptimizerSpec, path] as const))('follows PyTorch over five steps: %s', (_, spec, path) => {
    const settings = optimizerSettings(spec);
    const parameter = Float64Array.from(answers.start);
    const moments = momentsOf(settings).map(() => new Float64Array(parameter.length));
    answers.gradients.forEach((gradient, i) => {
      update(settings, { parameter, gradient: Float64Array.from(gradient), moments, step: i + 1 });
      parameter.forEach((p, j) => expect(p).toBeCloseTo(path[i]![j]!, 12));
    });
  });
});

describe('clipGradients', () => {
  const gradients = () => new Map([['a', Float64Array.of(3, 0)], ['b', Float64Array.of(-4)]]);

  it('scales all parameters together by threshold/‖g‖ when the norm is above the threshold', () => {
    const g = gradients();
    expect(globalNorm(g)).toBe(5);
    expect(clipGradients(g, { kind: 'norm', threshold: 2.5 })).toEqual({ normBefore: 5, normAfter: 2.5, engaged: true, largest: { parameter: 'b', share: 16 / 25 } });
    expect(g).toEqual(new Map([['a', Float64Array.of(1.5, 0)], ['b', Float64Array.of(-2)]]));
  });

  it.each([5, 6])('leaves a norm of 5 alone at the threshold %d', (threshold) => {
    const g = gradients();
    expect(clipGradients(g, { kind: 'norm', threshold })).toMatchObject({ engaged: false, normAfter: 5 });
    expect(g).toEqual(gradients());
  });

  it('clamps each component by value', () => {
    const g = gradients();
    expect(clipGradients(g, { kind: 'value', threshold: 3.5 })).toMatchObject({ engaged: true, normBefore: 5, normAfter: Math.hypot(3, 3.5) });
    expect(g).toEqual(new Map([['a', Float64Array.of(3, 0)], ['b', Float64Array.of(-3.5)]]));
    expect(clipGradients(g, { kind: 'value', threshold: 3.5 })).toMatchObject({ engaged: false, angle: 0 });
  });
});

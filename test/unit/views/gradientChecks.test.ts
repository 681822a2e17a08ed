import { describe, expect, it } from 'vitest';
import { parseSpec } from '../../../src/spec/parse';
import { checkBadge, errorText, GradientChecks } from '../../../src/views/gradientChecks';

const specOf = (change: { units?: number; steps?: number; seed?: number } = {}) =>
  parseSpec(JSON.stringify({ version: 1, name: 'm', task: { kind: 'synthetic', problem: 'adding', length: 9 }, model: { layers: [{ cell: 'gru', units: change.units ?? 4 }] }, training: { steps: change.steps ?? 10, seed: change.seed ?? 1 } })).spec!;

/** A memento that keeps what JSON can. */
function store() {
  const kept = new Map<string, string>();
  return { get: (key: string): unknown => (kept.has(key) ? JSON.parse(kept.get(key)!) : undefined), update: async (key: string, value: unknown) => void kept.set(key, JSON.stringify(value)) };
}

const result = (worst: number) => ({ worstRelativeError: worst, parameters: [{ name: 'output.bias', relativeError: 1e-12, checked: 2 }, { name: 'layers.0.weight_hh_l0', relativeError: worst, checked: 24 }] });

describe('the badge of a gradient check', () => {
  it('tells the largest relative error and where it is', async () => {
    const checks = new GradientChecks(store());
    expect(checkBadge(checks.of('/a'), specOf())).toBeUndefined();
    const told: string[] = [];
    checks.onDidChange((path) => told.push(path));
    await checks.keep('/a', specOf(), result(2.1e-9));
    expect(told).toEqual(['/a']);
    const badge = checkBadge(checks.of('/a'), specOf())!;
    expect(badge).toMatchObject({ kind: 'right', text: 'gradient checked, 2·10⁻⁹' });
    expect(badge.tooltip).toContain('in layers.0.weight_hh_l0');
    expect(checkBadge(checks.of('/b'), specOf())).toBeUndefined();
  });

  it('is outdated when the model or its first weights change, and not when the training does', async () => {
    const checks = new GradientChecks(store());
    await checks.keep('/a', specOf(), result(2e-9));
    expect(checkBadge(checks.of('/a'), specOf({ steps: 999 }))?.kind).toBe('right');
    expect(checkBadge(checks.of('/a'), specOf({ units: 5 }))?.kind).toBe('stale');
    expect(checkBadge(checks.of('/a'), specOf({ seed: 2 }))?.kind).toBe('stale');
    expect(checkBadge(checks.of('/a'), undefined)?.kind).toBe('stale');
  });

  it('says when a gradient is wrong', async () => {
    const checks = new GradientChecks(store());
    await checks.keep('/a', specOf(), result(0.03));
    expect(checkBadge(checks.of('/a'), specOf())).toMatchObject({ kind: 'wrong', text: 'gradient wrong by 3·10⁻²' });
  });

  it.each([[0, '0'], [1.4e-10, '1·10⁻¹⁰'], [0.5, '5·10⁻¹']])('writes %d as %s', (error, text) => expect(errorText(error)).toBe(text));
});

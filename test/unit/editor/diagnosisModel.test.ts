import { describe, expect, it } from 'vitest';
import { diagnosedPlace } from '../../../src/editor/diagnosisModel';
import type { Diagnosis, Fix } from '../../../src/shared/diagnosis';
import { parseSpec } from '../../../src/spec/parse';
import { isOf, StandingDiagnoses, type StandingDiagnosis } from '../../../src/views/standingDiagnoses';

const text = (change: { cell?: string; steps?: number } = {}): string => `{ "version": 1, "name": "m", "task": { "kind": "synthetic", "problem": "adding", "length": 9 },
  "model": { "layers": [{ "units": 4, "cell": "${change.cell ?? 'rnn'}" }] },
  "training": { "steps": ${change.steps ?? 10}, "clip": { "kind": "norm", "threshold": 1 } } }`;

const gru: Fix = { title: 'Use GRU cells', reason: 'It keeps.', edit: [{ path: ['model', 'layers', 0, 'cell'], value: 'gru' }, { path: ['model', 'layers', 0, 'activation'], value: undefined }] };
const init: Fix = { title: 'Orthogonal', reason: 'It turns.', edit: [{ path: ['model', 'layers', 0, 'init'], value: 'orthogonal' }] };
const clip: Fix = { title: 'Clip', reason: 'It grows.', edit: [{ path: ['training', 'clip', 'threshold'], value: 2 }] };
const rate: Fix = { title: 'Slower', reason: 'It jumps.', edit: [{ path: ['training', 'optimizer', 'learningRate'], value: 1e-3 }] };

const standing = (fixes: readonly Fix[], of = text()): StandingDiagnosis => ({ diagnosis: { verdict: 'cannot-carry', sentence: 'It cannot.', fixes } as unknown as Diagnosis, checkpoint: 'latest', run: '/run', spec: parseSpec(of).spec });

describe('a diagnosis in the editor', () => {
  it('stands at the field that the first edit sets, and each edit at its own fields and layer', () => {
    const source = text();
    const place = diagnosedPlace(parseSpec(source), standing([gru, init, clip, rate]))!;
    const words = ({ start, end }: { start: number; end: number }): string => source.slice(start, end);
    expect([words(place.range), place.message, place.verdict]).toEqual(['"cell"', 'It cannot.', 'cannot-carry']);
    const layer = '{ "units": 4, "cell": "rnn" }';
    expect(place.fixes.map(({ fix, ranges }) => [fix.title, ...new Set(ranges.map(words))])).toEqual([
      ['Use GRU cells', '"cell"', layer, '"rnn"'],
      ['Orthogonal', '"rnn"', layer],
      ['Clip', '"threshold"'],
      ['Slower', '"training"'],
    ]);
  });

  it('goes when the spec is no longer the one that was trained, and stays for other steps', () => {
    expect(diagnosedPlace(parseSpec(text({ cell: 'lstm' })), standing([gru]))).toBeUndefined();
    expect(diagnosedPlace(parseSpec(text({ steps: 99 })), standing([gru]))).toBeDefined();
    expect(diagnosedPlace(parseSpec('{ "version": '), standing([gru]))).toBeUndefined();
  });

  it('is not there without a diagnosis, or where there is nothing to mend', () => {
    expect(diagnosedPlace(parseSpec(text()), undefined)).toBeUndefined();
    expect(diagnosedPlace(parseSpec(text()), standing([]))).toBeUndefined();
    expect(diagnosedPlace(parseSpec(text()), { ...standing([gru]), spec: undefined })).toBeUndefined();
  });
});

describe('diagnoses that stand', () => {
  it('are the newest of each spec, and tell when one is made', () => {
    const diagnoses = new StandingDiagnoses();
    const told: string[] = [];
    const stop = diagnoses.onDidChange((path) => told.push(path));
    const [first, second] = [standing([gru]), standing([clip])];
    diagnoses.keep('/a', first);
    diagnoses.keep('/a', second);
    stop();
    diagnoses.keep('/b', first);
    expect(diagnoses.of('/a')).toBe(second);
    expect(told).toEqual(['/a', '/a']);
  });

  it('are of the same run, at the same stored step or the newest', () => {
    const of = standing([]);
    expect(isOf(of, { run: '/run', checkpoint: 'live' })).toBe(true);
    expect(isOf(of, { run: '/run', checkpoint: 4 })).toBe(false);
    expect(isOf(of, { run: '/other', checkpoint: 'latest' })).toBe(false);
    expect(isOf(of, { checkpoint: 'latest' })).toBe(false);
    expect(isOf({ ...of, checkpoint: 4 }, { run: '/run', checkpoint: 4 })).toBe(true);
  });
});

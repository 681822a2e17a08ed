import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { triedText, tryOutcome, trySentence } from '../../../src/diagnosis/tryVerdict';
import { keepTriedEdit, triedEdits } from '../../../src/runs/triedEdits';
import type { ComparedModel } from '../../../src/shared/comparison';
import type { TriedEdit } from '../../../src/shared/diagnosis';
import { changedPart, editedText } from '../../../src/spec/editText';

const model = (validationLoss: number | undefined, more: Partial<ComparedModel> = {}): ComparedModel => ({ label: '', run: '', spec: '', state: 'done', layers: '', lossKind: 'tokens', parameters: 1, steps: 400, curve: { step: [], loss: [] }, evaluations: [], validationLoss, ...more });

describe('what came of trying an edit', () => {
  it('helped, made no difference, made it worse, or diverged', () => {
    expect(tryOutcome(model(1), model(0.5))).toBe('helped');
    expect(tryOutcome(model(1), model(0.99))).toBe('same');
    expect(tryOutcome(model(1), model(1.5))).toBe('worse');
    expect(tryOutcome(model(1), model(undefined, { state: 'diverged' }))).toBe('diverged');
    expect(tryOutcome(model(undefined, { state: 'diverged' }), model(2))).toBe('helped');
    expect(tryOutcome(model(undefined), model(undefined))).toBeUndefined();
  });

  it('is said with the losses, the steps and the reach, and plainly when it did not help', () => {
    expect(trySentence('Use GRU cells', model(2.08, { reach: 5 }), model(0.4, { reach: 38 }))).toBe('“Use GRU cells” helped. After 400 steps with the same seed: validation loss 2.08 as it is, 0.400 with the edit. The gradient reaches 5 steps as it is, 38 with the edit.');
    expect(trySentence('Lower it', model(1), model(2))).toContain('did not help: it made the loss worse');
    expect(trySentence('Raise it', model(1), model(undefined, { state: 'diverged', steps: 12 }))).toBe('“Raise it” did not help: it diverged at step 12.');
  });
});

describe('edits that were tried', () => {
  const run = mkdtempSync(join(tmpdir(), 'unroll-tried-'));
  afterAll(() => rmSync(run, { recursive: true }));
  const tried = (title: string, outcome: TriedEdit['outcome']): TriedEdit => ({ title, edit: [{ path: ['training', 'window'], value: 48 }], steps: 400, before: { run: 'a', loss: 1 }, after: { run: 'b' }, outcome });

  it('are kept with the run, the newest result of each, oldest first', async () => {
    expect(await triedEdits(run)).toEqual([]);
    await keepTriedEdit(run, tried('longer window', 'same'));
    await keepTriedEdit(run, tried('GRU', 'helped'));
    await keepTriedEdit(run, tried('longer window', 'worse'));
    expect(await triedEdits(run)).toEqual([tried('GRU', 'helped'), tried('longer window', 'worse')]);
  });

  it('say in one line whether they helped', () => {
    expect(triedText({ ...tried('GRU', 'helped'), after: { run: 'b', loss: 0.0125 } })).toBe('“GRU” helped, loss 1.00 as it is and 0.0125 with the edit, after 400 steps of each with the same seed');
    expect(triedText(tried('longer window', 'diverged'))).toBe('“longer window” did not help: it diverged, after 400 steps of each with the same seed');
    expect(triedText(tried('longer window', 'worse'))).toContain('did not help');
  });

  it('are none where the file is damaged', async () => {
    writeFileSync(join(run, 'tried.json'), '{"half');
    expect(await triedEdits(run)).toEqual([]);
  });
});

describe('an edited spec', () => {
  it.each([
    ['"rnn"', '"gru"', { start: 1, end: 4, replacement: 'gru' }],
    ['aaa', 'aaaa', { start: 3, end: 3, replacement: 'a' }],
    ['abab', 'ab', { start: 2, end: 4, replacement: '' }],
    ['', 'x', { start: 0, end: 0, replacement: 'x' }],
    ['same', 'same', { start: 4, end: 4, replacement: '' }],
  ])('differs from %j in one piece: %j', (text, other, part) => {
    expect(changedPart(text, other)).toEqual(part);
  });

  it('keeps its comments and everything that was not edited', () => {
    const text = '{\n  // mine\n  "name": "a",\n  "model": { "layers": [{ "cell": "rnn", "units": 8 }] }\n}\n';
    const edited = editedText(text, [{ path: ['model', 'layers', 0, 'cell'], value: 'gru' }, { path: ['name'], value: 'b' }, { path: ['model', 'layers', 0, 'units'], value: undefined }]);
    expect(edited).toContain('// mine');
    expect(edited).toMatch(/"name": "b"[^]*"cell": "gru"/);
    expect(edited).not.toContain('units');
  });
});

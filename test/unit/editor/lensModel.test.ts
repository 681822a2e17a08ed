import { describe, expect, it } from 'vitest';
import type { DataFacts } from '../../../src/data/facts';
import { specLenses } from '../../../src/editor/lensModel';
import type { RunInfo } from '../../../src/shared/run';
import { parseSpec } from '../../../src/spec/parse';

const facts = (kinds: number): DataFacts => ({
  sizes: { input: { kind: 'tokens', vocabulary: kinds }, outputs: kinds, loss: 'tokens' },
  text: { vocabulary: { kind: 'char', tokens: Array.from({ length: kinds }, (_, i) => String.fromCodePoint(32 + i)) }, length: 1_212_979, training: 1_091_681 },
});

const run: RunInfo = { id: 'r', folder: '/r', specPath: '/m.rnn.json', name: 'm', state: 'done', step: 2000, steps: 2000, loss: 1.6, validationLoss: 1.794, parameters: 1, startedAt: 1, checkpoints: [] };

const spec = (model: string) => `// a comment\n{\n"version": 1, "name": "m",\n"task": { "kind": "language-model", "data": "a.txt", "tokens": "char" },\n"model": { ${model} }\n}`;
const oneLayer = spec('"embedding": 64, "layers": [\n{ "cell": "lstm", "units": 128 }]');

/** Lenses as a person sees them: the titles of a line above it. */
function shown(text: string, { facts: known, runs = [], errors = 0 }: { facts?: DataFacts; runs?: RunInfo[]; errors?: number } = {}) {
  const parsed = parseSpec(text, known?.sizes);
  const lenses = specLenses({ parsed, facts: known, errors, runs });
  return text.split('\n').flatMap((line, index, lines) => {
    const start = lines.slice(0, index).join('\n').length + (index > 0 ? 1 : 0);
    const above = lenses.filter(({ range }) => range.start >= start && range.start <= start + line.length);
    return above.length > 0 ? [`[${above.map(({ title }) => title).join(' | ')}] ${line.slice(0, 12)}`] : [];
  });
}

const layerLens = (layer: string, embedding = 64) => shown(spec(`"embedding": ${embedding}, "layers": [\n${layer}]`), { facts: facts(89) }).at(-1)!.replace(/\].*/, ']');

describe('above the model', () => {
  it('offers Train and Inspect, behind comments at the top', () => {
    expect(shown(oneLayer)).toContain('[▷ Train | ◫ Inspect] {');
  });

  it('shows the live state and Stop in place of Train while training', () => {
    const live = shown(oneLayer, { runs: [{ ...run, state: 'running', step: 420, loss: 1.9134 }] });
    expect(live[0]).toBe('[step 420 of 2,000 · loss 1.913 | □ Stop | ◫ Inspect] {');
  });

  it('does not offer Stop twice', () => {
    expect(shown(oneLayer, { runs: [{ ...run, state: 'stopping', step: 420 }] })[0]).toBe('[stopping at step 420 · loss 1.600 | ◫ Inspect] {');
  });

  it('leads to the problems in place of a training that would fail', () => {
    expect(shown(oneLayer, { errors: 2 })[0]).toBe('[✕ 2 problems | ◫ Inspect] {');
  });

  it('counts the runs and names the best validation loss', () => {
    expect(shown(oneLayer, { runs: [run, { ...run, validationLoss: 1.7 }, { ...run, validationLoss: Number.NaN }] })[0]).toBe('[▷ Train | ◫ Inspect | 3 runs, best validation 1.700] {');
  });

  it('counts no run of an edit or a cell that was tried', () => {
    const tried = ['m-as-it-is', 'm-with-edit', 'm-as-gru'].map((name) => ({ ...run, name, validationLoss: 0.5 }));
    expect(shown(oneLayer, { runs: [...tried, run] })[0]).toBe('[▷ Train | ◫ Inspect | 1 run, best validation 1.794] {');
    expect(shown(oneLayer, { runs: tried })[0]).toBe('[▷ Train | ◫ Inspect] {');
  });

  it('counts all parameters once the data were read', () => {
    // embedding 89 · 64, LSTM 4 · 128 · (64 + 128 + 2), output 89 · 128 + 89
    expect(shown(oneLayer, { facts: facts(89) })[0]).toContain(`${(89 * 64 + 99_328 + 89 * 129).toLocaleString('en-US')} parameters`);
  });

  it('counts those of both stacks of a translation, whose layers read different things', () => {
    const text = `{\n"version": 1, "name": "m",\n"task": { "kind": "translation", "data": "p.tsv", "source": "a", "target": "b", "tokens": "char" },\n"model": { "encoder": { "layers": [\n{ "cell": "gru", "units": 6 }] }, "decoder": { "layers": [\n{ "cell": "gru", "units": 6 }] } }\n}`;
    const lenses = shown(text, { facts: { examples: 10, pairSizes: { input: { kind: 'tokens', vocabulary: 9 }, outputs: 9, loss: 'tokens', sourceVocabulary: 5 } } });
    // One-hot: GRUs 3 · 6 · (5 + 6 + 2) and 3 · 6 · (9 + 6 + 2), output 9 · 6 + 9.
    expect(lenses).toEqual(['[▷ Train | ◫ Inspect | 603 parameters] {', '[GRU 5 → 6 · 234 parameters] { "cell": "g', '[GRU 9 → 6 · 306 parameters] { "cell": "g']);
  });

  it('shows nothing above an empty text, and Train above a spec that is being typed', () => {
    expect(specLenses({ parsed: parseSpec(''), errors: 1, runs: [] })).toEqual([]);
    expect(shown('{ "version": 1,')).toEqual(['[▷ Train | ◫ Inspect] { "version":']);
  });
});

describe('above the data', () => {
  it('tells their size and what knowing nothing costs', () => {
    expect(shown(oneLayer, { facts: facts(89) })[1]).toBe('[1,212,979 characters · 89 kinds · knowing nothing costs ln 89 = 4.489 nats] "task": { "k');
  });
});

describe('above a layer', () => {
  it.each([
    ['{ "cell": "lstm", "units": 128 }', 64, '[LSTM 64 → 128 · 99,328 parameters]'],
    ['{ "cell": "gru", "units": 128 }', 64, '[GRU 64 → 128 · 74,496 parameters]'],
    ['{ "cell": "rnn", "units": 128, "activation": "relu" }', 64, '[RNN (relu) 64 → 128 · 24,832 parameters]'],
    ['{ "cell": "lstm", "units": 128 }', 0, '[LSTM 89 → 128 · 112,128 parameters]'],
    ['{ "cell": "lstm", "units": 64, "connection": "residual" }', 64, '[LSTM 64 → 64 · residual · 33,280 parameters]'],
    ['{ "cell": "gru", "units": 16, "connection": "dense" }', 64, '[GRU 64 → 16 · dense, 80 out · 3,936 parameters]'],
    ['{ "cell": "lstm", "units": 64, "repeat": 3 }', 64, '[3 × LSTM 64 → 64 · 99,840 parameters]'],
    // each: 4 · 64 · (64 + 64 + 2) and the gate 64 · 64 + 64
    ['{ "cell": "lstm", "units": 64, "connection": "highway", "repeat": 2 }', 64, '[2 × LSTM 64 → 64 · highway · 74,880 parameters]'],
  ])('of %s on inputs of %i shows sizes and parameters', (layer, embedding, title) => {
    expect(layerLens(layer, embedding)).toBe(title);
  });

  it('counts both directions', () => {
    const text = '{ "version": 1, "name": "m", "task": { "kind": "batch", "loss": "class", "features": 8, "outputs": 2 }, "model": { "layers": [\n{ "cell": "gru", "units": 4, "bidirectional": true }] } }';
    expect(shown(text, { facts: { sizes: { input: { kind: 'values', features: 8 }, outputs: 2, loss: 'class' } } }).at(-1)).toContain('[GRU 8 → 2 × 4 · 336 parameters]');
  });

  it('leaves out what only unread data know', () => {
    expect(shown(spec('"layers": [\n{ "cell": "lstm", "units": 8 },\n{ "cell": "gru", "units": 4 }]')).slice(1)).toEqual(['[LSTM → 8] { "cell": "l', '[GRU 8 → 4 · 168 parameters] { "cell": "g']);
  });

  it('shows no sizes that do not fit', () => {
    expect(layerLens('{ "cell": "lstm", "units": 8, "connection": "residual" }')).toBe('[LSTM → 8 · residual]');
  });
});

import { getLocation } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import type { DataFacts } from '../../../src/data/facts';
import { hoverAt } from '../../../src/editor/hoverModel';
import { parseSpec } from '../../../src/spec/parse';
import { marked } from '../markers';

const facts: DataFacts = {
  sizes: { input: { kind: 'tokens', vocabulary: 89 }, outputs: 89, loss: 'tokens' },
  text: { vocabulary: { kind: 'char', tokens: Array.from({ length: 89 }, (_, i) => String.fromCodePoint(32 + i)) }, length: 1_212_979, training: 1_091_681 },
};

/** The hover at the marked position of a spec with this model and training section. */
function hover(source: string, data: DataFacts | 'unread' = facts) {
  const known = data === 'unread' ? undefined : data;
  const { text, ranges } = marked(source);
  const found = hoverAt(parseSpec(text, known?.sizes), getLocation(text, ranges[0]!.start).path, known);
  return found && { markdown: found.markdown, about: text.slice(found.range.start, found.range.end) };
}

const task = '"version": 1, "name": "m", "task": { "kind": "language-model", "data": "a.txt", "tokens": "char" }';
const layer = (inside: string) => `{ ${task}, "model": { "embedding": 64, "layers": [{ ${inside} }] } }`;
const training = (inside: string) => `{ ${task}, "model": { "layers": [{ "cell": "lstm", "units": 8 }] }, "training": { ${inside} } }`;

describe('a hover', () => {
  it('counts the parameters of a layer by the formula', () => {
    expect(hover(layer('"cell": "lstm", "un<|>its": 128'))).toEqual({ markdown: '4 blocks × 128 × (64 inputs + 128 states + 2 biases) = **99,328 parameters**', about: '"units"' });
    expect(hover(layer('"cell": "rnn", "units": 1<|>0'))?.markdown).toBe('10 × (64 inputs + 10 states + 2 biases) = **760 parameters**');
  });

  it('counts the gate of a highway connection', () => {
    expect(hover(layer('"cell": "gru", "connection": "highway", "un<|>its": 64'))?.markdown).toContain('64 × (64 inputs + 1 bias) = **4,160**');
  });

  it.each([
    ['"cell": "ls<|>tm", "units": 8', 'c′ = f ⊙ c + i ⊙ g'],
    ['"cell": "gr<|>u", "units": 8', 'r ⊙ (W h + b)'],
    ['"cell": "gr<|>u", "units": 8, "resetAfter": false', 'W (r ⊙ h)'],
    ['"cell": "rn<|>n", "units": 8, "activation": "relu"', 'h′ = relu('],
  ])('shows the equations of %s', (inside, equation) => {
    expect(hover(layer(inside))?.markdown).toContain(equation);
  });

  it('tells how long a forget bias lets an LSTM remember', () => {
    // σ(1) = 0.7311, −1/ln 0.7311 = 3.19
    expect(hover(layer('"cell": "lstm", "units": 8, "forget<|>Bias": 1'))?.markdown).toMatch(/σ\(1\) = 0\.731.*\*\*3\.2 steps\*\*/);
  });

  it('tells how open a gate with an initial bias starts', () => {
    // σ(3) = 0.9526
    expect(hover(layer('"cell": "gru", "units": 8, "gateBias": { "up<|>date": 3 }'))).toEqual({ markdown: 'Every update gate starts near σ(3) = **0.953**.', about: '"update"' });
  });

  it('tells the size of the data and their reference loss', () => {
    const text = hover(`{ ${task.replace('"data"', '"da<|>ta"')}, "model": { "layers": [{ "cell": "lstm", "units": 8 }] } }`)?.markdown;
    expect(text).toContain('**1,212,979 characters** of 89 kinds: 1,091,681 to learn from, 121,298 held out.');
    expect(text).toContain('ln 89 = 4.489 nats (6.476 bits)');
  });

  it('counts predictions a step and steps a pass', () => {
    expect(hover(training('"batch": 50, "win<|>dow": 50'))?.markdown).toBe('50 sequences × 50 timesteps = **2,500 predictions a step**\n\nOne pass over the training part takes 436 steps.');
    expect(hover(training('"batch": 50, "window": 50, "epo<|>chs": 5'))?.markdown).toBe('5 × 436 steps = **2,180 steps**');
    expect(hover(training('"batch": 50, "window": 50, "ste<|>ps": 2180'))?.markdown).toContain('**5.0 passes**');
  });

  it('tells what an embedding costs', () => {
    expect(hover(`{ ${task}, "model": { "embed<|>ding": 64, "layers": [{ "cell": "lstm", "units": 8 }] } }`)?.markdown).toBe('89 tokens × 64 = **5,696 parameters**');
  });

  it('says nothing that it does not know', () => {
    expect(hover(`{ ${task}, "model": { "layers": [{ "cell": "lstm", "un<|>its": 8 }] } }`, 'unread')).toBeUndefined();
    expect(hover(training('"se<|>ed": 1'))).toBeUndefined();
    expect(hover('{ "mo<|>del": }')).toBeUndefined();
  });
});

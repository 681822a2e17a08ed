import { describe, expect, it } from 'vitest';
import { isUsable, parseSpec } from '../../../src/spec/parse';
import type { DataSizes } from '../../../src/spec/architecture';
import { mark, marked } from '../markers';

const task = '"version": 1, "name": "m", "task": { "kind": "language-model", "data": "a.txt", "tokens": "char" }';
const layers = '"model": { "layers": [{ "cell": "lstm", "units": 8 }] }';
const letters: DataSizes = { input: { kind: 'tokens', vocabulary: 50 }, outputs: 50, loss: 'tokens' };

/** Expects exactly one problem, at the marked place, and returns it. */
function problemAt(source: string, sizes?: DataSizes) {
  const { text } = marked(source);
  const { problems } = parseSpec(text, sizes);
  expect(problems.map(({ message }) => message)).toHaveLength(1);
  expect(mark(text, problems.map(({ range }) => range))).toBe(source);
  return problems[0]!;
}

describe('a spec that is right', () => {
  it('is read with comments, trailing commas and every default', () => {
    const parsed = parseSpec(`{ // a model\n ${task}, ${layers}, /* done */ }`);
    expect(parsed.problems).toEqual([]);
    expect(isUsable(parsed)).toBe(true);
    expect(parsed.spec?.training).toMatchObject({ batch: 32, window: 64, optimizer: { kind: 'adam', learningRate: 0.002 } });
    expect(parsed.spec?.model.layers?.[0]).toMatchObject({ resetAfter: true, forgetBias: 1, repeat: 1 });
  });

  it('knows where each value and its key stand', () => {
    const { text, ranges } = marked(`{ ${task}, "model": { "layers": [{ "cell": "lstm", <|"units"|>: <|8|> }] } }`);
    const parsed = parseSpec(text);
    expect(parsed.keyRangeOf(['model', 'layers', 0, 'units'])).toEqual(ranges[0]);
    expect(parsed.rangeOf(['model', 'layers', 0, 'units'])).toEqual(ranges[1]);
    expect(parsed.rangeOf(['model', 'layers', 3])).toBeUndefined();
  });
});

describe('a text that is no JSON', () => {
  it.each(['', ' \n', '// nothing yet\n'])('tells what to do with an empty spec %j', (text) => {
    const [problem] = parseSpec(text).problems;
    expect(problem).toMatchObject({ code: 'empty', message: expect.stringContaining('Unroll: New Model') });
  });

  it.each([
    ['a missing comma', '{ "version": 1 <|"name"|>: "x" }', /comma is missing/],
    ['a word without quotes', '{ "name": <|foo|> }', /double quotes/],
    ['a missing colon', '{ "name" <|"x"|> }', /colon/],
    ['something after the end', '{} <|5|>', /nothing may follow/],
    ['a text that is not closed', '{ "name": <|"x }|>', /closing double quote/],
  ])('names %s and its place once', (_, source, message) => {
    expect(problemAt(source)).toMatchObject({ code: 'syntax', message: expect.stringMatching(message) });
  });

  it('does not lose itself in brackets within brackets', () => {
    for (const text of ['['.repeat(100_000), `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`]) {
      const { problems } = parseSpec(text);
      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatchObject({ code: 'syntax', message: expect.stringContaining('more than 100 deep') });
    }
    expect(parseSpec(`{ "name": "${'['.repeat(200)}" }`).problems).not.toContainEqual(expect.objectContaining({ code: 'syntax' }));
  });

  it('says that a list is no spec', () => {
    expect(problemAt('<|[1]|>').message).toBe('A spec must be an object in braces { } (got a list of 1).');
  });
});

describe('keys', () => {
  it('suggests the key that was meant, as an edit of the key alone', () => {
    const problem = problemAt(`{ ${task}, "model": { "layers": [{ "cell": "lstm", "units": 8, <|"dropot"|>: 0.1 }] } }`);
    expect(problem).toMatchObject({ code: 'unknown-key', message: 'Unknown key "dropot". Did you mean "dropout"?', suggestion: { text: '"dropout"' } });
  });

  it('counts a misspelt required key as one mistake', () => {
    const problem = problemAt(`{ ${task}, "model": { "layers": [{ <|"cel"|>: "lstm", "units": 8 }] } }`);
    expect(problem.message).toBe('Unknown key "cel". Did you mean "cell"?');
  });

  it('says where a key belongs that stands in the wrong place', () => {
    expect(problemAt(`{ ${task}, ${layers}, "training": { <|"momentum"|>: 0.9 } }`).message).toBe('Unknown key "momentum". It belongs to training.optimizer.');
  });

  it('lists the known keys when nothing is near', () => {
    expect(problemAt(`{ ${task}, ${layers}, "inspect": { <|"zebra"|>: 1 } }`).message).toBe('Unknown key "zebra". Known here: text.');
  });

  it('does not suggest a key that is already there', () => {
    const problem = problemAt(`{ ${task}, "model": { "layers": [{ "cell": "lstm", "units": 8, <|"unit"|>: 4 }] } }`);
    expect(problem).toMatchObject({ message: 'Unknown key "unit". "units" is already there: remove one of them.' });
    expect(problem.suggestion).toBeUndefined();
  });

  it('reports a missing key at its object, with what it is for', () => {
    expect(problemAt(`{ ${task}, "model": { "layers": [<|{ "cell": "lstm" }|>] } }`).message).toBe('"units" is missing in model.layers[0]. Size of the hidden state.');
  });

  it('marks only the first line of a long object that lacks a key', () => {
    expect(problemAt(`{ ${task}, "model": { "layers": [<|{ "units": 8,|>\n "dropout": 0 }] } }`).message).toBe('"cell" is missing in model.layers[0]. Give "rnn", "lstm" or "gru".');
  });

  it('refuses a key that stands twice', () => {
    expect(problemAt(`{ ${task}, ${layers}, <|"name"|>: "again" }`)).toMatchObject({ code: 'duplicate-key' });
  });
});

describe('values', () => {
  const layer = (rest: string) => `{ ${task}, "model": { "layers": [{ ${rest} }] } }`;
  const translation = (tokens: string) => `{ "version": 1, "name": "m", "task": { "kind": "translation", "data": "a.tsv", "source": "s", "target": "t", "tokens": ${tokens} }, "model": { "encoder": { "layers": [{ "cell": "gru", "units": 8 }] }, "decoder": { "layers": [{ "cell": "gru", "units": 8 }] } } }`;
  it.each([
    [layer('"cell": <|"lsmt"|>, "units": 8'), 'cell must be one of "rnn", "lstm" or "gru" (got "lsmt"). Did you mean "lstm"?', '"lstm"'],
    [layer('"cell": "lstm", "units": <|"64"|>'), 'units must be a whole number (got "64").', '64'],
    [layer('"cell": "lstm", "units": <|1.5|>'), 'units must be a whole number (got 1.5).', undefined],
    [layer('"cell": "lstm", "units": <|0|>'), 'units must be at least 1 (got 0).', undefined],
    [layer('"cell": "lstm", "units": <|5000|>'), 'units must be at most 4096 (got 5000).', undefined],
    [layer('"cell": "gru", "units": 8, "resetAfter": <|"true"|>'), 'resetAfter must be true or false (got "true").', 'true'],
    [`{ ${task}, "model": { "layers": <|[]|> } }`, 'layers must have at least 1 entry (got an empty list).', undefined],
    [`{ ${task.replace('"name": "m"', '"name": <|"my model"|>')}, ${layers} }`, /^name: a name starts with a letter or digit .*got "my model"/, '"my-model"'],
    [`{ ${task.replace('1', '<|2|>')}, ${layers} }`, 'version must be 1 (got 2).', '1'],
    [`{ ${task.replace('"language-model"', '<|"langage-model"|>')}, ${layers} }`, /^kind must be one of .* Did you mean "language-model"\?$/, '"language-model"'],
    [`{ ${task.replace('"a.txt"', '<|5|>')}, ${layers} }`, 'data must be a path in double quotes, or a list of such paths (got 5).', undefined],
    [`{ ${task}, ${layers}, "training": { "optimizer": { "kind": "adam", "learningRate": <|0|> } } }`, 'learningRate must be greater than 0 (got 0).', undefined],
    [`{ ${task}, ${layers}, "training": { "steps": <|null|> } }`, 'steps must be a whole number (got null).', undefined],
    [`{ ${task}, ${layers}, "training": { "epochs": <|1e999|> } }`, 'epochs must be a number (got Infinity).', undefined],
    [`{ ${task}, ${layers}, "training": { "steps": <|9007199254740993|> } }`, 'steps must be at most 9007199254740991 (got 9007199254740992).', undefined],
    [`{ ${task.replace('"a.txt"', '["a.txt", <|3|>]')}, ${layers} }`, 'data[1] must be text in double quotes (got 3).', undefined],
    [translation('<|{ "source": "char" }|>'), '"target" is missing in task.tokens. Give "char", "word", "byte" or "spaced".', undefined],
    [translation('{ "source": <|"chr"|>, "target": "char" }'), /^source must be one of "char", .* Did you mean "char"\?$/, '"char"'],
    [translation('<|[]|>'), 'tokens must be one of "char", "word", "byte" or "spaced" (got an empty list).', undefined],
  ])('explains %s', (source, message, text) => {
    const problem = problemAt(source);
    if (typeof message === 'string') expect(problem.message).toBe(message);
    else expect(problem.message).toMatch(message);
    expect(problem.suggestion?.text).toBe(text);
  });

  it('never shows the words of the validation library', () => {
    const wild = parseSpec('{"version":"1","name":5,"task":{"kind":null},"model":{"layers":[{"cell":1,"units":{},"repeat":[],"dropout":9,"extra":{}}],"embedding":-1},"training":{"optimizer":{"kind":"adam","learningRate":1,"betas":[2]},"schedule":{"kind":"x"},"clip":[]},"inspect":1}');
    expect(wild.problems.length).toBeGreaterThan(10);
    for (const { message } of wild.problems) expect(message).not.toMatch(/invalid|expected|received|too small|too big|unrecognized/i);
  });
});

describe('meaning', () => {
  const model = (inside: string) => `{ ${task}, "model": { ${inside} } }`;

  it.each([
    ['residual', model('"embedding": 64, "layers": [{ "cell": "lstm", "units": <|32|>, "connection": "residual" }]'), 'units must equal the input size 64 for a residual connection (got 32)', '64'],
    ['highway above another layer', model('"layers": [{ "cell": "gru", "units": 16 }, { "cell": "gru", "units": <|8|>, "connection": "highway" }]'), 'units must equal the input size 16 for a highway connection (got 8)', '16'],
    ['residual above a dense layer', model('"embedding": 4, "layers": [{ "cell": "rnn", "units": 6, "connection": "dense" }, { "cell": "rnn", "units": <|6|>, "connection": "residual" }]'), 'units must equal the input size 10 for a residual connection (got 6)', '10'],
  ])('says which size a %s connection needs', (_, source, message, text) => {
    expect(problemAt(source)).toMatchObject({ code: 'connection-size', message, suggestion: { text } });
  });

  it('knows the size of one-hot inputs once the data told it', () => {
    const source = model('"layers": [{ "cell": "lstm", "units": <|32|>, "connection": "residual" }]');
    expect(parseSpec(marked(source).text).problems).toEqual([]);
    expect(problemAt(source, letters).message).toContain('input size 50');
  });

  it('counts both directions of a bidirectional layer', () => {
    const source = '{ "version": 1, "name": "m", "task": { "kind": "batch", "loss": "class", "features": 8, "outputs": 2 }, "model": { "layers": [{ "cell": "gru", "units": <|8|>, "bidirectional": true, "connection": "residual" }] } }';
    expect(problemAt(source)).toMatchObject({ message: '2 × units must equal the input size 8 for a residual connection around a bidirectional layer (got 2 × 8 = 16)', suggestion: { text: '4' } });
  });

  it('refuses a bidirectional language model because the future would leak', () => {
    expect(problemAt(model('"layers": [{ "cell": "lstm", "units": 8, <|"bidirectional"|>: true }]'))).toMatchObject({ severity: 'error', code: 'future-leak', message: expect.stringContaining('future would leak') });
  });

  it.each([
    ['relu in an LSTM', 'error', 'activation-cell', '{ "cell": "lstm", "units": 8, "activation": <|"relu"|> }'],
    ['resetAfter outside a GRU', 'warning', 'no-effect', '{ "cell": "lstm", "units": 8, <|"resetAfter"|>: true }'],
    ['forgetBias outside an LSTM', 'warning', 'no-effect', '{ "cell": "gru", "units": 8, <|"forgetBias"|>: 1 }'],
    ['the bias of a gate that the cell has not', 'warning', 'no-effect', '{ "cell": "lstm", "units": 8, "gateBias": { "input": 1, <|"update"|>: 1 } }'],
  ])('reports %s as %s', (_, severity, code, layer) => {
    expect(problemAt(model(`"layers": [${layer}]`))).toMatchObject({ severity, code });
  });

  it('warns of five layers without a skip connection, with the reason', () => {
    const source = model('<|"layers"|>: [{ "cell": "lstm", "units": 8, "repeat": 5 }]');
    expect(problemAt(source)).toMatchObject({ severity: 'warning', code: 'deep-without-skip', message: expect.stringContaining('gradient shrinks') });
    expect(parseSpec(model('"layers": [{ "cell": "lstm", "units": 8, "repeat": 4 }]')).problems).toEqual([]);
    expect(parseSpec(model('"embedding": 8, "layers": [{ "cell": "lstm", "units": 8, "repeat": 8, "connection": "residual" }]')).problems).toEqual([]);
  });

  it.each([
    ['steps and epochs together', 'error', 'steps-and-epochs', '"steps": 5, <|"epochs"|>: 2'],
    ['nesterov without momentum', 'error', 'nesterov-momentum', '"optimizer": { "kind": "sgd", "learningRate": 0.1, <|"nesterov"|>: true }'],
    ['an option that the optimizer ignores', 'warning', 'no-effect', '"optimizer": { "kind": "sgd", "learningRate": 0.1, <|"betas"|>: [0.9, 0.99] }'],
  ])('reports %s as %s', (_, severity, code, training) => {
    expect(problemAt(`{ ${task}, ${layers}, "training": { ${training} } }`)).toMatchObject({ severity, code });
  });

  it('warns that nothing can be evaluated without held-out data', () => {
    const source = `{ ${task.replace('"char"', '"char", "validation": 0')}, ${layers}, "training": { <|"evaluateEvery"|>: 10 } }`;
    expect(problemAt(source)).toMatchObject({ severity: 'warning', code: 'no-effect' });
  });

  it('wants layers, and encoder and decoder for translation only', () => {
    expect(problemAt(`{ ${task}, "model": <|{ "embedding": 4 }|> }`).message).toContain('"layers" is missing in model');
    expect(problemAt(`{ ${task}, "model": { "layers": [{ "cell": "gru", "units": 4 }], <|"encoder"|>: { "layers": [{ "cell": "gru", "units": 4 }] } } }`)).toMatchObject({ code: 'model-parts' });
    const translation = task.replace('"language-model"', '"translation"').replace('"data"', '"source": "a", "target": "b", "data"');
    expect(parseSpec(`{ ${translation}, ${layers} }`).problems.map(({ code }) => code).sort()).toEqual(['missing-key', 'missing-key', 'model-parts']);
  });
});

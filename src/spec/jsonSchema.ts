import { z } from 'zod';
import { specSchema } from './schema';

type JsonSchema = z.core.JSONSchema.JSONSchema;

/** Pieces that an editor offers where a layer, an optimizer or clipping is to be written. */
const snippets: Readonly<Record<string, readonly { label: string; description: string; body: unknown }[]>> = {
  layer: [
    { label: 'LSTM layer', description: 'Long short-term memory: the usual choice', body: { cell: 'lstm', units: '^${1:128}' } },
    { label: 'GRU layer', description: 'Gated recurrent unit: faster, nearly as good', body: { cell: 'gru', units: '^${1:128}' } },
    { label: 'RNN layer', description: 'Vanilla RNN: no gates', body: { cell: 'rnn', units: '^${1:128}', activation: '${2|tanh,relu|}' } },
    { label: 'Residual LSTM layer', description: 'Adds its input to its output; units must equal the input size', body: { cell: 'lstm', units: '^${1:128}', connection: 'residual', dropout: '^${2:0.1}' } },
  ],
  optimizer: [
    { label: 'Adam', description: 'The usual choice', body: { kind: 'adam', learningRate: '^${1:0.002}' } },
    { label: 'SGD with momentum', description: 'Plain gradient descent with momentum', body: { kind: 'sgd', learningRate: '^${1:0.1}', momentum: '^${2:0.9}' } },
  ],
  clip: [
    { label: 'Clip by norm', description: 'Shortens the whole gradient, keeps its direction', body: { kind: 'norm', threshold: '^${1:5}' } },
    { label: 'Clip by value', description: 'Cuts each component by itself', body: { kind: 'value', threshold: '^${1:1}' } },
  ],
  task: [
    { label: 'Language model', description: 'Predict the next character of a text', body: { kind: 'language-model', data: '${1:text.txt}', tokens: '${2|char,word,byte|}' } },
  ],
};

const snippetPlaces: readonly { readonly path: readonly string[]; readonly snippets: string }[] = [
  { path: ['properties', 'model', 'properties', 'layers', 'items'], snippets: 'layer' },
  { path: ['properties', 'model', 'properties', 'encoder', 'properties', 'layers', 'items'], snippets: 'layer' },
  { path: ['properties', 'model', 'properties', 'decoder', 'properties', 'layers', 'items'], snippets: 'layer' },
  { path: ['properties', 'training', 'properties', 'optimizer'], snippets: 'optimizer' },
  { path: ['properties', 'training', 'properties', 'clip'], snippets: 'clip' },
  { path: ['properties', 'task'], snippets: 'task' },
];

/**
 * The spec's JSON schema, from zod: what editors complete from. `io: input`, because a spec
 * may leave out what has a default. Throws when a place for snippets no longer exists.
 */
export function jsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(specSchema, { target: 'draft-7', io: 'input', override: ({ jsonSchema: part }) => safeIntegers(part) });
  for (const { path, snippets: name } of snippetPlaces) {
    let place: Record<string, unknown> = schema as Record<string, unknown>;
    for (const key of path) {
      const next = place[key];
      if (typeof next !== 'object' || next === null) throw new Error(`The schema has no ${path.join('.')} for the snippets "${name}".`);
      place = next as Record<string, unknown>;
    }
    place['defaultSnippets'] = snippets[name];
  }
  return { ...schema, allowTrailingCommas: true, allowComments: true } as JsonSchema;
}

/** Whole numbers without a limit of their own need not state the largest that JavaScript can count to. */
function safeIntegers(part: JsonSchema): void {
  if (part.maximum === Number.MAX_SAFE_INTEGER) delete part.maximum;
}

/** Text of `media/rnn.schema.json`. */
export function jsonSchemaText(): string {
  return `${JSON.stringify(jsonSchema(), null, 2)}\n`;
}

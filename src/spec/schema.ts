import { z } from 'zod';

/**
 * The `.rnn.json` spec, version 1: the only source of its types, its validation and
 * (through `src/build/schema.mjs`) of `media/rnn.schema.json`.
 */

const count = (most = Number.MAX_SAFE_INTEGER): z.ZodInt => z.int().min(1).max(most);
const columns = z.array(z.string().min(1)).min(1);
const dataFile = z.string().min(1).describe('Path of the data file, relative to the folder of this spec.');

const tokens = z
  .enum(['char', 'word', 'byte', 'spaced'])
  .describe(
    'What one token is: a Unicode character, a word (with the white space and punctuation between words as tokens of their own), a byte, or whatever stands between white space (which is no token then), for phonemes, notes or words cut beforehand.',
  );

const vocabularyLimits = z
  .strictObject({
    max: count().optional().describe('Keep at most this many kinds of token, the most frequent ones; the rest become one unknown token.'),
    minCount: count().optional().describe('Keep only tokens that occur at least this often.'),
  })
  .describe('Limits of the vocabulary; rarer tokens become one unknown token.');

const validation = z.number().min(0).max(0.5).default(0.1).describe('Share of the data held out for validation: the last part of a text or series, and a fixed random choice of examples.');

const languageModel = z.strictObject({
  kind: z.literal('language-model').describe('Predict the next token at every position; cross-entropy.'),
  data: z.union([dataFile, z.array(dataFile).min(1)]).describe('A text file, or a list of files read one after the other; paths relative to this spec.'),
  tokens,
  vocabulary: vocabularyLimits.optional(),
  validation,
});

const classification = z.strictObject({
  kind: z.literal('classification').describe('One label for each sequence, read from the last state; cross-entropy.'),
  data: dataFile,
  text: z.string().min(1).describe('Column that holds the sequence.'),
  label: z.string().min(1).describe('Column that holds the class.'),
  tokens,
  vocabulary: vocabularyLimits.optional(),
  validation,
});

const tagging = z.strictObject({
  kind: z.literal('tagging').describe('One tag for each token; cross-entropy at every position.'),
  data: dataFile,
  vocabulary: vocabularyLimits.optional(),
  validation,
});

const forecast = z.strictObject({
  kind: z.literal('forecast').describe('Predict later values of a series; mean squared error at every position.'),
  data: dataFile,
  inputs: columns.describe('Columns the model reads.'),
  targets: columns.describe('Columns the model predicts.'),
  horizon: count().default(1).describe('How many rows ahead the target lies.'),
  validation,
});

const translation = z.strictObject({
  kind: z.literal('translation').describe('Sequence to sequence; cross-entropy at every target position.'),
  data: dataFile,
  source: z.string().min(1).describe('Column of the source sequence.'),
  target: z.string().min(1).describe('Column of the target sequence.'),
  tokens: z.union([tokens, z.strictObject({ source: tokens, target: tokens })]).describe('What one token is, the same for both columns or one for each.'),
  vocabulary: vocabularyLimits.optional(),
  validation,
});

export const syntheticProblems = ['copy', 'recall', 'adding', 'parity', 'brackets', 'none'] as const;

const synthetic = z.strictObject({
  kind: z.literal('synthetic').describe('Sequences made afresh from the seed, with a known dependency.'),
  problem: z
    .enum(syntheticProblems)
    .describe('copy: repeat ten symbols after a delay; recall: the symbol from lag steps ago; adding: the sum of two marked values; parity: XOR with the bit from lag steps ago; brackets: close what was opened; none: depends on the last two inputs only.'),
  length: count(100_000).describe('Timesteps of each sequence.'),
  lag: count(100_000).optional().describe('The true distance of the dependency, in timesteps.'),
});

const batch = z.strictObject({
  kind: z.literal('batch').describe('One batch read from a file, for checks and other programs.'),
  loss: z.enum(['tokens', 'values', 'class']).describe('tokens: a class at every position; values: numbers at every position; class: one class, at the end.'),
  vocabulary: z.int().min(0).default(0).describe('Kinds of input token; 0 when the inputs are values.'),
  features: z.int().min(0).default(0).describe('Input values at each step; 0 when the inputs are tokens.'),
  outputs: count().describe('Size of the output layer.'),
});

const initialBias = z.number().min(-20).max(20).optional();

const layer = z.strictObject({
  cell: z.enum(['rnn', 'lstm', 'gru']).describe('The recurrent cell: vanilla RNN, LSTM or GRU.'),
  units: count(4096).describe('Size of the hidden state.'),
  activation: z.enum(['tanh', 'relu']).default('tanh').describe('Nonlinearity of a vanilla RNN.'),
  resetAfter: z
    .boolean()
    .default(true)
    .describe('GRU: true scales W_hn·h + b_hn by the reset gate (PyTorch, cuDNN); false scales h before the product (Cho et al. 2014, CS224n).'),
  bidirectional: z.boolean().default(false).describe('Read in both directions; the output is forward and reverse side by side, 2 × units.'),
  connection: z
    .enum(['none', 'residual', 'dense', 'highway'])
    .default('none')
    .describe('Around the layer: residual h + x, dense [x, h], highway g⊙h + (1−g)⊙x with g = σ(W x + b).'),
  dropout: z.number().min(0).max(0.95).default(0).describe("Share of the layer's output dropped while training (inverted dropout)."),
  forgetBias: z.number().min(-20).max(20).default(1).describe("Added to the LSTM's initial forget bias; 1 lets gradients through from the start (Jozefowicz et al. 2015)."),
  gateBias: z
    .strictObject({
      input: initialBias.describe('LSTM: above 0 lets new content in, below 0 keeps it out.'),
      output: initialBias.describe('LSTM: above 0 shows the cell state, below 0 hides it.'),
      reset: initialBias.describe('GRU: above 0 the candidate reads the old state, below 0 the input only.'),
      update: initialBias.describe("GRU: above 0 keeps the old state (PyTorch's z), below 0 takes the new one."),
    })
    .optional()
    .describe('Added to the initial biases of other gates than the forget gate: how open they start (Tallec and Ollivier 2018).'),
  init: z
    .enum(['uniform', 'xavier', 'orthogonal', 'identity'])
    .default('uniform')
    .describe("Initial weights: uniform ±1/√units (PyTorch's), xavier, orthogonal or identity recurrent matrices."),
  repeat: count(64).default(1).describe('The same layer this many times.'),
});

const layers = z.array(layer).min(1).max(64).describe('Recurrent layers, from the input upwards.');

const model = z
  .strictObject({
    embedding: z.int().min(0).max(4096).default(0).describe('Size of the embedding; 0 or absent: one-hot inputs.'),
    layers: layers.optional(),
    encoder: z.strictObject({ layers }).optional().describe('Translation: reads the source.'),
    decoder: z
      .strictObject({ layers, attention: z.enum(['none', 'dot']).default('none').describe('Dot-product attention over the encoder states.') })
      .optional()
      .describe('Translation: writes the target.'),
  })
  .describe('The network.');

const optimizer = z
  .strictObject({
    kind: z.enum(['sgd', 'adam', 'adamw', 'rmsprop', 'adagrad']).describe('How a gradient becomes an update.'),
    learningRate: z.number().positive().max(100).describe('Size of an update; for Adam 0.001 to 0.005 is usual.'),
    momentum: z.number().min(0).lt(1).optional().describe('SGD and RMSprop; default 0.'),
    nesterov: z.boolean().optional().describe('SGD: Nesterov momentum; needs momentum > 0.'),
    betas: z.tuple([z.number().min(0).lt(1), z.number().min(0).lt(1)]).optional().describe('Adam and AdamW; default [0.9, 0.999].'),
    epsilon: z.number().positive().optional().describe('Default 1e-8, Adagrad 1e-10.'),
    decay: z.number().min(0).lt(1).optional().describe("RMSprop's smoothing constant (alpha); default 0.99."),
    weightDecay: z.number().min(0).optional().describe('Default 0, AdamW 0.01.'),
  })
  .describe("Update rules and defaults are PyTorch's.");

const schedule = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('constant').describe('The learning rate stays as it is.') }),
    z.strictObject({
      kind: z.literal('cosine').describe('Falls along half a cosine, after a linear rise.'),
      warmup: z.int().min(0).default(0).describe('Steps of linear rise at the beginning.'),
      floor: z.number().min(0).max(1).default(0).describe('Share of the learning rate at the end.'),
    }),
    z.strictObject({ kind: z.literal('step').describe('Falls by a factor at regular steps.'), every: count().describe('Steps between falls.'), factor: z.number().positive().max(1).default(0.5).describe('The learning rate is multiplied by this.') }),
    z.strictObject({ kind: z.literal('plateau').describe('Falls when the validation loss no longer gets better.'), patience: count().default(3).describe('Evaluations without a better validation loss before it falls.'), factor: z.number().positive().lt(1).default(0.5).describe('The learning rate is multiplied by this.') }),
  ])
  .describe('How the learning rate changes over the steps.');

const clip = z
  .strictObject({
    kind: z.enum(['norm', 'value']).describe('norm: over all parameters together; value: each component by itself.'),
    threshold: z.number().positive().describe('norm: the largest global norm that is let through as it is; value: the largest size of a component.'),
  })
  .describe('Gradient clipping, before the optimizer step (Pascanu et al. 2013).');

const training = z
  .strictObject({
    optimizer: optimizer.default({ kind: 'adam', learningRate: 0.002 }),
    schedule: schedule.optional(),
    clip: clip.optional(),
    batch: count(65_536).default(32).describe('Sequences trained side by side.'),
    window: count(100_000).default(64).describe('Timesteps of backpropagation through time (BPTT).'),
    steps: count().optional().describe('Updates to make; give this or epochs. Default: 5 epochs.'),
    epochs: z.number().positive().optional().describe('Passes over the training data; give this or steps. Default: 5.'),
    seed: z.int().min(0).max(2 ** 32 - 1).default(1).describe('Start of all random numbers: the same seed gives the same run.'),
    stateful: z.boolean().default(true).describe('Language models and forecasts: carry the state from window to window (truncated BPTT).'),
    evaluateEvery: count().optional().describe('Steps between evaluations on the validation part.'),
    checkpointEvery: count().optional().describe('Steps between checkpoints.'),
    patience: count().optional().describe('Stop after this many evaluations without a better validation loss.'),
    order: z.enum(['layer-major', 'time-major']).default('layer-major').describe('layer-major: all timesteps of layer 0, then layer 1 (as PyTorch does); time-major: all layers of step 0, then step 1. A bidirectional layer is done whole in either; an encoder before its decoder.'),
    threads: z.int().min(1).max(64).optional().describe('Threads of the engine; the answers do not depend on it.'),
  })
  .describe('How the model is trained.');

const inspect = z.strictObject({ text: z.string().min(1).optional().describe('The sample the Inspector shows.') }).describe('What the Inspector shows.');

export const specSchema = z
  .strictObject({
    $schema: z.string().optional().describe('Address of the JSON schema, for editors without the extension.'),
    version: z.literal(1).describe('Version of this format; always 1.'),
    name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'a name starts with a letter or digit and holds letters, digits, dots, dashes and underscores only (it names a folder)').describe('Name of the model; its runs are kept in a folder of this name.'),
    task: z.discriminatedUnion('kind', [languageModel, classification, tagging, forecast, translation, synthetic, batch]).describe('What the model learns, and from which data.'),
    model,
    training: training.prefault({}),
    inspect: inspect.optional(),
  })
  .meta({ title: 'Unroll model spec', description: 'A recurrent network, its task and its training, for the Unroll RNN Workbench.' });

/** A valid spec with every default filled in. */
export type Spec = z.output<typeof specSchema>;
export type TaskSpec = Spec['task'];
export type LayerSpec = z.output<typeof layer>;
export type TrainingSpec = Spec['training'];
export type OptimizerSpec = z.output<typeof optimizer>;
export type ClipSpec = z.output<typeof clip>;
export type CellKind = LayerSpec['cell'];
export type ConnectionKind = LayerSpec['connection'];
export type TokenKind = z.output<typeof tokens>;

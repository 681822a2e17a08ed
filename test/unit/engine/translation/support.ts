import type { Batch } from '../../../../src/engine/engine';
import { Random } from '../../../../src/shared/random';
import { architectureOf, type Architecture } from '../../../../src/spec/architecture';
import { specSchema, type LayerSpec } from '../../../../src/spec/schema';

export interface ModelParts {
  readonly encoder: LayerSpec[];
  readonly decoder: LayerSpec[];
  readonly attention?: 'none' | 'dot';
  readonly embedding?: number;
  readonly source?: number;
  readonly target?: number;
}

/** A translation model between small vocabularies. */
export function translationModel({ encoder, decoder, attention = 'none', embedding = 3, source = 6, target = 5 }: ModelParts): Architecture {
  const task = { kind: 'translation', data: 'pairs.tsv', source: 'a', target: 'b', tokens: 'char' };
  const spec = specSchema.parse({ version: 1, name: 'test', task, model: { embedding, encoder: { layers: encoder }, decoder: { layers: decoder, attention } } });
  return architectureOf(spec, { input: { kind: 'tokens', vocabulary: target }, outputs: target, loss: 'tokens', sourceVocabulary: source });
}

/** How many steps a sequence has on each side. */
export type PairLength = readonly [source: number, target: number];

/** Random pairs of these lengths, padded to the longest with tokens that mean something, so that reading them shows. */
export function randomPairs({ input, outputs, encoder }: Architecture, lengths: readonly PairLength[], seed: number, extra = 0): Batch {
  const random = Random.fromSeed(seed);
  const vocabulary = (side: Architecture['input'] | undefined) => (side?.kind === 'tokens' ? side.vocabulary : 1);
  const sequences = lengths.length;
  const longest = (side: 0 | 1) => Math.max(...lengths.map((length) => length[side])) + extra;
  const fill = (steps: number, bound: number) => Int32Array.from({ length: steps * sequences }, () => random.below(bound));
  return {
    steps: longest(1),
    sequences,
    inputs: fill(longest(1), vocabulary(input)),
    targets: fill(longest(1), outputs),
    lengths: Int32Array.from(lengths, ([, target]) => target),
    source: { steps: longest(0), inputs: fill(longest(0), vocabulary(encoder?.input)), lengths: Int32Array.from(lengths, ([source]) => source) },
  };
}

/** Sequence b alone, without padding. */
export function pairOf({ sequences, inputs, targets, lengths, source }: Batch, b: number): Batch {
  const column = (tokens: ArrayLike<number>, steps: number) => Int32Array.from({ length: steps }, (_, t) => tokens[t * sequences + b]!);
  const [written, read] = [lengths![b]!, source!.lengths![b]!];
  return { steps: written, sequences: 1, inputs: column(inputs, written), targets: column(targets, written), source: { steps: read, inputs: column(source!.inputs, read) } };
}

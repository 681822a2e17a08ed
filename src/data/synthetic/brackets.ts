import { Random } from '../../shared/random';
import type { ReferenceLoss } from '../task';
import { characterVocabulary, tokenSizes, type SyntheticProblem } from './problem';

/** Opening brackets are even, and each is closed by the number after it. */
const kinds: readonly string[] = ['(', ')', '[', ']'];

/** What may come next: any opening bracket, or the one that closes what was opened last. */
interface Choice {
  readonly mayOpen: boolean;
  readonly mayClose: boolean;
}

/**
 * Brackets: next-symbol prediction in balanced strings of two kinds of brackets whose matches are at most `lag` apart. Where
 * both are possible a bracket opens or closes with equal chance, and either kind opens with equal chance. The last
 * target of an odd length is the first bracket of another string. References are measured on drawn strings.
 */
export function brackets(length: number, lag: number): SyntheticProblem {
  return {
    sizes: tokenSizes(kinds.length, kinds.length),
    // Without labels: the model predicts the next token, as a language model does.
    vocabulary: characterVocabulary(kinds),
    positions: length,
    references: bracketReferences(length, lag),
    draw(random) {
      const { symbols } = balanced(length + 1, lag, random);
      return { inputs: symbols.subarray(0, length), targets: symbols.subarray(1) };
    },
  };
}

/** Balanced strings, one behind the other, of `length` symbols (an odd length ends with an opening bracket), and what was possible at each. */
function balanced(length: number, lag: number, random: Random): { readonly symbols: Int32Array; readonly choices: readonly Choice[] } {
  const symbols = new Int32Array(length);
  const choices: Choice[] = [];
  /** Positions of the open brackets, the outermost first. */
  const open: number[] = [];
  const even = length - (length % 2);
  for (let t = 0; t < length; t++) {
    // After opening here the inner brackets close first: the one at depth i closes at t + 1 + (depth − i).
    const depth = open.length;
    const inTime = open.every((at, i) => t + 1 + depth - i - at <= lag);
    const mayOpen = t >= even || (inTime && t + 1 + depth < even);
    const choice = { mayOpen, mayClose: depth > 0 };
    choices.push(choice);
    if (mayOpen && (depth === 0 || random.below(2) === 0)) {
      symbols[t] = 2 * random.below(2);
      open.push(t);
    } else {
      symbols[t] = (symbols[open.pop() ?? 0] ?? 0) + 1;
    }
  }
  return { symbols, choices };
}

/** Strings that the references are measured on. */
const measured = 256;

/** Losses of guessing, of counting without knowing which kind to close, and of knowing all: the entropy of the choices. */
function bracketReferences(length: number, lag: number): ReferenceLoss[] {
  const random = Random.fromSeed(0);
  let counting = 0;
  let best = 0;
  for (let string = 0; string < measured; string++) {
    for (const { mayOpen, mayClose } of balanced(length + 1, lag, random).choices.slice(1)) {
      const which = mayOpen && mayClose ? Math.LN2 : 0;
      best += which + Math.LN2 * (mayOpen ? (mayClose ? 0.5 : 1) : 0);
      counting += which + Math.LN2;
    }
  }
  return [
    { label: 'guesses: ln 4', loss: Math.log(kinds.length) },
    { label: 'counts, but forgets which kind is open', loss: counting / (measured * length) },
    { label: 'knows all there is: when and what to close', loss: best / (measured * length) },
  ];
}

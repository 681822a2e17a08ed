import { Random } from '../../../src/shared/random';

/** Data whose dependencies are known because they were made so: the task of a spec, and its files if it has any. */
export interface World {
  readonly task: Readonly<Record<string, unknown>>;
  readonly files: Readonly<Record<string, string>>;
}

/** Makes a world from a seed. */
export type Maker = (seed: number) => World;

const letters = 'abcdefgh';

/** One of the synthetic problems of the spec, which are drawn from the training's own seed. */
export function synthetic(problem: string, length: number, lag?: number): Maker {
  return () => ({ task: { kind: 'synthetic', problem, length, ...(lag !== undefined && { lag }) }, files: {} });
}

/** A text in which each letter is, with a share, the one `lag` before it, and else any of eight. */
export function echo(lag: number, share: number, length = 60_000): Maker {
  return textOf(length, (text, random) => (text.length >= lag && random.uniform() < share ? (text[text.length - lag] ?? '') : pick(random)));
}

/** A text in which each letter depends on the last `order` letters only, by a random table. */
export function markov(order: number, length = 60_000): Maker {
  return (seed) => {
    const table = new Map<string, string>();
    const rule = Random.fromSeed(seed, 7);
    return textOf(length, (text, random) => {
      const key = text.slice(-order).join('');
      if (!table.has(key)) table.set(key, pick(rule));
      return random.uniform() < 0.7 ? (table.get(key) ?? '') : pick(random);
    })(seed);
  };
}

/** A text of blocks: a random letter, then filler, then the letter again after exactly `distance`; the rest is a two-letter rhythm. */
export function reminder(distance: number, length = 60_000): Maker {
  return textOf(length, (text, random) => {
    const place = text.length % (distance + 1);
    if (place === 0) return pick(random);
    return place === distance ? (text[text.length - distance] ?? '') : place % 2 === 0 ? 'x' : 'y';
  });
}

function textOf(length: number, next: (text: readonly string[], random: Random) => string): Maker {
  return (seed) => {
    const random = Random.fromSeed(seed, 1);
    const text: string[] = [];
    while (text.length < length) text.push(next(text, random));
    return { task: { kind: 'language-model', data: 'text.txt', tokens: 'char', validation: 0.3 }, files: { 'text.txt': text.join('') } };
  };
}

/** A series from its own past and noise. */
export function series(next: (past: readonly number[], noise: () => number) => number, rows = 20_000): Maker {
  return (seed) => {
    const random = Random.fromSeed(seed, 2);
    const past: number[] = [];
    while (past.length < rows) past.push(next(past, () => random.normal()));
    return { task: { kind: 'forecast', data: 'series.csv', inputs: ['y'], targets: ['y'], validation: 0.3 }, files: { 'series.csv': `y\n${past.map((value) => value.toFixed(4)).join('\n')}\n` } };
  };
}

/** yₜ follows a driver x of `lag` rows before, which is white noise. */
export function driven(lag: number, rows = 20_000): Maker {
  return (seed) => {
    const random = Random.fromSeed(seed, 3);
    const x = Array.from({ length: rows }, () => random.normal());
    // The forecast looks one row ahead: the target of row t is y of t + 1, which x of t + 1 − (lag + 1) drives.
    const lines = x.map((value, t) => `${value.toFixed(4)},${((x[t - lag - 1] ?? 0) + 0.3 * random.normal()).toFixed(4)}`);
    return { task: { kind: 'forecast', data: 'series.csv', inputs: ['x'], targets: ['y'], validation: 0.3 }, files: { 'series.csv': `x,y\n${lines.join('\n')}\n` } };
  };
}

/** Words of `length` letters with a class that a rule reads off them. */
export function words(length: number, rule: (word: string, random: Random) => string, count = 6000): Maker {
  return (seed) => {
    const random = Random.fromSeed(seed, 4);
    const lines = Array.from({ length: count }, () => {
      const word = Array.from({ length }, () => pick(random)).join('');
      return `${word},${rule(word, random)}`;
    });
    return { task: { kind: 'classification', data: 'words.csv', text: 'word', label: 'label', tokens: 'char', validation: 0.3 }, files: { 'words.csv': `word,label\n${lines.join('\n')}\n` } };
  };
}

/** Sequences of letters with a tag for each that a rule reads off the letters so far. */
export function tags(length: number, rule: (letters: readonly string[]) => string, count = 4000): Maker {
  return (seed) => {
    const random = Random.fromSeed(seed, 5);
    const lines = Array.from({ length: count }, () => {
      const tokens = Array.from({ length }, () => pick(random));
      return JSON.stringify({ tokens, tags: tokens.map((_, t) => rule(tokens.slice(0, t + 1))) });
    });
    return { task: { kind: 'tagging', data: 'tags.jsonl', validation: 0.3 }, files: { 'tags.jsonl': `${lines.join('\n')}\n` } };
  };
}

/** Whether a letter is one of the first four. */
export function isEarly(letter: string | undefined): boolean {
  return letter !== undefined && letter < 'e';
}

function pick(random: Random): string {
  return letters[random.below(letters.length)] ?? '';
}

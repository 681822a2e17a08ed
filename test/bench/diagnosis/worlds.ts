import { existsSync, readFileSync } from 'node:fs';
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
    const letters: string[] = [];
    while (letters.length < length) letters.push(next(letters, random));
    return text(letters.join(''));
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

/** yₜ is a function of a white driver x of row t and of `lag` rows before, and noise. */
export function drivenBy(lag: number, answer: (now: number, before: number) => number, rows = 20_000): Maker {
  return (seed) => {
    const random = Random.fromSeed(seed, 6);
    const x = Array.from({ length: rows }, () => random.normal());
    const lines = x.map((value, t) => `${value.toFixed(4)},${(answer(x[t - 1] ?? 0, x[t - lag - 1] ?? 0) + 0.3 * random.normal()).toFixed(4)}`);
    return { task: { kind: 'forecast', data: 'series.csv', inputs: ['x'], targets: ['y'], validation: 0.3 }, files: { 'series.csv': `x,y\n${lines.join('\n')}\n` } };
  };
}

/** Words of `length` letters with a class that a rule reads off them. */
export function words(length: number, rule: (word: string, random: Random) => string, count = 6000): Maker {
  return labelled((random) => {
    const word = Array.from({ length }, () => pick(random)).join('');
    return [word, rule(word, random)];
  }, count);
}

/**
 * Two keys, each followed by its value, then filler, then one of the keys again: the class is the value of that key.
 * Which value stands first is drawn, so neither a place nor a pair of inputs tells anything: one must look the key up.
 */
export function byKey(filler: number, count = 6000): Maker {
  return labelled((random) => {
    const first = random.below(6);
    const second = (first + 1 + random.below(5)) % 6;
    const [values, asked] = [random.below(2), random.below(2)];
    const key = (kind: number): string => letters[kind] ?? '';
    const between = Array.from({ length: filler }, () => 'xyz'[random.below(3)]).join('');
    return [`${key(first)}${values}${key(second)}${1 - values}${between}${key(asked === 0 ? first : second)}`, String(asked === 0 ? values : 1 - values)];
  }, count);
}

/** English first names, each followed by so many dots, and which of two lists they are from. */
export function names(dots: number): Maker {
  const rows = real('names.csv').trim().split('\n').slice(1).map((line) => line.split(','));
  return () => classes(rows.map(([name = '', list = '']) => `${name.toLowerCase()}${'.'.repeat(dots)},${list}`));
}

function labelled(draw: (random: Random) => readonly [string, string], count: number): Maker {
  return (seed) => {
    const random = Random.fromSeed(seed, 4);
    return classes(Array.from({ length: count }, () => draw(random).join(',')));
  };
}

function classes(lines: readonly string[]): World {
  return { task: { kind: 'classification', data: 'words.csv', text: 'word', label: 'label', tokens: 'char', validation: 0.3 }, files: { 'words.csv': `word,label\n${lines.join('\n')}\n` } };
}

/** Sequences of letters with a tag for each that a rule reads off the letters so far. */
export function tags(length: number, rule: (letters: readonly string[]) => string, count = 4000): Maker {
  return (seed) => {
    const random = Random.fromSeed(seed, 5);
    return tagged(Array.from({ length: count }, () => {
      const tokens = Array.from({ length }, () => pick(random));
      return { tokens, tags: tokens.map((_, t) => rule(tokens.slice(0, t + 1))) };
    }));
  };
}

/** Letters of four kinds, with a share of marks among them; the tag of each step is the latest mark. */
export function latestMark(marks: string, share: number, length: number, count = 3000): Maker {
  return (seed) => {
    const random = Random.fromSeed(seed, 8);
    return tagged(Array.from({ length: count }, () => {
      let latest = '-';
      const tokens = Array.from({ length }, () => (random.uniform() < share ? (marks[random.below(marks.length)] ?? '') : (letters[random.below(4)] ?? '')));
      return { tokens, tags: tokens.map((token) => (latest = marks.includes(token) ? token : latest)) };
    }));
  };
}

/** English words as sounds, and so many steps later whether each was a stressed vowel. */
export function stress(delay: number): Maker {
  const examples = real('stress.jsonl').trim().split('\n').map((line) => JSON.parse(line) as { tokens: string[]; tags: string[] });
  const filler = new Array<string>(delay).fill('.');
  return (seed) => {
    const random = Random.fromSeed(seed, 9);
    return tagged(Array.from({ length: 6000 }, () => examples[random.below(examples.length)] ?? { tokens: [], tags: [] }).map(({ tokens, tags }) => ({ tokens: [...tokens, ...filler], tags: [...filler, ...tags] })));
  };
}

function tagged(examples: readonly { readonly tokens: readonly string[]; readonly tags: readonly string[] }[]): World {
  return { task: { kind: 'tagging', data: 'tags.jsonl', validation: 0.3 }, files: { 'tags.jsonl': `${examples.map((example) => JSON.stringify(example)).join('\n')}\n` } };
}

/** Moby Dick in small letters and blanks, from a place that the seed chooses. */
export function mobyDick(length = 100_000): Maker {
  return (seed) => text(passages(1, length, seed)[0] ?? '');
}

/** English words in any order. What tells about a letter stands in its own word. */
export function spellings(length = 100_000): Maker {
  const all = real('spelling.tsv').trim().split('\n').slice(1).map((line) => line.split('\t')[0] ?? '');
  return (seed) => {
    const random = Random.fromSeed(seed, 13);
    const drawn: string[] = [];
    for (let letters = 0; letters < length; letters += 1 + (drawn.at(-1)?.length ?? 0)) drawn.push(all[random.below(all.length)] ?? '');
    return text(drawn.join(' '));
  };
}

/** So many passages of Moby Dick, read side by side: a letter of each in turn. What tells about the next letter stands `passages` steps before it, and multiples of that. */
export function mobyInTurns(count: number, length = 100_000): Maker {
  return (seed) => {
    const parts = passages(count, Math.floor(length / count), seed);
    return text(Array.from({ length: Math.floor(length / count) }, (_, place) => parts.map((part) => part[place]).join('')).join(''));
  };
}

/** The letters of Moby Dick, drawn one by one with the frequencies that each has behind the `order` letters before it: nothing older can matter. */
export function mobyByChance(order: 0 | 1, length = 100_000): Maker {
  return (seed) => {
    const random = Random.fromSeed(seed, 10);
    const source = passages(1, 200_000, seed)[0] ?? '';
    const places = new Map<string, number[]>();
    for (let i = 0; i + 1 < source.length; i++) {
      const before = order === 0 ? '' : (source[i] ?? '');
      const known = places.get(before) ?? [];
      if (known.length === 0) places.set(before, known);
      known.push(i + 1);
    }
    let last = ' ';
    return text(Array.from({ length }, () => {
      const known = places.get(order === 0 ? '' : last) ?? [0];
      return (last = source[known[random.below(known.length)] ?? 0] ?? ' ');
    }).join(''));
  };
}

/**
 * Temperature, pressure and wind of a year of hours, each standardised and cut into a third of `count` stretches; all of them
 * are read side by side, a value of each in turn. The next value follows that of `count` rows before it.
 */
export function weatherInTurns(count: number): Maker {
  const rows = real('weather.csv').trim().split('\n').slice(1).map((line) => line.split(',').slice(1).map(Number));
  const each = Math.floor((3 * rows.length) / count);
  const parts = [0, 1, 2].flatMap((column) => {
    const values = rows.map((row) => row[column] ?? 0);
    return Array.from({ length: Math.floor(count / 3) }, (_, part) => standardised(values.slice(part * each, (part + 1) * each)));
  });
  return (seed) => {
    const random = Random.fromSeed(seed, 11);
    const order = Array.from(parts.keys()).sort(() => random.uniform() - 0.5);
    const values = Array.from({ length: each }, (_, hour) => order.map((part) => parts[part]?.[hour] ?? 0)).flat();
    return { task: { kind: 'forecast', data: 'series.csv', inputs: ['y'], targets: ['y'], validation: 0.4 }, files: { 'series.csv': `y\n${values.map((value) => value.toFixed(4)).join('\n')}\n` } };
  };
}

function standardised(values: readonly number[]): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return values.map((value) => (value - mean) / deviation);
}

/** Passages of Moby Dick, evenly through the book from a place that the seed chooses. */
function passages(count: number, length: number, seed: number): string[] {
  const book = real('moby-dick.txt').toLowerCase().replaceAll(/[^a-z]+/g, ' ');
  const begin = Random.fromSeed(seed, 12).below(Math.max(1, Math.floor(book.length / count) - length));
  return Array.from({ length: count }, (_, part) => book.slice(begin + Math.floor((part * book.length) / count)).slice(0, length));
}

function text(content: string): World {
  return { task: { kind: 'language-model', data: 'text.txt', tokens: 'char', validation: 0.3 }, files: { 'text.txt': content } };
}

/** A data file of the templates, which the build puts there. */
function real(name: string): string {
  const path = `media/templates/data/${name}`;
  if (!existsSync(path)) throw new Error(`${path} does not exist: run the build first, from the folder of the project.`);
  return readFileSync(path, 'utf8');
}

/** Whether a letter is one of the first four. */
export function isEarly(letter: string | undefined): boolean {
  return letter !== undefined && letter < 'e';
}

function pick(random: Random): string {
  return letters[random.below(letters.length)] ?? '';
}

import { extname } from 'node:path';
import { applyEdits, modify, parse, type JSONPath } from 'jsonc-parser';

/** A model that New Model offers: an entry of `media/templates/templates.json`. */
export interface Template {
  readonly id: string;
  readonly title: string;
  /** What the model shows, in a sentence. */
  readonly description: string;
  /** File name of the spec in `media/templates`. */
  readonly spec: string;
  /** Data files in `media/templates/data`, named by the spec as if they stood beside it. */
  readonly data: readonly string[];
  readonly reaches: Reaches;
}

/**
 * What a training of the template is tested to reach on held-out data, within its own steps: a validation `loss`,
 * a share of answers that are `right`, or, of a translation, the share of tokens that are `wrong` (edits over length,
 * by greedy search).
 */
export type Reaches =
  | { readonly metric: 'loss'; readonly atMost: number; /** What it is counted in: "nats a character". */ readonly unit: string }
  | { readonly metric: 'right'; readonly atLeast: number; /** What is answered: "held-out names". */ readonly of: string; /** Answers that do not count: the tag of consonants, say. */ readonly except?: string }
  | { readonly metric: 'wrong'; readonly atMost: number; readonly of: string };

/** `a validation loss of 1.9 nats a character`, `85 % of held-out names right`. */
export function reachesText(reaches: Reaches): string {
  const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`;
  switch (reaches.metric) {
    case 'loss':
      return `a validation loss of ${reaches.atMost} ${reaches.unit}`;
    case 'right':
      return `${percent(reaches.atLeast)} of ${reaches.of} right`;
    case 'wrong':
      return `${percent(reaches.atMost)} of ${reaches.of} wrong`;
  }
}

/** The template's text under another name, and with data files renamed; everything else, comments too, stays as it is. */
export function renameSpec(text: string, name: string, files: ReadonlyMap<string, string>): string {
  const value = parse(text) as { task?: { data?: unknown } } | undefined;
  const set = (source: string, path: JSONPath, to: unknown): string => applyEdits(source, modify(source, path, to, {}));
  const renamed = (path: unknown): unknown => (typeof path === 'string' ? (files.get(path) ?? path) : path);
  const data = value?.task?.data;
  const named = set(text, ['name'], name);
  if (Array.isArray(data)) return data.reduce<string>((source, path, index) => set(source, ['task', 'data', index], renamed(path)), named);
  return data === undefined ? named : set(named, ['task', 'data'], renamed(data));
}

/** The first of `name.ext`, `name-2.ext`, `name-3.ext`, … that is not taken. */
export function freeName(wanted: string, isTaken: (name: string) => boolean): string {
  const extension = wanted.endsWith('.rnn.json') ? '.rnn.json' : extname(wanted);
  const stem = wanted.slice(0, wanted.length - extension.length);
  let name = wanted;
  for (let number = 2; isTaken(name); number++) name = `${stem}-${number}${extension}`;
  return name;
}

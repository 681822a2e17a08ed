import { basename, extname, isAbsolute } from 'node:path';
import { parse, modify, applyEdits, type JSONPath } from 'jsonc-parser';

/** A spec that New Model offers. */
export interface Template {
  /** File name in `media/templates`. */
  readonly file: string;
  readonly text: string;
  /** The spec's `name`. */
  readonly name: string;
  /** The comment that opens the file: what the model shows. */
  readonly about: string;
  /** Data files it names, relative to the spec. */
  readonly data: readonly string[];
}

/** Reads a template's name, opening comment and data files from its text. */
export function readTemplate(file: string, text: string): Template {
  const value = parse(text) as { name?: unknown; task?: { data?: unknown } } | undefined;
  const data = value?.task?.data;
  const comment = /^(?:\s*\/\/[^\n]*\n?)+/.exec(text)?.[0] ?? '';
  return {
    file,
    text,
    name: typeof value?.name === 'string' ? value.name : basename(file, '.rnn.json'),
    about: comment.replace(/^\s*\/\/ ?/gm, '').replace(/\s+/g, ' ').trim(),
    data: (Array.isArray(data) ? data : [data]).filter((path): path is string => typeof path === 'string' && !isAbsolute(path)),
  };
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

import type { z } from 'zod';
import type { Problem } from '../shared/position';
import type { SpecRanges } from './ranges';
import { placesOfKey, schemaAt, type SpecPath } from './schemaAt';
import { alternatives, nearest } from './suggest';

type Issue = z.core.$ZodIssue;
type Finding = Omit<Problem, 'severity'>;

/** Turns what zod found into plain words with ranges and, where there is an obvious one, the mended text. */
export function schemaProblems(issues: readonly Issue[], root: unknown, ranges: SpecRanges): Problem[] {
  const findings = issues.flatMap(unfolded).flatMap((issue): (Finding & { path: SpecPath; meant?: string })[] => {
    const path = issue.path as SpecPath;
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(key, path, root, ranges));
    const value = valueAt(root, path);
    if (value === undefined) return [{ ...missingKey(path, root, ranges), path }];
    return [{ ...wrongValue(issue, path, value, root, ranges), path }];
  });
  // Zod may find one mistake by two rules.
  const distinct = findings.filter(({ message, range }, index) => findings.findIndex((other) => other.message === message && other.range.start === range.start) === index);
  // A misspelt key is one mistake, not also a missing one.
  const misspelt = new Set(findings.flatMap(({ path, meant }) => (meant === undefined ? [] : [JSON.stringify([...path, meant])])));
  return distinct
    .filter(({ code, path }) => code !== 'missing-key' || !misspelt.has(JSON.stringify(path)))
    .map(({ code, message, range, suggestion }) => ({ severity: 'error', code, message, range, ...(suggestion ? { suggestion } : {}) }));
}

/** Where a value has the form of one of its alternatives, what is wrong within that form; else the issue itself. */
function unfolded(issue: Issue): readonly Issue[] {
  const meant = issue.code === 'invalid_union' ? issue.errors.find((inner) => inner.length > 0 && inner.every(({ path, code }) => path.length > 0 || code === 'unrecognized_keys')) : undefined;
  return meant?.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })) ?? [issue];
}

/** The raw value at a path; undefined where there is none. */
function valueAt(root: unknown, path: SpecPath): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string | number, unknown>>)[key];
  }
  return value;
}

function unknownKey(key: string, path: SpecPath, root: unknown, ranges: SpecRanges): Finding & { path: SpecPath; meant?: string } {
  const known = schemaAt(path, root)?.keys ?? [];
  const parent = valueAt(root, path) as Readonly<Record<string, unknown>>;
  const range = ranges.keyRangeOf([...path, key]) ?? ranges.headOf(path);
  const meant = nearest(key, known);
  if (meant !== undefined && Object.hasOwn(parent, meant)) return { code: 'unknown-key', message: `Unknown key "${key}". "${meant}" is already there: remove one of them.`, range, path };
  if (meant !== undefined) {
    const text = JSON.stringify(meant);
    return { code: 'unknown-key', message: `Unknown key "${key}". Did you mean ${text}?`, range, suggestion: { title: `Change to ${text}`, text }, path, meant };
  }
  const elsewhere = placesOfKey(key).map((place) => (place === '' ? 'the top level' : place));
  const advice = elsewhere.length > 0 && elsewhere.length <= 2 ? `It belongs to ${elsewhere.join(' or ')}.` : `Known here: ${known.join(', ')}.`;
  return { code: 'unknown-key', message: `Unknown key "${key}". ${advice}`, range, path };
}

function missingKey(path: SpecPath, root: unknown, ranges: SpecRanges): Finding {
  const key = path.at(-1);
  const place = schemaAt(path, root);
  const values = place?.values ?? [];
  const about = values.length > 0 ? ` Give ${alternatives(values)}.` : place?.description ? ` ${place.description}` : '';
  return { code: 'missing-key', message: `"${key}" is missing${where(path.slice(0, -1))}.${about}`, range: ranges.headOf(path.slice(0, -1)) };
}

function where(path: SpecPath): string {
  return path.length === 0 ? '' : ` in ${dotted(path)}`;
}

/** `model.layers[1]`. */
function dotted(path: SpecPath): string {
  return path.map((key, index) => (typeof key === 'number' ? `[${key}]` : index === 0 ? key : `.${key}`)).join('');
}

function wrongValue(issue: Issue, path: SpecPath, value: unknown, root: unknown, ranges: SpecRanges): Finding {
  const range = typeof value === 'object' && value !== null ? ranges.headOf(path) : (ranges.rangeOf(path) ?? ranges.headOf([]));
  const name = nameOf(path);
  const got = ` (got ${shown(value)})`;
  switch (issue.code) {
    case 'invalid_value':
    case 'invalid_union': {
      const values = choicesAt(issue, path, root);
      if (values.length === 0) return { code: 'wrong-type', message: `${name} must be a path in double quotes, or a list of such paths${got}.`, range };
      return wrongChoice(name, values, value, range);
    }
    case 'invalid_type':
      return { ...wrongType(name, schemaAt(path, root)?.whole ? 'int' : issue.expected, value), range };
    case 'too_small':
    case 'too_big':
      return { code: 'out-of-range', message: `${name} must ${limit(issue)}${got}.`, range };
    case 'invalid_format': {
      const mended = String(value).normalize('NFKD').replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+|-+$/g, '').slice(0, 100);
      const text = JSON.stringify(mended);
      return { code: 'wrong-format', message: `${name}: ${issue.message}${got}.`, range, ...(mended ? { suggestion: { title: `Change to ${text}`, text } } : {}) };
    }
    default:
      return { code: 'wrong-value', message: `${name} cannot be used${got}. See the description of the field.`, range };
  }
}

/** What may stand at a place: by the schema, or, where the value has no form that it knows, by what zod tried. */
function choicesAt(issue: Issue, path: SpecPath, root: unknown): readonly unknown[] {
  const values = schemaAt(path, root)?.values ?? [];
  if (values.length > 0 || issue.code !== 'invalid_union') return values;
  return issue.errors.flat().flatMap((inner) => (inner.code === 'invalid_value' ? inner.values : []));
}

function nameOf(path: SpecPath): string {
  const key = path.at(-1);
  if (key === undefined) return 'A spec';
  return typeof key === 'number' ? dotted(path.slice(-2)) : key;
}

function wrongChoice(name: string, values: readonly unknown[], value: unknown, range: Finding['range']): Finding {
  const must = values.length === 1 ? 'must be' : 'must be one of';
  const message = `${name} ${must} ${alternatives(values)} (got ${shown(value)}).`;
  const meant = typeof value === 'string' ? nearest(value, values.filter((candidate) => typeof candidate === 'string')) : undefined;
  const only = values.length === 1 ? values[0] : meant;
  if (only === undefined) return { code: 'wrong-value', message, range };
  const text = JSON.stringify(only);
  return { code: 'wrong-value', message: meant === undefined ? message : `${message} Did you mean ${text}?`, range, suggestion: { title: `Change to ${text}`, text } };
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'text in double quotes',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object in braces { }',
  array: 'a list in brackets [ ]',
  tuple: 'a list in brackets [ ]',
};

function wrongType(name: string, expected: string, value: unknown): Omit<Finding, 'range'> {
  const message = `${name} must be ${typeWords[expected] ?? expected} (got ${shown(value)}).`;
  const text = typeof value === 'string' ? bare(value, expected) : undefined;
  return { code: 'wrong-type', message, ...(text === undefined ? {} : { suggestion: { title: `Change to ${text}`, text } }) };
}

/** A number or truth value that was put into quotes, without them. */
function bare(value: string, expected: string): string | undefined {
  if (expected === 'boolean') return value === 'true' || value === 'false' ? value : undefined;
  const isNumber = (expected === 'number' || expected === 'int') && value.trim() !== '' && Number.isFinite(Number(value));
  return isNumber ? String(Number(value)) : undefined;
}

function limit(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const [bound, relation] = issue.code === 'too_small' ? [issue.minimum, issue.inclusive ? 'at least' : 'greater than'] : [issue.maximum, issue.inclusive ? 'at most' : 'less than'];
  if (issue.origin === 'string') return 'not be empty';
  if (issue.origin === 'array') return `have ${relation} ${bound} ${Number(bound) === 1 ? 'entry' : 'entries'}`;
  return `be ${relation} ${bound}`;
}

/** A value as it may stand in a sentence. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  // JSON numbers beyond the largest double are read as infinite, which JSON cannot write.
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

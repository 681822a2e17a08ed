import type { z } from 'zod';
import { specSchema } from './schema';

/** Keys and indices from the root of a spec to a value. */
export type SpecPath = readonly (string | number)[];

/** What the spec's schema knows about a place, looked up from zod's definitions. */
export interface SchemaPlace {
  /** What the field is, in a sentence. */
  readonly description?: string;
  /** Keys that an object may have here; empty for anything else. */
  readonly keys: readonly string[];
  /** Values of an enumeration, or of the `kind` that tells alternatives apart; empty for anything else. */
  readonly values: readonly unknown[];
  readonly defaultValue?: unknown;
  /** Numbers: whether only whole ones are allowed. */
  readonly whole: boolean;
}

type Schema = z.core.$ZodType;

/** Zod's definitions, as far as the spec uses them. */
interface Definition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly element?: Schema;
  readonly items?: readonly Schema[];
  readonly options?: readonly Schema[];
  readonly discriminator?: string;
  readonly innerType?: Schema;
  readonly entries?: Readonly<Record<string, string>>;
  readonly values?: readonly unknown[];
  readonly defaultValue?: unknown;
  readonly format?: string;
}

const definitionOf = (schema: Schema): Definition => schema._zod.def as unknown as Definition;
const descriptionOf = (schema: Schema): string | undefined => (schema as z.ZodType).description;

/** A schema without `optional` and `default` around it, and what was found on the way. */
function unwrap(schema: Schema): { schema: Schema; description?: string; defaultValue?: unknown } {
  let inner = schema;
  let description = descriptionOf(schema);
  let defaultValue: unknown;
  for (let definition = definitionOf(inner); definition.innerType; definition = definitionOf(inner)) {
    if (definition.type === 'default') defaultValue ??= definition.defaultValue;
    inner = definition.innerType;
    description ??= descriptionOf(inner);
  }
  return { schema: inner, description, defaultValue };
}

/** The alternatives of a union that fit `value`: by its discriminator, or by whether it is a list. */
function fitting(definition: Definition, value: unknown): readonly Schema[] {
  const { options = [], discriminator } = definition;
  if (discriminator === undefined) return options.filter((option) => (definitionOf(unwrap(option).schema).type === 'array') === Array.isArray(value));
  const kind: unknown = (value as Readonly<Record<string, unknown>> | undefined)?.[discriminator];
  return options.filter((option) => discriminatorValues(option, discriminator).includes(kind));
}

function discriminatorValues(option: Schema, discriminator: string): readonly unknown[] {
  const kind = definitionOf(unwrap(option).schema).shape?.[discriminator];
  return kind ? (definitionOf(unwrap(kind).schema).values ?? []) : [];
}

function step(schema: Schema, key: string | number, value: unknown): Schema | undefined {
  const definition = definitionOf(schema);
  if (definition.type === 'union') {
    const found = fitting(definition, value).map((option) => step(unwrap(option).schema, key, value)).find((next) => next !== undefined);
    // Before `kind` is right, it alone is known, from any of the alternatives.
    return found ?? (key === definition.discriminator ? schema : undefined);
  }
  if (definition.items && typeof key === 'number') return definition.items[key];
  if (definition.element && typeof key === 'number') return definition.element;
  return typeof key === 'string' && definition.shape && Object.hasOwn(definition.shape, key) ? definition.shape[key] : undefined;
}

/**
 * What the schema says about the place `path` of the spec `root` (a raw JSON value: it decides which
 * kind of task is meant). Undefined where the schema knows no such place.
 */
export function schemaAt(path: SpecPath, root: unknown): SchemaPlace | undefined {
  let place = unwrap(specSchema);
  let value = root;
  let inKind = false;
  for (const key of path) {
    const next = step(place.schema, key, value);
    if (!next) return undefined;
    inKind = definitionOf(place.schema).discriminator === key;
    const parent = place.schema;
    place = inKind ? { ...unwrap(next), schema: parent } : unwrap(next);
    value = (value as Readonly<Record<string | number, unknown>> | undefined)?.[key];
  }
  const definition = definitionOf(place.schema);
  if (inKind) return { ...described(place), keys: [], values: (definition.options ?? []).flatMap((option) => discriminatorValues(option, definition.discriminator ?? '')), whole: false };
  const alternatives = definition.type === 'union' ? fitting(definition, value).map((option) => unwrap(option).schema) : [place.schema];
  return {
    ...described(place),
    keys: alternatives.flatMap((schema) => Object.keys(definitionOf(schema).shape ?? {})),
    values: alternatives.flatMap((schema) => Object.values(definitionOf(schema).entries ?? {}).concat((definitionOf(schema).values as string[] | undefined) ?? [])),
    whole: definition.format === 'safeint',
  };
}

function described({ description, defaultValue }: { description?: string; defaultValue?: unknown }): Pick<SchemaPlace, 'description' | 'defaultValue'> {
  return { description, defaultValue };
}

/** Places of the schema where an object may have the key `key`, as dotted paths (`training.optimizer`, `model.layers[]`). */
export function placesOfKey(key: string): readonly string[] {
  const places: string[] = [];
  const visit = (schema: Schema, at: string): void => {
    const definition = definitionOf(unwrap(schema).schema);
    for (const option of definition.options ?? []) visit(option, at);
    if (definition.element) visit(definition.element, `${at}[]`);
    for (const [name, inner] of Object.entries(definition.shape ?? {})) {
      if (name === key) places.push(at);
      visit(inner, at === '' ? name : `${at}.${name}`);
    }
  };
  visit(specSchema, '');
  return [...new Set(places)];
}

import { getNodeValue, parseTree, type Node, type ParseError } from 'jsonc-parser';
import type { Problem } from '../shared/position';
import type { DataSizes } from './architecture';
import { semanticProblems } from './problems';
import { rangesOf, type SpecRanges } from './ranges';
import { specSchema, type Spec } from './schema';
import { schemaProblems } from './schemaProblems';
import { nestingProblem, syntaxProblems } from './syntax';

/** A spec's text after the one pass that lenses, hovers, diagnostics and the command line share. */
export interface ParsedSpec extends SpecRanges {
  readonly text: string;
  /** With every default filled in; absent when the text does not follow the schema. May still have semantic errors among `problems`. */
  readonly spec?: Spec;
  /** The raw JSON value, as far as the text could be read. */
  readonly value: unknown;
  /** In the order of the text. */
  readonly problems: readonly Problem[];
}

/**
 * Reads a spec: JSON with comments and trailing commas. Never throws: everything that is wrong is
 * among `problems`. With `sizes`, which only the data know, also what depends on them is checked.
 */
export function parseSpec(text: string, sizes?: DataSizes): ParsedSpec {
  const tooDeep = nestingProblem(text);
  if (tooDeep) return { text, value: undefined, ...rangesOf(text, undefined), problems: [tooDeep] };
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  const value: unknown = tree && getNodeValue(tree);
  const ranges = rangesOf(text, tree);
  const read = (spec: Spec | undefined, problems: readonly Problem[]): ParsedSpec => ({ text, value, spec, ...ranges, problems: [...problems].sort((a, b) => a.range.start - b.range.start) });

  if (!tree && errors.every(({ offset }) => offset >= text.length)) {
    return read(undefined, [{ severity: 'error', code: 'empty', message: 'The spec is empty. Run the command "Unroll: New Model" to start from a template.', range: { start: 0, end: text.length } }]);
  }
  if (errors.length > 0) return read(undefined, syntaxProblems(text, errors));

  const repeated = tree ? duplicateKeys(tree) : [];
  const result = specSchema.safeParse(value);
  if (!result.success) return read(undefined, [...repeated, ...schemaProblems(result.error.issues, value, ranges)]);
  return read(result.data, [...repeated, ...semanticProblems(result.data, ranges, sizes)]);
}

/** Whether a spec can be used: it follows the schema and has no error (warnings are allowed). */
export function isUsable(parsed: ParsedSpec): parsed is ParsedSpec & { readonly spec: Spec } {
  return parsed.spec !== undefined && parsed.problems.every(({ severity }) => severity !== 'error');
}

/** JSON would silently take the last of two equal keys. */
function duplicateKeys(node: Node): Problem[] {
  const seen = new Set<unknown>();
  return (node.children ?? []).flatMap((child) => {
    const [key] = child.type === 'property' ? (child.children ?? []) : [];
    const repeats = key !== undefined && seen.has(key.value);
    if (key) seen.add(key.value);
    const own: Problem[] = repeats
      ? [{ severity: 'error', code: 'duplicate-key', message: `"${String(key.value)}" stands here twice. Keep one of them.`, range: { start: key.offset, end: key.offset + key.length } }]
      : [];
    return [...own, ...duplicateKeys(child)];
  });
}

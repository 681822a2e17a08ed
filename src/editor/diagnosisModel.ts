import type { Fix } from '../shared/diagnosis';
import type { TextRange } from '../shared/position';
import { isUsable, type ParsedSpec } from '../spec/parse';
import type { SpecPath } from '../spec/schemaAt';
import { isSameExperiment, type StandingDiagnosis } from '../views/standingDiagnoses';

/** A standing diagnosis as the editor shows it: where the spec would be changed, what is the case, and what may help. */
export interface DiagnosedPlace {
  readonly range: TextRange;
  readonly message: string;
  readonly verdict: string;
  readonly fixes: readonly DiagnosedFix[];
}

/** An edit with the places of the text that it is about. */
export interface DiagnosedFix {
  readonly fix: Fix;
  readonly ranges: readonly TextRange[];
}

/** What stands about the spec as it is now; undefined when there is nothing to mend, or the spec is no longer the one that was trained. */
export function diagnosedPlace(parsed: ParsedSpec, standing: StandingDiagnosis | undefined): DiagnosedPlace | undefined {
  if (!standing?.spec || !isUsable(parsed) || !isSameExperiment(parsed.spec, standing.spec)) return undefined;
  const { verdict, sentence, fixes } = standing.diagnosis;
  const placed = fixes.map((fix): DiagnosedFix => ({ fix, ranges: fix.edit.flatMap(({ path }) => placesOf(parsed, path)) }));
  const range = placed[0]?.ranges[0];
  return range && { range, message: sentence, verdict, fixes: placed };
}

/** The field that an edit sets, or what it would be added to, and the layer that it is in. */
function placesOf(parsed: ParsedSpec, path: SpecPath): TextRange[] {
  const layer = path.lastIndexOf('layers') + 2;
  const whole = layer > 2 && layer <= path.length ? parsed.rangeOf(path.slice(0, layer)) : undefined;
  return [nearest(parsed, path), whole].filter((range) => range !== undefined);
}

function nearest(parsed: ParsedSpec, path: SpecPath): TextRange | undefined {
  for (let length = path.length; length > 0; length--) {
    const part = path.slice(0, length);
    // A layer is named by its cell: the whole of it would be underlined.
    const range = parsed.keyRangeOf(part) ?? (typeof part.at(-1) === 'number' ? parsed.rangeOf([...part, 'cell']) : undefined);
    if (range) return range;
  }
  return undefined;
}

import type { TranslationData } from '../../src/data/translation';
import { editDistance } from '../../src/training/translate';

/** A held-out source with every translation of it that the data list, in token numbers. */
export interface ListedTranslations {
  readonly source: Int32Array;
  readonly targets: readonly Int32Array[];
}

/** How wrong translations are; the listed translation that is nearest counts. */
export interface ErrorRates {
  /** Edits over the length of the nearest listed translation. */
  readonly tokenErrorRate: number;
  /** Share of sources whose translation has any error. */
  readonly sourceErrorRate: number;
}

/** The first `count` held-out sources, each once. */
export function heldOutSources({ pairs }: TranslationData, count = Infinity): ListedTranslations[] {
  const listed = new Map<string, { source: Int32Array; targets: Int32Array[] }>();
  for (let i = 0; i < pairs.count; i++) {
    const { source, target } = pairs.at(i);
    const known = listed.get(source.join());
    if (known) known.targets.push(target);
    else listed.set(source.join(), { source, targets: [target] });
  }
  return [...listed.values()].slice(0, count);
}

/** Error rates of translations, one for each source. */
export function errorRates(sources: readonly ListedTranslations[], translations: readonly (readonly number[])[]): ErrorRates {
  let [errors, length, wrong] = [0, 0, 0];
  sources.forEach(({ targets }, index) => {
    const distances = targets.map((target) => ({ distance: editDistance(translations[index] ?? [], target), length: target.length }));
    const nearest = distances.reduce((best, other) => (other.distance < best.distance ? other : best));
    errors += nearest.distance;
    length += nearest.length;
    wrong += nearest.distance === 0 ? 0 : 1;
  });
  return { tokenErrorRate: errors / length, sourceErrorRate: wrong / sources.length };
}

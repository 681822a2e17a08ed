import type { DataSizes } from '../spec/architecture';
import { targetEdges, type TranslationVocabularies } from './vocabulary';

/** Sizes of the network between two vocabularies. */
export function translationSizes(vocabularies: TranslationVocabularies): DataSizes {
  const target = targetEdges(vocabularies).end + 1;
  return { input: { kind: 'tokens', vocabulary: target }, outputs: target, loss: 'tokens', sourceVocabulary: vocabularies.source.tokens.length };
}

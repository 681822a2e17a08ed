import type { Diagnosis, DiagnosisProgress, Verdict } from '../../../src/shared/diagnosis';
import { powerOfTen } from '../../plots/scales';

/** What a verdict is called, and whether something is to be done. */
export const verdictNames: Readonly<Record<Verdict, { readonly title: string; readonly tone: 'good' | 'note' | 'warning' }>> = {
  healthy: { title: 'Healthy', tone: 'good' },
  'no-long-dependency': { title: 'No long dependency', tone: 'good' },
  'cannot-carry': { title: 'Cannot carry', tone: 'warning' },
  'not-learnt-yet': { title: 'Not learnt yet', tone: 'note' },
  exploding: { title: 'Exploding', tone: 'warning' },
  saturated: { title: 'Saturated', tone: 'warning' },
  truncated: { title: 'Truncated', tone: 'warning' },
  inconclusive: { title: 'Inconclusive', tone: 'note' },
};

const stages: Readonly<Record<DiagnosisProgress['stage'], string>> = {
  data: 'Reading the data',
  carry: 'Measuring what the weights can carry',
  answers: 'Collecting the answers on held-out data',
  use: 'Shuffling the past to see what the model uses',
  demand: 'Probing the data for dependencies',
  verdict: 'Weighing the evidence',
};

/** Share of the state at lag 0 from which on nothing is said to arrive. */
export const carriedShare = 0.01;

/** The largest measured lag at which that much of the state still arrives. */
export function carriedLag({ lags, carry }: Pick<Diagnosis, 'lags' | 'carry'>): number {
  return lags.filter((_, i) => (carry[i] ?? 0) >= carriedShare * (carry[0] ?? 1)).at(-1) ?? 0;
}

/** The verdict's name, with both lags where they are what it is about. */
export function verdictTitle(diagnosis: Pick<Diagnosis, 'verdict' | 'wantedLag' | 'lags' | 'carry'>): string {
  const { verdict, wantedLag } = diagnosis;
  const { title } = verdictNames[verdict];
  return verdict === 'cannot-carry' && wantedLag !== null ? `${title}: the data want lag ${wantedLag}, the weights carry to lag ${carriedLag(diagnosis)}` : title;
}

/** What is under way. */
export function progressText({ stage, done }: DiagnosisProgress): string {
  return `${stages[stage]} … ${Math.round(100 * done)} %`;
}

/** A sentence of the diagnosis as it is set here: `9e-11` as 9·10⁻¹¹, `-0.28` with a true minus sign. */
export function typeset(sentence: string): string {
  return sentence.replaceAll(/(\d+(?:\.\d+)?)e([+-]?\d+)/g, (_, mantissa: string, exponent: string) => (mantissa === '1' ? powerOfTen(Number(exponent)) : `${mantissa}·${powerOfTen(Number(exponent))}`)).replaceAll(/(?<![\w.])-(?=\d)/g, '−');
}

/** Confidence in words: the number is a distance from where the verdict would change, no probability. */
export function confidenceText({ confidence }: Diagnosis): string {
  const word = confidence >= 0.75 ? 'clear' : confidence >= 0.4 ? 'fair' : 'weak';
  return `${word} evidence (${confidence.toFixed(2)})`;
}

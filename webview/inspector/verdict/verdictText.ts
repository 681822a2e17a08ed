import type { Diagnosis, DiagnosisProgress, TriedEdit, Verdict } from '../../../src/shared/diagnosis';
import { formatNumber } from '../../format';

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

/** What is under way. */
export function progressText({ stage, done }: DiagnosisProgress): string {
  return `${stages[stage]} … ${Math.round(100 * done)} %`;
}

/** What came of trying an edit. */
export function triedText({ title, steps, before, after, outcome }: TriedEdit): string {
  const words = { helped: 'helped', same: 'made no difference', worse: 'did not help', diverged: 'diverged' }[outcome];
  const losses = before.loss === undefined || after.loss === undefined ? '' : `: loss ${formatNumber(before.loss)} → ${formatNumber(after.loss)}`;
  return `“${title}” ${words}${losses} after ${steps.toLocaleString('en-US')} steps`;
}

/** Confidence in words: the number is a distance from where the verdict would change, no probability. */
export function confidenceText({ confidence }: Diagnosis): string {
  const word = confidence >= 0.75 ? 'clear' : confidence >= 0.4 ? 'fair' : 'weak';
  return `${word} evidence (${confidence.toFixed(2)})`;
}

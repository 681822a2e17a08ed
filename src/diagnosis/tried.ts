import type { Fix, TriedEdit } from '../shared/diagnosis';

/** What was tried last with just this edit of the spec. */
function trialOf({ edit }: Fix, tried: readonly TriedEdit[]): TriedEdit | undefined {
  return [...tried].reverse().find((one) => JSON.stringify(one.edit) === JSON.stringify(edit));
}

/** Edits with what came of those that were tried: those that helped first, those that did not last. */
export function fixesAfterTrying(fixes: readonly Fix[], tried: readonly TriedEdit[]): Fix[] {
  const known = fixes.map((fix) => ({ fix, trial: trialOf(fix, tried) }));
  const rank = (trial: TriedEdit | undefined): number => (trial === undefined ? 1 : trial.outcome === 'helped' ? 0 : 2);
  return known.sort((one, other) => rank(one.trial) - rank(other.trial)).map(({ fix, trial }) => (trial ? { ...fix, reason: `${fix.reason} Tried: it ${outcomes[trial.outcome]}${lossesOf(trial)}.` } : fix));
}

/** A sentence on the edits that were tried and did not help; empty where there are none. */
export function failedTrials(tried: readonly TriedEdit[]): string {
  const failed = tried.filter(({ outcome }) => outcome !== 'helped');
  if (failed.length === 0) return '';
  return ` Tried before: ${failed.map((trial) => `“${trial.title}” ${outcomes[trial.outcome]}`).join('; ')}.`;
}

const outcomes: Readonly<Record<TriedEdit['outcome'], string>> = { helped: 'helped', same: 'made no difference', worse: 'made the loss worse', diverged: 'diverged' };

function lossesOf({ steps, before, after }: TriedEdit): string {
  if (before.loss === undefined || after.loss === undefined) return '';
  return ` (loss ${before.loss.toPrecision(3)} without it, ${after.loss.toPrecision(3)} with it, after ${steps} steps)`;
}

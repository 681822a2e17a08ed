import type { ComparedModel } from '../shared/comparison';
import type { TriedEdit } from '../shared/diagnosis';

/** Losses that differ by less than this share are called the same: another seed could turn them round. */
const sameShare = 0.02;

type Trained = Pick<ComparedModel, 'state' | 'loss' | 'validationLoss'>;

/** Whether an edit of a spec helped, by the losses of the same steps and seed; undefined without losses. */
export function tryOutcome(before: Trained, after: Trained): TriedEdit['outcome'] | undefined {
  if (after.state === 'diverged') return 'diverged';
  const [was, is] = before.validationLoss !== undefined && after.validationLoss !== undefined ? [before.validationLoss, after.validationLoss] : [before.loss, after.loss ?? after.validationLoss];
  if (is === undefined) return undefined;
  if (was === undefined || before.state === 'diverged') return 'helped';
  if (Math.abs(is - was) <= sameShare * Math.abs(was)) return 'same';
  return is < was ? 'helped' : 'worse';
}

/** What came of trying an edit, by the losses that were kept. */
export function triedText({ title, steps, before, after, outcome }: TriedEdit): string {
  const words = { helped: 'helped', same: 'made no difference', worse: 'did not help: it made the loss worse', diverged: 'did not help: it diverged' }[outcome];
  const losses = before.loss === undefined || after.loss === undefined ? '' : `, loss ${before.loss.toPrecision(3)} as it is and ${after.loss.toPrecision(3)} with the edit`;
  return `“${title}” ${words}${losses}, after ${steps.toLocaleString('en-US')} steps of each with the same seed`;
}

/** One sentence on what an edit changed; it says no more than was measured, and says so when the edit did not help. */
export function trySentence(title: string, before: ComparedModel, after: ComparedModel): string {
  const outcome = tryOutcome(before, after);
  const steps = `After ${after.steps.toLocaleString('en-US')} steps with the same seed`;
  if (outcome === undefined) return `${steps} there is no loss to compare.`;
  if (outcome === 'diverged') return `“${title}” did not help: it diverged at step ${after.steps.toLocaleString('en-US')}.`;
  const kind = before.validationLoss !== undefined && after.validationLoss !== undefined ? 'validation' : 'training';
  const [was, is] = kind === 'validation' ? [before.validationLoss, after.validationLoss] : [before.loss, after.loss ?? after.validationLoss];
  const losses = `${kind} loss ${was === undefined ? 'none (it diverged)' : was.toPrecision(3)} as it is, ${(is ?? Number.NaN).toPrecision(3)} with the edit`;
  const reach = before.reach === undefined || after.reach === undefined ? '' : ` The gradient reaches ${before.reach} steps as it is, ${after.reach} with the edit.`;
  const verdict = { helped: `“${title}” helped`, same: `“${title}” made no difference`, worse: `“${title}” did not help: it made the loss worse` }[outcome];
  return `${verdict}. ${steps}: ${losses}.${reach}`;
}

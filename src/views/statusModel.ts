import type { RunInfo } from '../shared/run';
import { headlineLoss } from './runText';

/** The status bar's text for trainings under way, newest first: `⟳ moby 42 % · loss 2.310 +1`. */
export function statusText(active: readonly RunInfo[]): string {
  const [newest, ...others] = active;
  if (!newest) return '';
  const share = `${newest.steps > 0 ? Math.floor((100 * newest.step) / newest.steps) : 0} %`;
  const parts = [`$(sync~spin) ${newest.name} ${share}`, headlineLoss(newest)].filter((part) => part !== undefined);
  return parts.join(' · ') + (others.length > 0 ? ` +${others.length}` : '');
}

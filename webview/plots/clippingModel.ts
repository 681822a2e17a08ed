import { median, rollup, sum } from 'd3-array';
import type { MetricsColumns, RunMetrics } from '../../src/shared/run';

/** Updates that the words are about. */
export const clippingWindow = 1000;

/** What clipping did over the last updates. */
export interface ClippingSummary {
  /** Updates looked at. */
  readonly steps: number;
  /** Share of them in which clipping engaged, 0 to 1. */
  readonly share: number;
  /** Median of norm after / norm before over those; undefined without any. */
  readonly kept?: number;
  /** Median angle in degrees by which clipping by value turned the gradient; undefined for other clipping. */
  readonly angle?: number;
  /** The parameter that most often gave most of ‖g‖², and its mean share there. */
  readonly dominant?: { readonly name: string; readonly share: number };
}

/** Sums the last `window` updates up. */
export function clippingSummary(columns: MetricsColumns, window = clippingWindow): ClippingSummary {
  const { step, clipped, gradNorm, normAfter, clipAngle, largestParameter, largestShare } = columns;
  const first = Math.max(0, step.length - window);
  const indices = Array.from({ length: step.length - first }, (_, i) => first + i);
  const engaged = indices.filter((i) => clipped[i] === 1);
  const kept = median(engaged, (i) => (normAfter?.[i] ?? Number.NaN) / (gradNorm[i] ?? Number.NaN));
  const angle = median(engaged, (i) => clipAngle?.[i] ?? Number.NaN);
  const shares = rollup(
    indices.filter((i) => largestParameter?.[i]),
    (group) => ({ count: group.length, total: sum(group, (i) => largestShare?.[i] ?? 0) }),
    (i) => largestParameter?.[i] ?? '',
  );
  const [dominant] = [...shares].sort(([, a], [, b]) => b.count - a.count);
  return {
    steps: indices.length,
    share: indices.length === 0 ? 0 : engaged.length / indices.length,
    ...(kept === undefined ? {} : { kept }),
    ...(angle === undefined ? {} : { angle }),
    ...(dominant ? { dominant: { name: dominant[0], share: dominant[1].total / dominant[1].count } } : {}),
  };
}

/** Below this share of clipped steps clipping is a safety net, above one half it sets the size of the steps. */
const rarely = 0.1;
const mostly = 0.5;

/** What the summary means, in words; `limiter` where it should worry. */
export function clippingVerdict({ steps, share, kept, angle }: ClippingSummary, clip: RunMetrics['clip']): { readonly kind: 'none' | 'net' | 'often' | 'limiter'; readonly lead: string; readonly text: string } {
  const last = `the last ${steps.toLocaleString('en-US')} steps`;
  if (!clip) return { kind: 'none', lead: 'Not clipped.', text: 'One exploding gradient can undo the training; training.clip in the spec guards against it.' };
  const percent = `${(100 * share).toFixed(1)} % of ${last} were clipped`;
  const length = kept === undefined ? '' : `, a typical one to ${shareText(kept)} of its length`;
  const turned = angle === undefined ? '' : ` and turned by ${angle.toFixed(0)}°`;
  if (share === 0) return { kind: 'net', lead: 'Safety net.', text: `It engaged in none of ${last}: the threshold ${clip.threshold} lies above every ${clip.kind === 'norm' ? 'norm' : 'component'}.` };
  if (share < rarely) return { kind: 'net', lead: 'Safety net.', text: `Only ${percent}${length}${turned}; the others pass as they are.` };
  if (share < mostly) return { kind: 'often', lead: 'Often engaged.', text: `${percent}${length}${turned}.` };
  return { kind: 'limiter', lead: 'Step-size limiter, not a safety net.', text: `${percent}${length}${turned}. The threshold, not the gradient, sets the size of the steps: raise it, or lower the learning rate.` };
}

function shareText(kept: number): string {
  const parts = Math.round(1 / kept);
  return parts >= 2 && parts <= 20 ? `1/${parts}` : `${(100 * kept).toFixed(kept < 0.1 ? 1 : 0)} %`;
}

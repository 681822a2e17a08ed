import type { LayerCarry, Verdict } from '../shared/diagnosis';
import { bestCarrier, carryInterval } from './carry';
import { interval, zOf } from './estimate';
import type { Evidence } from './evidence';
import { dataHold, growthOf, isAbove, leavesMoreThanItKnows, leavesSomething, missingLong, saturationOf, useLong, usesMoreThan, wantedLag, type Answer, type Growth, type WantedLag } from './questions';
import { thresholds } from './thresholds';

/** What an inconclusive verdict could not tell. */
export type OpenQuestion = 'demand' | 'too-few' | 'unseen' | 'missing' | 'use' | 'growth' | 'window' | 'saturation' | 'carry';

/** A verdict and what it turned on. */
export interface Judgement {
  readonly verdict: Verdict;
  /** 0 to 1: how far the deciding numbers lie from their thresholds. */
  readonly confidence: number;
  /** The largest lag that holds half of what there is beyond short lags; absent where there is nothing. */
  readonly wantedLag?: number;
  /** The layer that carries most at the wanted lag. */
  readonly carrier?: LayerCarry;
  /** Of an explosion: where the growth was read. */
  readonly growth?: Growth;
  /** What else is in the way, for the words. */
  readonly also: readonly Verdict[];
  /** Of an inconclusive verdict. */
  readonly open?: OpenQuestion;
}

/**
 * The rules, the first that matches wins. All of them ask about lags beyond the short ones, and every question is answered
 * yes or no only where the interval of what was measured lies on one side of its threshold; where it holds the
 * threshold, and the answer would decide, the verdict is inconclusive.
 *
 * 1. An answer or the loss is not finite: exploding.
 * 2. The data hold something, nothing of it is missing, and the model uses it (or it uses old inputs so much that no
 *    probe is needed): healthy.
 * 3. Jacobians grow within the training window: exploding.
 * 4. The data hold nothing long, or the model leaves nothing of it and uses no old inputs for that: saturated, when
 *    short demand is left and activations stand at their ends; else there is no long dependency, if the
 *    probes would have seen one and explain no less than the model does.
 * 5. The wanted lag lies beyond the window: truncated.
 * 6. Activations stand at their ends: saturated.
 * 7. The weights, as they are, do not carry as far as the wanted lag: cannot-carry.
 * 8. Else nothing but learning is missing: not-learnt-yet.
 */
export function judge(evidence: Evidence): Judgement {
  const wanted = wantedLag(evidence);
  const base: Base = { wantedLag: wanted?.lag, carrier: bestCarrier(evidence.carry, wanted?.lag ?? evidence.short), also: [] };
  const growth = growthOf(evidence);
  if (!evidence.finite || evidence.training.diverged) return { ...base, verdict: 'exploding', confidence: 1, growth };
  const missing = leavesSomething(evidence);
  const health = missing === 'no' ? healthOf(evidence) : { healthy: 'no' as const };
  if (health.healthy === 'yes') return { ...base, verdict: 'healthy', confidence: confidenceOfUse(evidence) };
  if (growth?.sure === 'yes') return { ...base, verdict: 'exploding', growth, confidence: sure(growth.factor / thresholds.explosion) };
  const saturated = isAbove(saturationOf(evidence), thresholds.saturation);
  // In saturated layers a few vectors always make up the mean square.
  if (growth && saturated !== 'yes') return { ...base, ...inconclusive('growth'), growth };
  if (missing === 'yes' && wanted) return whatIsInTheWay(evidence, wanted, base);
  if (missing === 'open') return { ...base, ...inconclusive('missing') };

  if (saturated !== 'no' && isAbove(evidence.missingShort, thresholds.demandGain) === 'yes') {
    if (saturated === 'open') return { ...base, ...inconclusive('saturation') };
    return { ...base, verdict: 'saturated', confidence: sure(saturationOf(evidence).mean / thresholds.saturation) };
  }
  if (health.healthy === 'open') return { ...base, ...inconclusive(health.question) };
  const absent = absence(evidence);
  return absent === undefined ? { ...base, verdict: 'no-long-dependency', confidence: confidenceOfAbsence(evidence) } : { ...base, ...inconclusive(absent) };
}

type Base = Pick<Judgement, 'wantedLag' | 'carrier' | 'also'>;

function inconclusive(open: OpenQuestion): Pick<Judgement, 'verdict' | 'confidence' | 'open'> {
  return { verdict: 'inconclusive', confidence: 0, open };
}

/** Whether the model does what there is to do, of which nothing is missing. */
function healthOf(evidence: Evidence): { readonly healthy: 'yes' | 'no' } | { readonly healthy: 'open'; readonly question: OpenQuestion } {
  const inData = dataHold(evidence) === 'yes';
  const used = usesMoreThan(evidence, inData ? thresholds.useRise : thresholds.useAlone);
  const blind = leavesMoreThanItKnows(evidence);
  if (used === 'yes' && blind === 'no') return { healthy: 'yes' };
  // Where the model leaves nothing and uses nothing old, what old inputs tell stands in newer ones as well.
  if (inData && used !== 'no') return { healthy: 'open', question: 'use' };
  return used === 'yes' && blind === 'open' ? { healthy: 'open', question: 'use' } : { healthy: 'no' };
}

/** Why it is not shown that nothing beyond short lags is needed; undefined when it is. */
function absence(evidence: Evidence): OpenQuestion | undefined {
  if (dataHold(evidence) === 'open') return 'demand';
  if (evidence.sensitivity === undefined || evidence.sensitivity > thresholds.sensitivity) return 'too-few';
  if (interval(evidence.achieved).low > interval(evidence.explained).high + thresholds.unseen) return 'unseen';
  return undefined;
}

/** What keeps a model from a signal that is there and that it does not use. */
function whatIsInTheWay(evidence: Evidence, { lag, low, high }: WantedLag, base: Base): Judgement {
  const { carrier } = base;
  const clear = sure(zOf(missingLong(evidence) ?? { mean: 0, error: 0 }) / thresholds.demandZ);
  const carried = carrier?.rms[Math.min(lag, carrier.rms.length - 1)] ?? 0;
  const carries = carrier ? carriesTo(carrier, lag) : 'no';
  if (evidence.cut === 'cut' && evidence.window <= high) {
    if (evidence.window > low) return { ...base, ...inconclusive('window') };
    return { ...base, verdict: 'truncated', confidence: Math.min(clear, sure((lag + 1) / evidence.window)), also: carries === 'no' ? ['cannot-carry'] : [] };
  }
  const saturation = saturationOf(evidence);
  const saturated = isAbove(saturation, thresholds.saturation);
  if (saturated === 'open') return { ...base, ...inconclusive('saturation') };
  if (saturated === 'yes') return { ...base, verdict: 'saturated', confidence: Math.min(clear, sure(saturation.mean / thresholds.saturation)) };
  if (carries === 'open') return { ...base, ...inconclusive('carry') };
  return { ...base, verdict: carries === 'no' ? 'cannot-carry' : 'not-learnt-yet', confidence: Math.min(clear, sure(carried / thresholds.carryLeast)) };
}

function carriesTo(carrier: LayerCarry, lag: number): Answer {
  const { low, high } = carryInterval(carrier, lag);
  return high < thresholds.carryLeast ? 'no' : low >= thresholds.carryLeast ? 'yes' : 'open';
}

/** 0.5 at a threshold, towards 1 with the distance from it: 0.93 a factor of ten away. */
function sure(ratio: number): number {
  return 1 - 0.5 * Math.exp(-2 * Math.abs(Math.log10(Math.max(ratio, 1e-12))));
}

function confidenceOfUse(evidence: Evidence): number {
  const used = useLong(evidence) ?? { mean: 0, error: 0 };
  return Math.min(sure(used.mean / thresholds.useRise), sure(zOf(used) / thresholds.useZ));
}

/** That nothing was found is the surer, the smaller the dependency that would have been; and where the probes saw something at short lags. */
function confidenceOfAbsence({ sensitivity = 1, explained, achieved }: Evidence): number {
  const seen = explained.mean >= thresholds.demandGain || achieved.mean >= 0.02;
  return (seen ? 0.95 : 0.8) * (1 - sensitivity);
}

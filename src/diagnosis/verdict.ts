import type { Estimate, LayerCarry, Verdict } from '../shared/diagnosis';
import { bestCarrier } from './carry';
import { zOf } from './estimate';
import type { Evidence } from './evidence';
import { leastAnswers } from './heldOut';
import { longLag } from './lags';
import { thresholds } from './thresholds';

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
  readonly growth?: { readonly layer: number; readonly lag: number; readonly factor: number };
  /** What else is in the way, for the words. */
  readonly also: readonly Verdict[];
}

/**
 * The rules, the first that matches wins. All of them ask about lags beyond `longLag`:
 *
 * 1. An answer or the loss is not finite: exploding.
 * 2. The model uses long lags, and what it leaves of them is small: healthy.
 * 3. Jacobians grow within the training window: exploding.
 * 4. Nothing is missing at long lags: saturated when short demand is left too and activations stand at their ends;
 *    inconclusive with too few answers; else there is no long dependency that a probe can see.
 * 5. The wanted lag lies beyond the window: truncated.
 * 6. Activations stand at their ends: saturated.
 * 7. The weights do not carry as far as the wanted lag: cannot-carry.
 * 8. Else nothing but learning is missing: not-learnt-yet.
 */
export function judge(evidence: Evidence): Judgement {
  const wanted = wantedLag(evidence);
  const carrier = bestCarrier(evidence.carry, wanted ?? longLag);
  const growth = explosion(evidence);
  const saturation = saturationOf(evidence);
  const base = { wantedLag: wanted, carrier, also: [] };

  if (!evidence.finite || evidence.training.diverged) return { ...base, verdict: 'exploding', confidence: 1, growth };
  const health = healthOf(evidence);
  if (health !== undefined) return { ...base, verdict: 'healthy', confidence: health };
  if (growth) return { ...base, verdict: 'exploding', growth, confidence: sure(growth.factor / thresholds.explosion) };

  const missing = missingLong(evidence);
  if (!missing) {
    if (saturation >= thresholds.saturation && evidence.missingShort >= thresholds.demandGain) return { ...base, verdict: 'saturated', confidence: sure(saturation / thresholds.saturation) };
    if (evidence.independent < leastAnswers) return { ...base, verdict: 'inconclusive', confidence: 0 };
    return { ...base, verdict: 'no-long-dependency', confidence: confidenceOfAbsence(evidence) };
  }

  const clear = sure(zOf(missing) / thresholds.demandZ);
  const lag = wanted ?? longLag + 1;
  const carried = carrier?.rms[Math.min(lag, carrier.rms.length - 1)] ?? 0;
  const weak = carried < thresholds.carryLeast;
  if (evidence.cut === 'cut' && evidence.window <= lag) return { ...base, verdict: 'truncated', confidence: Math.min(clear, sure((lag + 1) / evidence.window)), also: weak ? ['cannot-carry'] : [] };
  if (saturation >= thresholds.saturation) return { ...base, verdict: 'saturated', confidence: Math.min(clear, sure(saturation / thresholds.saturation)) };
  // Decades between the two thresholds are grey: half of the nets there learnt all the same.
  if (weak) return { ...base, verdict: 'cannot-carry', confidence: Math.min(clear, carried < thresholds.carryFirm ? 1 : 0.5 + 0.25 * (Math.log10(thresholds.carryLeast / carried) / 2)) };
  return { ...base, verdict: 'not-learnt-yet', confidence: Math.min(clear, sure(carried / thresholds.carryLeast)) };
}

/** 0.5 at a threshold, towards 1 with the distance from it: 0.93 a factor of ten away. */
function sure(ratio: number): number {
  return 1 - 0.5 * Math.exp(-2 * Math.abs(Math.log10(Math.max(ratio, 1e-12))));
}

/** The largest of the estimates at long edges that pass. */
function strongest(edges: readonly number[], estimates: readonly Estimate[], passes: (estimate: Estimate, place: number) => boolean): Estimate | undefined {
  return edges.reduce<Estimate | undefined>((best, edge, place) => {
    const own = estimates[place];
    return own && edge >= longLag && passes(own, place) && own.mean > (best?.mean ?? 0) ? own : best;
  }, undefined);
}

/** Whether the data hold something beyond an edge. */
function inData({ data }: Evidence, place: number): boolean {
  const own = data[place];
  return own !== undefined && zOf(own) >= thresholds.demandZ && own.mean >= thresholds.demandGain;
}

/** What is in the data beyond long lags. */
export function dataLong(evidence: Evidence): Estimate | undefined {
  return strongest(evidence.edges, evidence.data, (_, place) => inData(evidence, place));
}

/** What the model leaves of it. */
export function missingLong(evidence: Evidence): Estimate | undefined {
  const least = (place: number): number => Math.max(thresholds.demandGain, thresholds.missingShare * (evidence.data[place]?.mean ?? 0));
  return strongest(evidence.edges, evidence.missing, (own, place) => inData(evidence, place) && zOf(own) >= thresholds.demandZ && own.mean >= least(place));
}

/** How much the model makes of long lags. */
export function useLong({ edges, use }: Evidence): Estimate | undefined {
  return strongest(edges, use, (own) => zOf(own) >= thresholds.useZ && own.mean >= thresholds.useRise);
}

/** Confidence that the model is healthy; undefined when that is not shown. */
function healthOf(evidence: Evidence): number | undefined {
  const [used, data, missing] = [useLong(evidence), dataLong(evidence), missingLong(evidence)];
  if (!used || evidence.missingShort >= Math.max(evidence.achieved.mean, thresholds.demandGain)) return undefined;
  if (!data && used.mean < thresholds.useAlone) return undefined;
  if (missing) return undefined;
  return Math.min(sure(used.mean / thresholds.useRise), sure(zOf(used) / thresholds.useZ));
}

/** Growth of Jacobians within the training window; the typical vector must grow too, not only a few rare ones, as in saturated layers. */
function explosion({ carry, window }: Evidence): Judgement['growth'] {
  let worst: Judgement['growth'];
  for (const { layer, rms, geometricMean } of carry) {
    rms.slice(0, window + 1).forEach((factor, lag) => {
      const steep = Math.log10(factor) / Math.max(1, lag) >= thresholds.explosionSlope;
      if (lag >= thresholds.explosionLag && factor >= thresholds.explosion && (geometricMean[lag] ?? 0) >= 1 && steep && factor > (worst?.factor ?? 0)) worst = { layer, lag, factor };
    });
  }
  return worst;
}

/** The share of the layer that is saturated most. */
export function saturationOf({ facts }: Evidence): number {
  return Math.max(0, ...facts.map(({ saturation }) => saturation));
}

/**
 * The largest lag that holds half of the most that is missing (of what the data hold, when nothing is missing). Edges
 * enclose it; between two of them, it is the lag that the probe weighs most.
 */
function wantedLag(evidence: Evidence): number | undefined {
  const missing = missingLong(evidence);
  const most = missing ?? dataLong(evidence);
  if (!most) return undefined;
  const [gains, weights] = missing ? [evidence.missing, evidence.missingWeights] : [evidence.data, evidence.dataWeights];
  let place = -1;
  evidence.edges.forEach((_, index) => {
    if ((gains[index]?.mean ?? 0) >= most.mean / 2 && inData(evidence, index)) place = index;
  });
  const byLag = weights[place] ?? new Float64Array();
  const [from, to] = [(evidence.edges[place] ?? 0) + 1, evidence.edges[place + 1] ?? byLag.length - 1];
  let lag = from;
  for (let candidate = from; candidate <= to; candidate++) if ((byLag[candidate] ?? 0) > (byLag[lag] ?? 0)) lag = candidate;
  return lag;
}

/** That nothing was found is surer where the probes saw something at short lags, or where the upper ends of the intervals are low. */
function confidenceOfAbsence(evidence: Evidence): number {
  const seen = evidence.dataShort >= thresholds.demandGain || evidence.achieved.mean >= 0.02;
  const highest = Math.max(0, ...evidence.edges.map((edge, place) => (edge >= longLag ? (evidence.data[place]?.mean ?? 0) + 1.96 * (evidence.data[place]?.error ?? 0) : 0)));
  return (seen ? 0.9 : 0.6) * (highest < thresholds.demandGain ? 1 : 0.8);
}

import type { Estimate, LongGradient } from '../shared/diagnosis';
import { carryInterval } from './carry';
import { interval, zOf } from './estimate';
import type { Evidence } from './evidence';
import { thresholds } from './thresholds';

/** What the evidence says to a question; `open` where an interval holds the threshold. */
export type Answer = 'yes' | 'no' | 'open';

/** Whether an estimate lies above a threshold, by its 95 % interval. */
export function isAbove(estimate: Estimate, threshold: number): Answer {
  const { low, high } = interval(estimate);
  return low >= threshold ? 'yes' : high < threshold ? 'no' : 'open';
}

/** Places of the edges beyond short lags. */
function longPlaces({ edges, short }: Evidence): number[] {
  return edges.flatMap((edge, place) => (edge >= short ? [place] : []));
}

/** The largest of the estimates at long edges that pass. */
function strongest(evidence: Evidence, estimates: readonly Estimate[], passes: (estimate: Estimate, place: number) => boolean): Estimate | undefined {
  return longPlaces(evidence).reduce<Estimate | undefined>((best, place) => {
    const own = estimates[place];
    return own && passes(own, place) && own.mean > (best?.mean ?? 0) ? own : best;
  }, undefined);
}

/** Whether the data hold something beyond an edge: surely above 0, though many edges and probes are looked at, and not too small to tell from a probe's own noise. */
export function inData({ data }: Evidence, place: number): boolean {
  const own = data[place];
  return own !== undefined && zOf(own) >= thresholds.demandZ && own.mean >= thresholds.demandGain;
}

/** What is in the data beyond long lags. */
export function dataLong(evidence: Evidence): Estimate | undefined {
  return strongest(evidence, evidence.data, (_, place) => inData(evidence, place));
}

/** Whether the data hold something beyond short lags. */
export function dataHold(evidence: Evidence): Answer {
  if (dataLong(evidence)) return 'yes';
  const hint = (own: Estimate = { mean: 0, error: 0 }): boolean => zOf(own) >= thresholds.demandOpenZ && interval(own).high >= thresholds.demandGain;
  return longPlaces(evidence).some((place) => hint(evidence.data[place])) ? 'open' : 'no';
}

/** What of it the model leaves that is surely there. */
export function missingLong(evidence: Evidence): Estimate | undefined {
  return strongest(evidence, evidence.missing, (own, place) => inData(evidence, place) && zOf(own) >= thresholds.demandZ && isAbove(own, leastMissing(evidence, place)) === 'yes');
}

/** Whether the model leaves a good part of what the data hold. */
export function leavesSomething(evidence: Evidence): Answer {
  if (missingLong(evidence)) return 'yes';
  const held = longPlaces(evidence).filter((place) => inData(evidence, place));
  return held.some((place) => isAbove(evidence.missing[place] ?? { mean: 0, error: 0 }, leastMissing(evidence, place)) !== 'no') ? 'open' : 'no';
}

function leastMissing({ data }: Evidence, place: number): number {
  return Math.max(thresholds.demandGain, thresholds.missingShare * (data[place]?.mean ?? 0));
}

/** How much the model makes of long lags, where it surely makes something of them. */
export function useLong(evidence: Evidence): Estimate | undefined {
  return strongest(evidence, evidence.use, (own) => zOf(own) >= thresholds.useZ && own.mean >= thresholds.useRise);
}

/** Whether the model's loss would rise by at least so much without its long lags. */
export function usesMoreThan(evidence: Evidence, rise: number): Answer {
  const used = useLong(evidence);
  if (used) return isAbove(used, rise);
  // The furthest edges may have no answer to be measured on.
  const measured = longPlaces(evidence).flatMap((place) => evidence.use[place] ?? []).filter(({ error }) => Number.isFinite(error));
  return measured.length === 0 || measured.some((own) => isAbove(own, rise) !== 'no') ? 'open' : 'no';
}

/** Whether it leaves more unexplained at short lags than it explains in all: what it reads of old inputs is noise, then. */
export function leavesMoreThanItKnows({ achieved, missingShort }: Evidence): Answer {
  const [known, left] = [interval(achieved), interval(missingShort)];
  if (left.low >= Math.max(known.high, thresholds.demandGain)) return 'yes';
  return left.high < Math.max(known.low, thresholds.demandGain) ? 'no' : 'open';
}

/** Whether the gradient from far back is lost, for certain, in what differs between batches. */
export function isDrowned(far: LongGradient | undefined): far is LongGradient {
  return far !== undefined && far.signalToNoise + 1.96 * far.error < thresholds.drowned;
}

/** Where Jacobians grow most. */
export interface Growth {
  readonly layer: number;
  readonly lag: number;
  readonly factor: number;
  readonly sure: 'yes' | 'open';
}

/** Growth of Jacobians within the training window; the typical vector must grow by half as many decades at least, not only a few rare ones, as in saturated layers. */
export function growthOf({ carry, window }: Evidence): Growth | undefined {
  let worst: Growth | undefined;
  for (const layer of carry) {
    layer.rms.slice(0, window + 1).forEach((factor, lag) => {
      if (lag < thresholds.explosionLag || (layer.geometricMean[lag] ?? 0) < Math.sqrt(Math.max(1, factor)) || Math.log10(factor) / lag < thresholds.explosionSlope) return;
      const { low, high } = carryInterval(layer, lag);
      const sure = low >= thresholds.explosion ? 'yes' : high >= thresholds.explosion && factor >= thresholds.explosion / 3 ? 'open' : undefined;
      if (sure && (!worst || (sure === worst.sure ? factor > worst.factor : sure === 'yes'))) worst = { layer: layer.layer, lag, factor, sure };
    });
  }
  return worst;
}

/** The share of the layer that is saturated most. */
export function saturationOf({ facts }: Evidence): Estimate {
  return facts.map(({ saturation, saturationError }) => ({ mean: saturation, error: saturationError })).reduce((most, own) => (own.mean > most.mean ? own : most), { mean: 0, error: 0 });
}

/** The wanted lag, and between which lags it lies. */
export interface WantedLag {
  readonly lag: number;
  readonly low: number;
  readonly high: number;
}

/**
 * The largest lag that holds half of the most that is missing (of what the data hold, when nothing is missing). Edges
 * enclose it; between two of them, it is the lag that the probe weighs most, and those with half of that weight.
 */
export function wantedLag(evidence: Evidence): WantedLag | undefined {
  const missing = missingLong(evidence);
  const most = missing ?? dataLong(evidence);
  if (!most) return undefined;
  const [gains, weights] = missing ? [evidence.missing, evidence.missingWeights] : [evidence.data, evidence.dataWeights];
  let place = -1;
  evidence.edges.forEach((_, index) => {
    if ((gains[index]?.mean ?? 0) >= most.mean / 2 && inData(evidence, index)) place = index;
  });
  const byLag = weights[place] ?? new Float64Array();
  const [from, to] = [(evidence.edges[place] ?? 0) + 1, evidence.edges[place + 1] ?? Math.max((evidence.edges[place] ?? 0) + 1, byLag.length - 1)];
  let lag = from;
  for (let candidate = from; candidate <= to; candidate++) if ((byLag[candidate] ?? 0) > (byLag[lag] ?? 0)) lag = candidate;
  const heavy = Array.from({ length: to - from + 1 }, (_, index) => from + index).filter((candidate) => (byLag[candidate] ?? 0) >= (byLag[lag] ?? 0) / 2);
  return { lag, low: heavy[0] ?? lag, high: heavy.at(-1) ?? lag };
}

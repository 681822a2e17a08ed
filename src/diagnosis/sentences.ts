import type { Estimate, LayerCarry } from '../shared/diagnosis';
import { carryInterval } from './carry';
import { largestPlanted } from './demand';
import { interval } from './estimate';
import type { Evidence } from './evidence';
import { dataLong, isDrowned, missingLong, saturationOf, useLong } from './questions';
import { thresholds } from './thresholds';
import type { Judgement } from './verdict';

/** The verdict in plain words, with the numbers that it turned on. */
export function sentenceFor(evidence: Evidence, judgement: Judgement): string {
  const { verdict, wantedLag: lag, growth, carrier } = judgement;
  const { short } = evidence;
  const carried = carrier && lag !== undefined ? carriedAt(carrier, lag) : 'nothing';
  const signal = `Inputs ${steps(lag)} back would explain ${explained(missingLong(evidence))} more of what is to be predicted`;
  switch (verdict) {
    case 'healthy':
      return `The network uses its past: without the inputs more than ${short} steps back its loss would rise by ${share(useLong(evidence))} of the loss of a constant answer, and no probe finds anything older that it leaves unused.`;
    case 'no-long-dependency':
      if (dataLong(evidence)) return `Inputs more than ${short} steps back explain ${explained(dataLong(evidence))} to a probe, but the network explains as much without them: what they tell stands in newer inputs as well. A gradient that vanishes beyond that loses nothing that a probe can see.`;
      return `No dependency of a kind these probes can see on inputs more than ${short} steps back: one that explains ${percent(evidence.sensitivity)} would have been found. If there is none, a gradient that vanishes beyond that loses nothing.${evidence.dataShort.mean < 0.005 && evidence.achieved.mean < 0.02 ? ' Nothing is found at shorter lags either, so the data may be noise.' : ''}`;
    case 'cannot-carry':
      return `${signal}, but the weights, as they are, do not carry them: of a change of the state ${carried} is left after ${steps(lag)} (${carrier ? `${carrier.slope.toFixed(2)} decades a step` : 'no layer keeps it'}). ${prognosis(carrier?.rms[Math.min(lag ?? 0, carrier.rms.length - 1)] ?? 0)}`;
    case 'not-learnt-yet':
      return `${signal}, and the weights carry that far (${carried} of a change is left after ${steps(lag)}), but the network does not use them yet: ${evidence.training.step === 0 ? 'it has not been trained' : `after ${evidence.training.step} steps training or learning rate are what is missing`}.${drowned(evidence)}`;
    case 'truncated':
      return `${signal}, but backpropagation stops after ${steps(evidence.window)}: no gradient reaches that far, whatever the weights.${judgement.also.includes('cannot-carry') ? ` The weights would not carry it either (${carried} is left).` : ''}`;
    case 'exploding':
      return growth ? `The Jacobians grow: a change of the state of layer ${growth.layer} is ${decimals(growth.factor)} times as large ${growth.lag} steps later, so gradients explode and updates are ruled by the last steps or by clipping.` : 'The network answers with numbers that are not finite: the training has diverged.';
    case 'saturated':
      return `${percent(saturationOf(evidence).mean)} of the activations stand at the ends of their range, where derivatives are nearly 0: whatever there is to learn no longer moves them.`;
    case 'inconclusive':
      return openSentence(evidence, judgement);
  }
}

/** What would decide where the evidence leaves it open. */
export function decisionFor({ sequences, window, short }: Evidence, { open, wantedLag: lag = short }: Judgement): string | null {
  const more = `Hold out more data: ${sequences === 1 ? '1 sequence was' : `${sequences} sequences were`} there to judge by, and intervals halve with four times as many.`;
  switch (open) {
    case undefined:
      return null;
    case 'demand':
    case 'too-few':
      return more;
    case 'unseen':
      return 'Try a longer window, or a larger model, with “Try it”: if the held-out loss falls, there is more to remember.';
    case 'missing':
    case 'use':
      return `${more} Or train on, and diagnose again: what is left should shrink or stay.`;
    case 'growth':
      return 'Train a few hundred steps and look at the gradient norm before clipping: if it jumps, it explodes.';
    case 'window':
      return `Lengthen the window from ${window} to more than ${steps(lag + 1)} with “Try it”: if the loss falls, the window was too short.`;
    case 'saturation':
      return 'Lower the learning rate with “Try it”: if the loss falls, saturation was in the way.';
    case 'carry':
      return `Train for a few hundred steps more, and an LSTM beside it, with “Try it”: the carry over ${lag} steps then lies clearly on one side.`;
  }
}

function openSentence(evidence: Evidence, { open, wantedLag: lag, carrier, growth }: Judgement): string {
  const { short } = evidence;
  switch (open) {
    case 'demand':
      return `The probes find a hint of something more than ${short} steps back that may be chance.`;
    case 'too-few':
      return `${evidence.sequences === 1 ? 'One sequence is' : `${evidence.sequences} sequences are`} too few to tell: even a dependency that explains ${percent(largestPlanted)} would not have been found there.`;
    case 'unseen':
      return `The network explains ${explained(evidence.achieved)} of what is to be predicted, the probes only ${explained(evidence.explained)}: there is structure that they cannot see, so they cannot tell how far back it goes.`;
    case 'missing':
      return `The data hold ${explained(dataLong(evidence))} more than ${short} steps back; whether the network leaves a good part of it, the interval does not tell.`;
    case 'use':
      return dataLong(evidence) ? `The data hold ${explained(dataLong(evidence))} more than ${short} steps back, and the network leaves none of it clearly unexplained, but its loss does not clearly rise without those inputs.` : 'The loss rises without old inputs, though no probe finds them of use: that may be chance.';
    case 'growth':
      return `A change of the state of layer ${growth?.layer ?? 0} may grow ${decimals(growth?.factor)} times within ${growth?.lag ?? 0} steps, but a few sequences make up that number: it may explode.`;
    case 'window':
      return `What the data hold lies about ${steps(lag)} back, and that is about where backpropagation stops, after ${steps(evidence.window)}.`;
    case 'saturation':
      return `About ${percent(saturationOf(evidence).mean)} of the activations stand at the ends of their range: on the border of what counts as saturated.`;
    case 'carry':
      return `Inputs ${steps(lag)} back are wanted, and whether the weights carry that far is on the border: ${carrier && lag !== undefined ? carriedAt(carrier, lag) : 'nothing'} of a change is left.`;
    case undefined:
      return 'The evidence does not decide.';
  }
}

/** What became of nets with such a carry: `test/bench/diagnosis/prognosis.ts` trained 132 (vanilla, LSTM, GRU; lags 12 to 30). */
function prognosis(carried: number): string {
  return `Training may change that: of small nets with ${carried < thresholds.carryFirm ? 'less than 1e-5 left 9 of 42' : '1e-5 to 1e-3 left 23 of 39'} learnt it within a thousand steps, with more left 42 of 51.`;
}

/** Where the gradient from far back is lost in what differs between batches. */
function drowned({ longGradient: far }: Evidence): string {
  if (!isDrowned(far)) return '';
  return ` Only ${percent(far.share)} of the gradient comes from that far back, and what differs between batches is ${decimals(1 / Math.sqrt(Math.max(1e-30, far.signalToNoise)))} times as strong: the signal is drowned.`;
}

function carriedAt(carrier: LayerCarry, lag: number): string {
  const { low, high } = carryInterval(carrier, lag);
  const carried = decimals(carrier.rms[Math.min(lag, carrier.rms.length - 1)]);
  return decimals(low) === decimals(high) ? carried : `${carried} (${decimals(low)} to ${decimals(high)})`;
}

/** A share of what is to be predicted: where the network answers worse than a constant, more than all of it is missing. */
function explained(estimate: Estimate | undefined): string {
  return share(estimate, 1);
}

/** A share with its 95 % interval, both at most `most`, in as many digits, up to hundredths of a percent, as it takes to tell it from the ends of its interval. */
function share(estimate: Estimate | undefined, most = Infinity): string {
  if (!estimate || !Number.isFinite(estimate.error) || estimate.error === 0) return percent(Math.min(most, estimate?.mean ?? 0));
  const { low, high } = interval(estimate);
  for (const digits of [points, (part: number) => (100 * part).toFixed(1), (part: number) => (100 * part).toFixed(2)]) {
    const [mean, least, largest] = [estimate.mean, low, high].map((part) => digits(Math.min(most, part)));
    if (mean !== least && mean !== largest) return `${mean} % (${least} to ${largest})`;
  }
  return percent(Math.min(most, estimate.mean));
}

function steps(count: number | undefined): string {
  return count === 1 ? '1 step' : `${count ?? '?'} steps`;
}

function percent(part = 0): string {
  return `${points(part)} %`;
}

function points(part: number): string {
  return Math.abs(100 * part) >= 10 ? (100 * part).toFixed(0) : (100 * part).toPrecision(2);
}

function decimals(value = 0): string {
  return value !== 0 && (value < 0.01 || value >= 1000) ? value.toExponential(0) : value.toPrecision(2);
}

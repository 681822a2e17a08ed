import type { Evidence } from './evidence';
import { leastAnswers } from './heldOut';
import { longLag } from './lags';
import { missingLong, saturationOf, useLong, type Judgement } from './verdict';

/** The verdict in plain words, with the numbers that it turned on. */
export function sentenceFor(evidence: Evidence, judgement: Judgement): string {
  const { verdict, wantedLag: lag, growth, carrier } = judgement;
  const carried = lag === undefined ? undefined : carrier?.rms[Math.min(lag, carrier.rms.length - 1)];
  const signal = `Inputs ${lag ?? '?'} steps back would explain ${percent(missingLong(evidence)?.mean)} more of what is to be predicted`;
  switch (verdict) {
    case 'healthy':
      return `The network uses its past: without the inputs more than ${longLag} steps back its loss would rise by ${percent(useLong(evidence)?.mean)} of the loss of a constant answer, and no probe finds anything older that it leaves unused.`;
    case 'no-long-dependency':
      return `Nothing more than ${longLag} steps back helps to predict, as far as the probes can see (sums and products of any two inputs): a gradient that vanishes beyond that loses nothing.${evidence.dataShort < 0.005 && evidence.achieved.mean < 0.02 ? ' They find nothing at shorter lags either, so the data may be noise, or their structure of a kind that no probe can see.' : ''}`;
    case 'cannot-carry':
      return `${signal}, but the weights cannot carry them: of a change of the state ${decimals(carried)} is left after ${lag} steps (${carrier ? `${carrier.slope.toFixed(2)} decades a step` : 'no layer keeps it'}). From here it will not be learnt in about a thousand steps.`;
    case 'not-learnt-yet':
      return `${signal}, and the weights carry that far (${decimals(carried)} of a change is left after ${lag} steps), but the network does not use them yet: ${evidence.training.step === 0 ? 'it has not been trained' : `after ${evidence.training.step} steps training or learning rate are what is missing`}.`;
    case 'truncated':
      return `${signal}, but backpropagation stops after ${evidence.window} steps: no gradient reaches that far, whatever the weights.${judgement.also.includes('cannot-carry') ? ` The weights would not carry it either (${decimals(carried)} is left).` : ''}`;
    case 'exploding':
      return growth ? `The Jacobians grow: a change of the state of layer ${growth.layer} is ${decimals(growth.factor)} times as large ${growth.lag} steps later, so gradients explode and updates are ruled by the last steps or by clipping.` : 'The network answers with numbers that are not finite: the training has diverged.';
    case 'saturated':
      return `${percent(saturationOf(evidence))} of the activations stand at the ends of their range, where derivatives are nearly 0: whatever there is to learn no longer moves them.`;
    case 'inconclusive':
      return `${evidence.independent} independent answers in ${evidence.sequences} sequences are too few to tell: with at least ${leastAnswers} of them a long dependency, or that there is none, could be shown. Hold out more data.`;
  }
}

function percent(share = 0): string {
  const points = 100 * share;
  return `${Math.abs(points) >= 10 ? points.toFixed(0) : points.toPrecision(2)} %`;
}

function decimals(value = 0): string {
  return value !== 0 && (value < 0.01 || value >= 1000) ? value.toExponential(0) : value.toPrecision(2);
}

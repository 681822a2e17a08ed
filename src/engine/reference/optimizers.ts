import type { OptimizerSettings } from '../updateRule';

/** One parameter tensor with its gradient and the moments its optimizer keeps, all of one length; `step` counts updates from 1. */
export interface Slot {
  readonly parameter: Float64Array;
  readonly gradient: Float64Array;
  /** In the order of `momentsOf`. */
  readonly moments: readonly Float64Array[];
  readonly step: number;
}

/**
 * One update in place, by PyTorch's rules (https://pytorch.org/docs/stable/optim.html), for each element
 * with parameter p, gradient g, learning rate η and weight decay λ. Except for AdamW, g ← g + λp first.
 */
export function update(settings: OptimizerSettings, slot: Slot): void {
  switch (settings.kind) {
    case 'sgd':
      return sgd(settings, slot);
    case 'adam':
    case 'adamw':
      return adam(settings, slot);
    case 'rmsprop':
      return rmsprop(settings, slot);
    case 'adagrad':
      return adagrad(settings, slot);
  }
}

/**
 *     m ← μm + g
 *     p ← p − ηm         (plain: p − ηg;  Nesterov: p − η(g + μm))
 */
function sgd({ learningRate, momentum, nesterov, weightDecay }: OptimizerSettings, { parameter, gradient, moments: [buffer] }: Slot): void {
  parameter.forEach((p, i) => {
    const g = (gradient[i] ?? 0) + weightDecay * p;
    let direction = g;
    if (buffer) {
      const m = momentum * (buffer[i] ?? 0) + g;
      buffer[i] = m;
      direction = nesterov ? g + momentum * m : m;
    }
    parameter[i] = p - learningRate * direction;
  });
}

/**
 *     m ← β₁m + (1 − β₁)g,  v ← β₂v + (1 − β₂)g²
 *     p ← p − η · m/(1 − β₁ᵗ) / (√(v/(1 − β₂ᵗ)) + ε)
 *
 * AdamW takes its weight decay off the parameter instead, p ← p − ηλp first (Loshchilov and Hutter 2019).
 */
function adam({ kind, learningRate, beta1, beta2, epsilon, weightDecay }: OptimizerSettings, { parameter, gradient, moments: [first, second], step }: Slot): void {
  if (!first || !second) return;
  const [correction1, correction2] = [1 - beta1 ** step, 1 - beta2 ** step];
  parameter.forEach((before, i) => {
    const p = kind === 'adamw' ? before * (1 - learningRate * weightDecay) : before;
    const g = (gradient[i] ?? 0) + (kind === 'adam' ? weightDecay * before : 0);
    const m = beta1 * (first[i] ?? 0) + (1 - beta1) * g;
    const v = beta2 * (second[i] ?? 0) + (1 - beta2) * g * g;
    first[i] = m;
    second[i] = v;
    parameter[i] = p - (learningRate * (m / correction1)) / (Math.sqrt(v / correction2) + epsilon);
  });
}

/**
 *     v ← αv + (1 − α)g²,  d = g/(√v + ε)
 *     p ← p − ηd         (with momentum: m ← μm + d,  p ← p − ηm)
 */
function rmsprop({ learningRate, decay, epsilon, momentum, weightDecay }: OptimizerSettings, { parameter, gradient, moments: [square, buffer] }: Slot): void {
  if (!square) return;
  parameter.forEach((p, i) => {
    const g = (gradient[i] ?? 0) + weightDecay * p;
    const v = decay * (square[i] ?? 0) + (1 - decay) * g * g;
    square[i] = v;
    let direction = g / (Math.sqrt(v) + epsilon);
    if (buffer) {
      direction += momentum * (buffer[i] ?? 0);
      buffer[i] = direction;
    }
    parameter[i] = p - learningRate * direction;
  });
}

/**
 *     s ← s + g²
 *     p ← p − ηg/(√s + ε)
 */
function adagrad({ learningRate, epsilon, weightDecay }: OptimizerSettings, { parameter, gradient, moments: [sum] }: Slot): void {
  if (!sum) return;
  parameter.forEach((p, i) => {
    const g = (gradient[i] ?? 0) + weightDecay * p;
    const s = (sum[i] ?? 0) + g * g;
    sum[i] = s;
    parameter[i] = p - (learningRate * g) / (Math.sqrt(s) + epsilon);
  });
}

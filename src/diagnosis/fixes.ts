import type { Fix } from '../shared/diagnosis';
import type { LayerSpec, Spec } from '../spec/schema';
import type { Evidence } from './evidence';
import { isDrowned } from './questions';
import type { Judgement } from './verdict';

type Edit = Fix['edit'][number];

/** Share of a signal that a cell should still carry over the wanted lag. */
const carriedShare = 0.1;

/** Edits of the spec for a verdict, those with most evidence first; none where there is nothing to mend. */
export function fixesFor(spec: Spec, evidence: Evidence, judgement: Judgement): Fix[] {
  const { verdict } = judgement;
  if (verdict === 'cannot-carry') return carryFixes(spec, judgement);
  if (verdict === 'truncated') return [windowFix(spec, judgement), ...(judgement.also.includes('cannot-carry') ? carryFixes(spec, judgement) : [])];
  if (verdict === 'exploding') return [clipFix(spec, evidence), ...scaleFixes(spec), rateFix(spec, 0.1, 'smaller updates keep the weights where the gradients are of use')];
  if (verdict === 'saturated') return [rateFix(spec, 0.1, 'large updates drove the activations to the ends of their range, where derivatives are 0'), clipFix(spec, evidence)];
  if (verdict === 'not-learnt-yet') return learningFixes(spec, evidence, judgement);
  return [];
}

/** The forget bias at which ∏f over so many steps is still 10 %: σ(b)ⁿ = 0.1; in halves, at most 8. */
export function forgetBiasFor(lag: number): number {
  const gate = carriedShare ** (1 / Math.max(1, lag));
  return Math.min(8, Math.ceil(2 * Math.log(gate / (1 - gate))) / 2);
}

function carryFixes(spec: Spec, { wantedLag: lag = 1, carrier }: Judgement): Fix[] {
  const bias = forgetBiasFor(lag);
  const gate = 1 / (1 + Math.exp(-bias));
  const reached = `${decimals(carrier?.rms[Math.min(lag, carrier.rms.length - 1)] ?? 0)} of a change survives ${lag} steps now`;
  const cells = layersOf(spec).map(({ cell }) => cell);
  const fixes: Fix[] = [];
  const kept = `with a forget gate of ${gate.toFixed(3)} about ${decimals(gate ** lag)} would`;
  if (cells.every((cell) => cell === 'lstm')) fixes.push({ title: `Set the forget bias to ${bias}`, reason: `${reached}; ${kept}.`, edit: everyLayer(spec, () => ({ forgetBias: bias })) });
  else fixes.push({ title: `Use LSTM cells with forget bias ${bias}`, reason: `${reached}; ${kept}.`, edit: everyLayer(spec, () => ({ ...withoutCell, cell: 'lstm', forgetBias: bias })) });
  if (cells.includes('rnn')) {
    fixes.push({ title: 'Use GRU cells', reason: `${reached}; a GRU learns to keep its state, though at first it forgets about half at each step.`, edit: everyLayer(spec, () => ({ ...withoutCell, cell: 'gru' })) });
    fixes.push({ title: 'Start from orthogonal recurrent weights', reason: `${reached}; an orthogonal matrix neither shrinks nor grows what it carries, as long as the activations stay small.`, edit: everyLayer(spec, ({ cell }) => (cell === 'rnn' ? { init: 'orthogonal' } : {})) });
    if (layersOf(spec).some(({ activation, cell }) => cell === 'rnn' && activation === 'tanh')) {
      fixes.push({ title: 'Use ReLU with the identity as recurrent matrix', reason: `${reached}; W = I carries a state on as it is (Le et al. 2015).`, edit: everyLayer(spec, ({ cell }) => (cell === 'rnn' ? { activation: 'relu', init: 'identity' } : {})) });
    }
  } else if (cells.includes('gru')) {
    fixes.push({ title: 'Start from orthogonal recurrent weights', reason: `${reached}; larger recurrent weights make the update gates react more.`, edit: everyLayer(spec, () => ({ init: 'orthogonal' })) });
  }
  return fixes;
}

/** What an LSTM or GRU has no use for. */
const withoutCell = { activation: undefined, resetAfter: undefined };

function windowFix(spec: Spec, { wantedLag: lag = 1 }: Judgement): Fix {
  const window = Math.ceil((1.5 * (lag + 1)) / 8) * 8;
  return { title: `Lengthen the window to ${window}`, reason: `The data hold a signal ${lag} steps back, but gradients travel ${spec.training.window} steps at most.`, edit: [{ path: ['training', 'window'], value: window }] };
}

function clipFix({ training }: Spec, { training: facts }: Evidence): Fix {
  const known = facts.gradNorm && Number.isFinite(facts.gradNorm.p50) && facts.gradNorm.p50 > 0 ? facts.gradNorm : undefined;
  const threshold = known ? Number(known.p50.toPrecision(2)) : 1;
  const reason = known
    ? `${threshold} is the median of the global gradient norm over the last fifth of the training (90th percentile ${decimals(known.p90)}, 99th ${decimals(known.p99)}).`
    : `No gradient norms of a training are known yet; 1 is a usual threshold${training.clip ? `, ${training.clip.threshold} is set now` : ''}.`;
  return { title: `Clip the gradient norm at ${threshold}`, reason, edit: [{ path: ['training', 'clip'], value: { kind: 'norm', threshold } }] };
}

function scaleFixes(spec: Spec): Fix[] {
  if (!layersOf(spec).some(({ cell }) => cell === 'rnn')) return [];
  return [{ title: 'Start from orthogonal recurrent weights', reason: 'An orthogonal matrix does not grow what it carries; train again from these weights.', edit: everyLayer(spec, ({ cell }) => (cell === 'rnn' ? { init: 'orthogonal', activation: 'tanh' } : {})) }];
}

function rateFix({ training: { optimizer } }: Spec, factor: number, why: string): Fix {
  const learningRate = Number((optimizer.learningRate * factor).toPrecision(2));
  return { title: `Set the learning rate to ${learningRate}`, reason: `It is ${optimizer.learningRate}; ${why}.`, edit: [{ path: ['training', 'optimizer', 'learningRate'], value: learningRate }] };
}

function learningFixes(spec: Spec, { training: facts, longGradient }: Evidence, { wantedLag: lag = 1 }: Judgement): Fix[] {
  const fixes: Fix[] = [];
  const steps = Math.max(1000, 3 * facts.step);
  const falling = facts.lossChange !== undefined && facts.lossChange < -0.01;
  const state = facts.step === 0 ? 'The model has not been trained' : falling ? `The loss still falls (${(100 * (facts.lossChange ?? 0)).toFixed(1)} % over the last fifth)` : `It has been trained for ${facts.step} steps`;
  fixes.push({ title: `Train for ${steps} steps`, reason: `${state}, and the weights carry over the ${lag} steps that are wanted.`, edit: [{ path: ['training', 'epochs'], value: undefined }, { path: ['training', 'steps'], value: steps }] });
  if (facts.step > 0 && !falling && spec.training.optimizer.learningRate < 0.01) fixes.push(rateFix(spec, 3, 'the loss has stopped falling although there is more to learn'));
  if (isDrowned(longGradient)) fixes.push({ title: `Use batches of ${4 * spec.training.batch}`, reason: `The gradient from ${lag} steps back is ${decimals(1 / Math.sqrt(Math.max(longGradient.signalToNoise, 1e-30)))} times weaker than what differs between batches; batches of four times the size halve that.`, edit: [{ path: ['training', 'batch'], value: 4 * spec.training.batch }] });
  if (facts.clipped !== undefined && facts.clipped > 0.5 && spec.training.clip && facts.gradNorm) {
    const threshold = Number(facts.gradNorm.p90.toPrecision(2));
    fixes.push({ title: `Raise the clipping threshold to ${threshold}`, reason: `${Math.round(100 * facts.clipped)} % of the updates were clipped; ${threshold} is the 90th percentile of the norms.`, edit: [{ path: ['training', 'clip', 'threshold'], value: threshold }] });
  }
  return fixes;
}

function layersOf({ model }: Spec): readonly LayerSpec[] {
  return model.layers ?? [];
}

/** The same settings in every layer of the spec. */
function everyLayer(spec: Spec, settings: (layer: LayerSpec) => Readonly<Record<string, unknown>>): Edit[] {
  return layersOf(spec).flatMap((layer, index) => Object.entries(settings(layer)).map(([key, value]): Edit => ({ path: ['model', 'layers', index, key], value })));
}

function decimals(value: number): string {
  return value !== 0 && (value < 0.01 || value >= 1000) ? value.toExponential(0) : value.toPrecision(2);
}

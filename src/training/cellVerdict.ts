import type { ComparedModel } from '../shared/comparison';
import { cellNames } from '../spec/cellVariants';
import type { CellKind } from '../spec/schema';

/** Losses that differ by less than this share are called close: another seed could turn them round. */
const closeShare = 0.02;

/** Speeds that differ by less than this share are called the same. */
const sameSpeedShare = 0.05;

interface Measured {
  readonly cell: CellKind;
  readonly loss: number;
  readonly tokensPerSecond?: number;
}

/**
 * One sentence on whether the lecture's rule of thumb (LSTM as the default, GRU where speed counts) holds
 * for these models, which differ in their cell only. It says no more than was measured: losses within
 * 2 % are close, and runs that diverged or have no loss are named as such.
 */
export function cellVerdict(models: readonly ComparedModel[]): string {
  const sound = models.filter(({ state }) => state !== 'diverged' && state !== 'failed');
  const held = sound.every(({ validationLoss }) => validationLoss !== undefined) ? 'validation' : 'training';
  const measured: Measured[] = sound.flatMap(({ cell, validationLoss, loss, tokensPerSecond }) => {
    const value = held === 'validation' ? validationLoss : loss;
    return cell === undefined || value === undefined ? [] : [{ cell, loss: value, tokensPerSecond }];
  });
  const lost = models.flatMap(({ cell, state }) => (cell !== undefined && !measured.some((other) => other.cell === cell) ? [`the ${cellNames[cell]} ${state === 'diverged' ? 'diverged' : 'has no result'}`] : []));
  const lstm = measured.find(({ cell }) => cell === 'lstm');
  const gru = measured.find(({ cell }) => cell === 'gru');
  if (!lstm || !gru) return `The rule of thumb (LSTM by default, GRU where speed counts) cannot be weighed here${lost.length > 0 ? ` (${lost.join(', ')})` : ': it needs an LSTM and a GRU that were trained'}.`;

  const steps = Math.min(...sound.map((model) => model.steps)).toLocaleString('en-US');
  const ranking = [...measured].sort((a, b) => a.loss - b.loss).map(({ cell, loss }) => `${cellNames[cell]} ${lossText(loss)}`);
  const measure = [`${held} loss ${ranking.join(', ')}`, ...lost].join('; ');
  return `After ${steps} steps with one seed, ${judgement(lstm, gru, measured.find(({ cell }) => cell === 'rnn'))} (${measure}); ${speed(lstm, gru)}.`;
}

function judgement(lstm: Measured, gru: Measured, rnn: Measured | undefined): string {
  const gated = Math.min(lstm.loss, gru.loss);
  if (rnn && rnn.loss < gated * (1 - closeShare)) return 'the vanilla RNN is ahead of both gated cells, so the rule of thumb (LSTM by default) is not borne out';
  if (lstm.loss < gru.loss * (1 - closeShare)) return 'the LSTM is ahead of the GRU, as the rule of thumb (LSTM by default) says';
  if (gru.loss < lstm.loss * (1 - closeShare)) return 'the GRU is ahead of the LSTM, so the rule of thumb (LSTM by default) is not borne out';
  const simple = rnn && rnn.loss <= gated * (1 + closeShare) ? ' and so is the vanilla RNN' : '';
  return `LSTM and GRU are too close to tell apart${simple}`;
}

function speed(lstm: Measured, gru: Measured): string {
  if (lstm.tokensPerSecond === undefined || gru.tokensPerSecond === undefined) return 'their speed was not measured';
  const ratio = gru.tokensPerSecond / lstm.tokensPerSecond;
  if (ratio > 1 + sameSpeedShare) return `the GRU trained ${ratio.toFixed(2)} times as fast as the LSTM, which speaks for it where speed counts`;
  if (ratio < 1 - sameSpeedShare) return `the GRU trained at only ${ratio.toFixed(2)} times the LSTM's speed, so speed does not speak for it here`;
  return 'the two trained equally fast, so speed does not speak for the GRU here';
}

function lossText(loss: number): string {
  return loss >= 0.1 ? loss.toFixed(3) : loss.toPrecision(3);
}

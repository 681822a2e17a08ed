import type { ComparedCurve, ComparedModel } from '../shared/comparison';
import type { Evaluation, MetricsColumns, RunInfo } from '../shared/run';
import type { LossKind } from '../spec/architecture';
import { layerStacks } from '../spec/layerStacks';
import { cellNames, commonCell } from '../spec/cellVariants';
import type { LayerSpec, Spec } from '../spec/schema';

/** Points of a compared curve at most: as many as a plot can show. */
const mostPoints = 400;

/** What a compared model is made from. */
export interface ComparisonSource {
  readonly label: string;
  readonly info: RunInfo;
  readonly spec: Spec;
  readonly lossKind: LossKind;
  readonly columns: MetricsColumns;
  readonly evaluations: readonly Evaluation[];
}

/** Everything about a run but its lags. */
export function comparedModel({ label, info, spec, lossKind, columns, evaluations }: ComparisonSource): ComparedModel {
  const elapsed = secondsUpTo(columns);
  const loss = finite(recentMean(columns.loss));
  const measured = evaluations.filter(({ validationLoss }) => Number.isFinite(validationLoss));
  const validationLoss = measured.at(-1)?.validationLoss;
  const nats = lossKind === 'tokens' ? (validationLoss ?? loss) : undefined;
  return {
    label,
    run: info.folder,
    spec: info.specPath,
    state: info.state,
    reason: info.reason,
    layers: layersText(spec),
    cell: commonCell(spec),
    lossKind,
    parameters: info.parameters,
    steps: info.step,
    seconds: elapsed?.at(-1),
    tokensPerSecond: medianSpeed(columns) ?? finite(info.tokensPerSecond),
    loss,
    validationLoss,
    bitsPerToken: nats === undefined ? undefined : nats / Math.LN2,
    curve: reduceCurve(columns, elapsed),
    evaluations: measured.map((evaluation) => ({ ...evaluation, seconds: elapsed?.[columns.step.indexOf(evaluation.step)] })),
  };
}

/** `LSTM 128`, `2 × GRU 64`, `LSTM 64 (bidirectional, residual)`, joined by +; encoder and decoder by →. */
export function layersText(spec: Spec): string {
  return layerStacks(spec)
    .filter(({ layers }) => layers.length > 0)
    .map(({ layers }) => layers.map(layerText).join(' + '))
    .join(' → ');
}

function layerText({ cell, units, repeat, bidirectional, connection }: LayerSpec): string {
  const name = cell === 'rnn' ? 'RNN' : cellNames[cell];
  const details = [...(bidirectional ? ['bidirectional'] : []), ...(connection === 'none' ? [] : [connection])];
  return `${repeat > 1 ? `${repeat} × ` : ''}${name} ${units}${details.length > 0 ? ` (${details.join(', ')})` : ''}`;
}

/** Running sum of the seconds; undefined where some were not recorded. */
function secondsUpTo({ step, seconds }: MetricsColumns): number[] | undefined {
  if (!seconds || seconds.length !== step.length || !seconds.every(Number.isFinite)) return undefined;
  let sum = 0;
  return Array.from(seconds, (value) => Number((sum += value).toPrecision(8)));
}

function medianSpeed({ seconds, tokens }: MetricsColumns): number | undefined {
  if (!seconds || !tokens) return undefined;
  const speeds = tokens.map((count, i) => count / (seconds[i] ?? NaN)).filter((speed) => speed > 0 && Number.isFinite(speed)).sort();
  const median = speeds[Math.floor(speeds.length / 2)];
  return median && Number(median.toPrecision(4));
}

function recentMean(losses: Float64Array): number {
  return meanOf(losses.subarray(losses.length - Math.min(100, Math.ceil(losses.length / 10))));
}

function meanOf(values: Float64Array): number {
  return values.length === 0 ? NaN : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function reduceCurve({ step, loss }: MetricsColumns, elapsed: readonly number[] | undefined): ComparedCurve {
  const size = Math.max(1, Math.ceil(step.length / mostPoints));
  const ends = Array.from({ length: Math.ceil(step.length / size) }, (_, point) => Math.min(step.length, (point + 1) * size));
  return {
    step: ends.map((end) => step[end - 1] ?? 0),
    seconds: elapsed && ends.map((end) => elapsed[end - 1] ?? 0),
    loss: ends.map((end, point) => finite(meanOf(loss.subarray(point * size, end))) ?? null),
  };
}

function finite(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

/** Loss of a curve at a place along `axis`, the mean of its last point there or before; undefined outside what was trained. */
export function lossAt(curve: ComparedCurve, axis: 'step' | 'seconds', place: number): number | undefined {
  const places = curve[axis];
  if (!places || places.length === 0 || place > (places.at(-1) ?? 0)) return undefined;
  const after = places.findIndex((at) => at > place);
  return curve.loss[(after < 0 ? places.length : after) - 1] ?? undefined;
}

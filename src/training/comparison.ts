import type { Evaluation, MetricsColumns, RunInfo } from '../shared/run';
import type { LossKind } from '../spec/architecture';
import { layerStacks } from '../spec/layerStacks';
import { cellNames, commonCell } from '../spec/cellVariants';
import type { CellKind, LayerSpec, Spec } from '../spec/schema';

/** Points of a compared curve at most: as many as a plot can show. */
const mostPoints = 400;

/** A training curve in few points; the arrays are of equal length. */
export interface ComparedCurve {
  readonly step: readonly number[];
  /** Seconds of training up to and with this step, evaluations and waiting left out; absent where they were not recorded. */
  readonly seconds?: readonly number[];
  /** Mean over the steps since the point before; null where it is not finite. */
  readonly loss: readonly (number | null)[];
}

/** The validation loss after so many steps and seconds of training. */
export interface ComparedEvaluation extends Evaluation {
  readonly seconds?: number;
}

/** One trained model beside others. Everything is plain JSON. */
export interface ComparedModel {
  /** Tells it from the others. */
  readonly label: string;
  /** The run's folder. */
  readonly run: string;
  /** Absolute path of its spec. */
  readonly spec: string;
  readonly state: RunInfo['state'];
  /** Why it ended as it did, where that needs saying. */
  readonly reason?: string;
  /** Layers from the input upwards: `LSTM 128 + LSTM 128`. */
  readonly layers: string;
  /** The cell of all layers, when they agree. */
  readonly cell?: CellKind;
  readonly lossKind: LossKind;
  readonly parameters: number;
  /** Updates made. */
  readonly steps: number;
  /** Seconds of training in all. */
  readonly seconds?: number;
  /** Median over the steps: what comes late or is disturbed once does not count. */
  readonly tokensPerSecond?: number;
  /** Mean training loss of the last tenth of the steps, at most 100: one batch alone is noisy. */
  readonly loss?: number;
  /** Newest validation loss. */
  readonly validationLoss?: number;
  /** `validationLoss` (`loss` where nothing is held out) over ln 2, for losses in nats a token. */
  readonly bitsPerToken?: number;
  readonly curve: ComparedCurve;
  readonly evaluations: readonly ComparedEvaluation[];
  /** Mean flow of the lowest layer (forward) at lag 0, 1, …: there the paths through every layer and timestep have arrived. */
  readonly lags?: readonly number[];
  /** Largest lag at which `lags` is still 1 % of its value at lag 0. */
  readonly reach?: number;
  /** Why there are no lags. */
  readonly noLags?: string;
}

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

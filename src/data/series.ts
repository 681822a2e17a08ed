import { streamLength } from './streams';
import type { BatchPlan, PlannedBatch, SequenceBatch } from './task';

/** Rows of a series in time order: at row n the model reads `inputs` n and should answer `targets` n. */
export interface Series {
  readonly rows: number;
  /** [rows, features], standardised. */
  readonly inputs: Float64Array;
  readonly features: number;
  /** [rows, outputs], standardised: the values `horizon` rows later. */
  readonly targets: Float64Array;
  readonly outputs: number;
}

/** Rows `from` to before `to`, as a view. */
export function partOf({ inputs, features, targets, outputs }: Series, from: number, to: number): Series {
  return { rows: to - from, inputs: inputs.subarray(from * features, to * features), features, targets: targets.subarray(from * outputs, to * outputs), outputs };
}

/** Rows in each of `streams` equal parts; a short rest is never read. */
export function seriesStreamLength(rows: number, streams: number): number {
  // A text of n tokens holds n − 1 predictions, a series of n rows n.
  return streamLength(rows + 1, streams);
}

/** Cuts B equal, contiguous parts of a series into one window of T rows from row `start` of each part. */
export function seriesWindow(series: Series, streams: number, start: number, steps: number): SequenceBatch {
  const { features, outputs } = series;
  const stride = seriesStreamLength(series.rows, streams);
  const inputs = new Float64Array(steps * streams * features);
  const targets = new Float64Array(steps * streams * outputs);
  for (let t = 0; t < steps; t++) {
    for (let b = 0; b < streams; b++) {
      const row = b * stride + start + t;
      inputs.set(series.inputs.subarray(row * features, (row + 1) * features), (t * streams + b) * features);
      targets.set(series.targets.subarray(row * outputs, (row + 1) * outputs), (t * streams + b) * outputs);
    }
  }
  return { steps, sequences: streams, inputs, targets };
}

/** Windows that a held-out stream should have at least: each begins from an empty state, which costs its first steps. */
const leastWindows = 16;

/** The held-out rows in order, in few streams; the last window may be shorter, and a rest too short for all streams is left out. */
export function* heldOutWindows(series: Series, { batch, window, stateful }: BatchPlan): Generator<PlannedBatch> {
  if (series.rows === 0) return;
  const streams = Math.min(batch, Math.max(1, Math.floor(series.rows / (leastWindows * window))));
  const length = seriesStreamLength(series.rows, streams);
  for (let start = 0; start < length; start += window) {
    yield { state: stateful && start > 0 ? 'continue' : 'reset', batch: seriesWindow(series, streams, start, Math.min(window, length - start)) };
  }
}

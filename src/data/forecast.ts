import type { TaskSpec } from '../spec/schema';
import { DataError, type DataFiles } from './files';
import { inOwnUnit, scaleOf, standardised, type ColumnScale, type ValueScaling } from './scaling';
import { heldOutWindows, partOf, seriesStreamLength, seriesWindow, type Series } from './series';
import { columnOf, numbersOf, readTable, type Table } from './table';
import type { BatchPlan, LoadOptions, ReferenceLoss, Samples, TaskData } from './task';

export type ForecastTask = Extract<TaskSpec, { kind: 'forecast' }>;

/** Rows of a series that are trained on and held out: each part forecasts only its own rows. */
export interface SeriesSplit {
  /** Rows before this one are the training part, the others are held out. */
  readonly cut: number;
  /** Rows with a target, in each part. */
  readonly training: number;
  readonly heldOut: number;
}

/** Splits a series of so many rows. The last `horizon` rows of a part have no target in it. */
export function splitSeries(rows: number, { validation, horizon }: Pick<ForecastTask, 'validation' | 'horizon'>): SeriesSplit {
  const cut = Math.floor(rows * (1 - validation));
  return { cut, training: Math.max(0, cut - horizon), heldOut: Math.max(0, rows - cut - horizon) };
}

/**
 * Loads a forecast's columns in the order of their rows. Inputs and targets are standardised by mean and deviation
 * of the training part (or as the earlier run in `options` did). Throws a DataError that names file, line and column.
 */
export async function loadForecast(task: ForecastTask, files: DataFiles, options: LoadOptions = {}): Promise<TaskData> {
  const table = await readTable(task.data, [...task.inputs, ...task.targets], files, options);
  const columns = new Map([...table.columns.keys()].map((name) => [name, numbersOf(table, name)]));
  const rows = table.lines.length;
  const split = splitSeries(rows, task);
  if (split.training === 0) {
    throw new DataError('data-too-short', `${task.data} has ${rows} rows, of which ${split.cut} are trained on: too few to look ${task.horizon} ahead. Use a longer series, or a smaller horizon.`, task.data);
  }
  const values = (names: readonly string[]): Float64Array[] => names.map((name) => columns.get(name) ?? new Float64Array(rows));
  const scaled = (names: readonly string[]): ColumnScale[] => names.map((name, index) => scaleOf(name, (values(names)[index] ?? new Float64Array()).subarray(0, split.cut)));
  const scaling: ValueScaling = options.scaling ?? { kind: 'values', inputs: scaled(task.inputs), targets: scaled(task.targets) };
  for (const scale of [...scaling.inputs, ...scaling.targets]) expectHeld(table, scale, columns.get(scale.name) ?? new Float64Array());

  const { horizon } = task;
  const targets = interleaved(values(task.targets), scaling.targets);
  const outputs = task.targets.length;
  const series: Series = {
    rows: Math.max(0, rows - horizon),
    inputs: interleaved(values(task.inputs), scaling.inputs),
    features: task.inputs.length,
    targets: targets.subarray(horizon * outputs),
    outputs,
  };
  return forecastData(series, targets, split, scaling);
}

/** Throws a DataError that names the first value of a column that no 32-bit number of the engine holds once it is standardised. */
function expectHeld(table: Table, scale: ColumnScale, values: Float64Array): void {
  const { name } = scale;
  const row = values.findIndex((value) => !Number.isFinite(Math.fround(standardised(value, scale))));
  if (row < 0) return;
  const where = `${table.path}, line ${table.lines[row] ?? '?'}, column ${JSON.stringify(name)}`;
  throw new DataError('data-value', `${where}: ${columnOf(table, name)[row] ?? ''} is too large to be reckoned with beside the rest of the column. Mend it, or write the column in a larger unit.`, table.path);
}

/** Columns side by side [rows, columns], standardised. */
function interleaved(columns: readonly Float64Array[], scales: readonly ColumnScale[]): Float64Array {
  const rows = columns[0]?.length ?? 0;
  const values = new Float64Array(rows * columns.length);
  columns.forEach((column, place) => {
    const scale = scales[place];
    if (scale) column.forEach((value, row) => (values[row * columns.length + place] = standardised(value, scale)));
  });
  return values;
}

/** A forecast's data from a standardised series; `now` [rows, outputs] are the target columns at the row itself. */
function forecastData(series: Series, now: Float64Array, split: SeriesSplit, scaling: ValueScaling): TaskData {
  const training = partOf(series, 0, split.training);
  const heldOut = partOf(series, split.cut, split.cut + split.heldOut);
  const shown = split.heldOut > 0 ? { part: heldOut, from: split.cut } : { part: training, from: 0 };
  return {
    sizes: { input: { kind: 'values', features: series.features }, outputs: series.outputs, loss: 'values' },
    scaling,
    positions: { training: training.rows, validation: heldOut.rows },
    references: seriesReferences(shown.part.targets, now.subarray(shown.from * series.outputs), split.heldOut > 0 ? 'held-out part' : 'training part'),

    trainingBatches(plan) {
      const misfit = seriesMisfit(training.rows, plan);
      if (misfit) throw misfit;
      const perEpoch = Math.floor(seriesStreamLength(training.rows, plan.batch) / plan.window);
      return {
        perEpoch,
        at(step) {
          const index = step % perEpoch;
          return { state: plan.stateful && index > 0 ? 'continue' : 'reset', batch: seriesWindow(training, plan.batch, index * plan.window, plan.window) };
        },
      };
    },

    validationBatches: (plan) => heldOutWindows(heldOut, plan),
    samples: samplesOf(shown, scaling, Math.min(sampleRows, shown.part.rows)),
    stretches: (steps) => (steps <= shown.part.rows ? samplesOf(shown, scaling, steps) : undefined),
  };
}

/** Rows of a sample: enough for a few days of hours, or some years of months. */
const sampleRows = 96;

/** Stretches of a part that begins at row `from` of the data. */
function samplesOf({ part: series, from }: { readonly part: Series; readonly from: number }, scaling: ValueScaling, steps: number): Samples {
  const count = Math.max(1, Math.floor(series.rows / steps));
  return {
    count,
    at(index) {
      const start = (index % count) * steps;
      const batch = seriesWindow(partOf(series, start, start + steps), 1, 0, steps);
      const rows = { first: from + start + 1, last: from + start + steps };
      return { batch, inputs: rowTexts(batch.inputs, scaling.inputs), targets: rowTexts(batch.targets, scaling.targets), rows };
    },
  };
}

/** Rows [T, columns] as texts in the unit of the data: "12.3", or "12.3 · 1016.7" for several columns. */
export function rowTexts(values: ArrayLike<number>, scales: readonly ColumnScale[]): string[] {
  return Array.from({ length: values.length / scales.length }, (_, row) =>
    scales.map((scale, column) => String(Number(inOwnUnit(values[row * scales.length + column] ?? 0, scale).toPrecision(5)))).join(' · '),
  );
}

/** Losses of always answering the training mean and of answering the value as it is now, in standardised squared units. */
function seriesReferences(targets: Float64Array, now: Float64Array, part: string): ReferenceLoss[] {
  const mean = (error: (target: number, index: number) => number): number => targets.reduce((sum, target, index) => sum + error(target, index) ** 2, 0) / targets.length;
  return [
    { label: `always the training mean (${part})`, loss: mean((target) => target) },
    { label: `stays as it is: persistence (${part})`, loss: mean((target, index) => target - (now[index] ?? 0)) },
  ];
}

/** Why batch and window do not fit a training part of so many rows; undefined when they do. */
export function seriesMisfit(rows: number, { batch, window }: Pick<BatchPlan, 'batch' | 'window'>): DataError | undefined {
  const most = Math.floor(rows / window);
  if (most === 0) return new DataError('data-too-short', `window ${window} is longer than the training part of the series, which has ${rows} rows with a target. Set window to at most ${rows}, or use a longer series.`);
  if (most < batch) return new DataError('data-batch-too-big', `batch ${batch} × window ${window} needs ${batch * window} rows, but the training part of the series has ${rows}. Set batch to at most ${most}, or shorten the window.`);
  return undefined;
}

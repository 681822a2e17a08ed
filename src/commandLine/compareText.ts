import type { ComparedModel } from '../shared/comparison';
import { lossAt } from '../training/comparison';
import { textTable } from './textTable';

const missing = '–';

/** The comparison as tables: what each model is and reached, its loss by step and by time, its gradient by lag. */
export function comparisonText(models: readonly ComparedModel[]): string {
  const tables = [overview(models), lossTable(models, 'step'), lossTable(models, 'seconds'), lagTable(models)];
  const notes = models.flatMap(({ label, noLags }) => (noLags === undefined ? [] : [`${label} has no gradient by lag. ${noLags}\n`]));
  return [...tables.filter((table) => table !== ''), ...(notes.length > 0 ? [notes.join('')] : [])].join('\n');
}

function overview(models: readonly ComparedModel[]): string {
  const inBits = models.some(({ bitsPerToken }) => bitsPerToken !== undefined);
  const head = ['model', 'layers', 'parameters', 'steps', 'seconds', 'tokens/s', 'loss', 'validation', ...(inBits ? ['bits/token'] : []), 'reach'];
  return textTable(
    head,
    models.map((model) => [
      model.state === 'done' ? model.label : `${model.label} (${model.state})`,
      model.layers,
      count(model.parameters),
      count(model.steps),
      model.seconds?.toFixed(1) ?? missing,
      count(model.tokensPerSecond),
      decimals(model.loss),
      decimals(model.validationLoss),
      ...(inBits ? [decimals(model.bitsPerToken)] : []),
      reachText(model),
    ]),
  );
}

/** Parts of the way that all models have gone. */
const parts = [0.1, 0.25, 0.5, 0.75, 1];

function lossTable(models: readonly ComparedModel[], axis: 'step' | 'seconds'): string {
  const shared = Math.min(...models.map(({ curve }) => curve[axis]?.at(-1) ?? 0));
  if (!(shared > 0)) return '';
  const exact = parts.map((part) => part * shared);
  const places = axis === 'step' ? [...new Set(exact.map(Math.round))].filter((step) => step > 0) : exact;
  const name = axis === 'step' ? (place: number) => `step ${count(place)}` : (place: number) => `${place.toPrecision(3)} s`;
  return textTable(['training loss at', ...places.map(name)], models.map(({ label, curve }) => [label, ...places.map((place) => decimals(lossAt(curve, axis, place)))]));
}

function lagTable(models: readonly ComparedModel[]): string {
  const longest = Math.max(0, ...models.map(({ lags }) => (lags?.length ?? 0) - 1));
  if (longest === 0) return '';
  const places: number[] = [];
  for (let lag = 1; lag <= longest; lag *= 2) places.push(lag);
  const share = (lags: readonly number[] | undefined, lag: number): string => {
    const [own = 0] = lags ?? [];
    const value = lags?.[lag];
    return value === undefined || !(own > 0) ? missing : (value / own).toExponential(1);
  };
  return textTable(['gradient at lag (lag 0 = 1)', ...places.map(String)], models.map(({ label, lags }) => [label, ...places.map((lag) => share(lags, lag))]));
}

/** A reach as far as the text goes may be longer. */
function reachText({ reach, lags }: ComparedModel): string {
  return reach === undefined ? missing : reach > 0 && reach + 1 === lags?.length ? `≥ ${count(reach)}` : count(reach);
}

function count(value: number | undefined): string {
  return value === undefined ? missing : Math.round(value).toLocaleString('en-US');
}

function decimals(value: number | undefined): string {
  return value === undefined ? missing : value >= 0.1 || value === 0 ? value.toFixed(3) : value.toPrecision(3);
}

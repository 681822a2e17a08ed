import type { ComparedModel } from '../../src/shared/comparison';
import { smoothed } from '../plots/lossModel';
import { formatCount, formatNumber } from '../format';
import type { DataTable } from '../ui/dataTable';

/** The three figures. */
export type FigureKind = 'step' | 'seconds' | 'lag';

/** x and y of one model's line in a figure; undefined when it has none. */
export function lineOf(model: ComparedModel, figure: FigureKind): { readonly x: readonly number[]; readonly y: readonly (number | null)[] } | undefined {
  if (figure === 'lag') {
    const { lags } = model;
    const [own = 0] = lags ?? [];
    return lags && own > 0 ? { x: lags.map((_, lag) => lag), y: lags.map((value) => value / own) } : undefined;
  }
  const x = model.curve[figure];
  if (!x || x.length === 0) return undefined;
  const loss = smoothed(model.curve.loss.map((value) => value ?? Number.NaN));
  return { x, y: [...loss].map((value) => (Number.isFinite(value) ? value : null)) };
}

/** Rows of a figure's table at most: a person reads them one by one. */
const mostRows = 40;

/** The numbers of a figure, one table for each model. */
export function tablesOf(models: readonly ComparedModel[], figure: FigureKind): DataTable[] {
  const names = { step: ['step', 'training loss'], seconds: ['seconds', 'training loss'], lag: ['lag', 'gradient (lag 0 = 1)'] };
  return models.flatMap((model) => {
    const line = lineOf(model, figure);
    if (!line) return [];
    const stride = Math.ceil(line.x.length / mostRows);
    const kept = line.x.map((_, i) => i).filter((i) => i % stride === 0 || i === line.x.length - 1);
    return [{ caption: model.label, columns: names[figure], rows: kept.map((i) => [line.x[i] ?? 0, line.y[i] ?? '—']) }];
  });
}

/** What each model is and reached. */
export function overviewTable(models: readonly ComparedModel[]): DataTable {
  const unit = models.every(({ lossKind }) => lossKind === 'tokens') ? ' (nats)' : '';
  const inBits = models.some(({ bitsPerToken }) => bitsPerToken !== undefined);
  return {
    caption: 'Size, speed and result of each model',
    columns: ['Model', 'Layers', 'Parameters', 'Steps', 'Seconds', 'Tokens/s', `Training loss${unit}`, `Validation loss${unit}`, ...(inBits ? ['Bits/token'] : []), 'Reach (steps)'],
    rows: models.map((model) => [
      model.state === 'done' ? model.label : `${model.label} (${model.state})`,
      model.layers,
      formatCount(model.parameters),
      formatCount(model.steps),
      model.seconds?.toFixed(1) ?? '—',
      model.tokensPerSecond === undefined ? '—' : formatCount(Math.round(model.tokensPerSecond)),
      formatNumber(model.loss),
      formatNumber(model.validationLoss),
      ...(inBits ? [formatNumber(model.bitsPerToken)] : []),
      reachText(model),
    ]),
  };
}

/** A reach as far as the text goes may be longer. */
function reachText({ reach, lags }: ComparedModel): string {
  if (reach === undefined) return '—';
  return reach > 0 && reach + 1 === lags?.length ? `≥ ${formatCount(reach)}` : formatCount(reach);
}

/** Why some models have no line in the figure by lag, said once for each reason. */
export function lagReasons(models: readonly ComparedModel[]): string[] {
  const reasons = new Map<string, string[]>();
  for (const { label, noLags } of models) if (noLags !== undefined) reasons.set(noLags, [...(reasons.get(noLags) ?? []), label]);
  return [...reasons].map(([reason, labels]) => `No gradient by lag for ${labels.join(', ')}. ${reason}`);
}

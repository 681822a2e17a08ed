import { max, minIndex } from 'd3-array';
import { scaleLinear, scaleLog } from 'd3-scale';
import type { Diagnosis } from '../../../src/shared/diagnosis';
import { formatExact, formatNumber } from '../../format';
import { labelFont, strongFont, tickFont } from '../../plots/axisDrawing';
import { drawRule, drawText } from '../../plots/drawing';
import type { Surface } from '../../plots/surface';
import { mix, type Theme } from '../../theme';
import type { LensReading } from '../../ui/lens';
import { carriedLag, carriedShare } from './verdictText';

const left = 64;
const right = 58;
const rowHeight = 26;
const gap = 3;

/** Height of the chart with its axis. */
export const chartHeight = 3 * (rowHeight + gap) + 18;

/** x of a lag. Lags are few and far between at the far end: near ones get more room. */
function lagPlaces(lags: readonly number[], width: number): (lag: number) => number {
  const place = scaleLinear([0, Math.sqrt(lags.at(-1) ?? 1)], [left, width - right]);
  return (lag) => place(Math.sqrt(lag));
}

/** The numbers of the measured lag that is nearest to x. */
export function verdictAt({ lags, carry, demand, demandLow, demandHigh, use, useLow, useHigh }: Diagnosis, width: number, at: number): LensReading | undefined {
  if (at < left - 4 || at > width - right + 4) return undefined;
  const x = lagPlaces(lags, width);
  const index = minIndex(lags, (lag) => Math.abs(x(lag) - at));
  const interval = (name: string, [value, low, high]: readonly (number | undefined)[]): string => `${name} ${formatExact(value)} (95 %: ${formatExact(low)} to ${formatExact(high)})`;
  return { lines: [`lag ${lags[index] ?? 0}`, `carry ${formatExact(carry[index])}`, interval('demand', [demand[index], demandLow[index], demandHigh[index]]), interval('use', [use[index], useLow[index], useHigh[index]])] };
}

/** Carry, demand and use over one axis of lags. */
export function drawVerdictChart(surface: Surface, theme: Theme, diagnosis: Diagnosis, width: number): void {
  const { lags, carry, demand, demandLow, demandHigh, use, useLow, useHigh, wantedLag } = diagnosis;
  const last = lags.at(-1) ?? 1;
  const x = lagPlaces(lags, width);
  const top = (row: number): number => 2 + row * (rowHeight + gap);
  const bottom = top(2) + rowHeight;
  const name = { color: theme.foreground, font: labelFont(theme), align: 'right' as const };
  const tick = { color: theme.muted, font: tickFont(theme) };

  const carried = carriedLag(diagnosis);
  if (wantedLag !== null && carried < wantedLag) {
    surface.fillStyle = mix(theme.limit, 12);
    surface.fillRect(x(carried), top(0), x(wantedLag) - x(carried), bottom - top(0));
  }
  ['carry', 'demand', 'use'].forEach((label, row) => {
    drawText(surface, label, left - 8, top(row) + rowHeight / 2, name);
    drawRule(surface, [left, top(row) + rowHeight], [width - right, top(row) + rowHeight], theme.frame);
  });

  const decades = scaleLog([1e-6, Math.max(1, max(carry) ?? 1)], [top(0) + rowHeight, top(0)]).clamp(true);
  drawRule(surface, [left, decades(carriedShare)], [width - right, decades(carriedShare)], theme.limit, { dash: [3, 3] });
  drawText(surface, '1 %', width - right + 5, decades(carriedShare), { ...tick, color: theme.limit });
  surface.beginPath();
  lags.forEach((lag, i) => surface.lineTo(x(lag), decades(Math.max(1e-9, carry[i] ?? 0))));
  surface.strokeStyle = theme.hidden;
  surface.lineWidth = 1.9;
  surface.stroke();

  for (const [row, values, low, high, color] of [
    [1, demand, demandLow, demandHigh, theme.demand],
    [2, use, useLow, useHigh, theme.use],
  ] as const) {
    const most = max([...high, 1e-9]) ?? 1;
    const y = scaleLinear([0, most], [top(row) + rowHeight, top(row) + 3]).clamp(true);
    lags.forEach((lag, i) => {
      const height = top(row) + rowHeight - y(Math.max(0, values[i] ?? 0));
      surface.fillStyle = color;
      surface.fillRect(x(lag) - 2, top(row) + rowHeight - height, 4, height);
      drawRule(surface, [x(lag), y(Math.max(0, low[i] ?? 0))], [x(lag), y(Math.max(0, high[i] ?? 0))], theme.foreground);
    });
    drawText(surface, formatNumber(most), width - right + 5, top(row) + 6, tick);
  }

  const marked = [[carried, theme.hidden], ...(wantedLag === null ? [] : [[wantedLag, theme.demand] as const])] as const;
  const ticks = lags.filter((lag) => [0, 4, 16, 64, 256].includes(lag) || lag === last);
  let free = -Infinity;
  for (const lag of ticks) {
    if (x(lag) - free < 22 || marked.some(([other]) => Math.abs(x(lag) - x(other)) < 18)) continue;
    drawText(surface, String(lag), x(lag), bottom + 10, { ...tick, align: 'center' });
    free = x(lag);
  }
  drawText(surface, 'lag', left - 8, bottom + 10, { ...tick, align: 'right' });
  // What is wanted stands over what is carried where both are close.
  for (const [lag, color] of marked) {
    drawRule(surface, [x(lag), top(0)], [x(lag), bottom + 3], color, { width: 1.5 });
    if (lag === wantedLag || wantedLag === null || Math.abs(x(lag) - x(wantedLag)) >= 18) drawText(surface, String(lag), x(lag), bottom + 10, { color, font: strongFont(theme), align: 'center', halo: theme.background });
  }
}

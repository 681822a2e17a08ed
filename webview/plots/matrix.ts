import type { Surface } from './surface';
import type { Theme } from '../theme';
import { drawRule, drawText, type Box } from './drawing';
import { labelFont, strongFont, tickFont } from './axisDrawing';
import { reachShare } from '../../src/shared/flow';
import type { Numbers } from './numbers';
import { decades } from './scales';

/** Mean flow by lag, as the inset shows it. */
export interface LagCurve {
  readonly mean: Numbers;
  readonly reach: number;
  readonly layer: number;
}

const scale = decades(-8, 0, 2);

/** Draws the per-lag mean curve with the reach marked, title included, into a box. */
export function drawLagCurve(surface: Surface, theme: Theme, curve: LagCurve, box: Box): void {
  const { mean, reach } = curve;
  const narrow = box.width < 260;
  const plot = curveBox(box);
  const most = Math.max(1, mean.length - 1);
  const x = (lag: number): number => plot.x + (lag / most) * plot.width;
  const y = (value: number): number => plot.y + (1 - scale.place(value)) * plot.height;
  drawText(surface, narrow ? 'mean by lag t − k' : 'mean over each diagonal, by lag t − k (steps)', plot.x, box.y + 7, { color: theme.foreground, font: labelFont(theme) });
  const sparse = plot.height < 60;
  scale.ticks.forEach(({ value, label }, index) => {
    drawRule(surface, [plot.x, y(value)], [plot.x + plot.width, y(value)], theme.grid);
    if (!sparse || index % 2 === 0) drawText(surface, label, plot.x - 5, y(value), { color: theme.muted, font: tickFont(theme), align: 'right' });
  });
  const every = lagStep(most, plot.width);
  for (let lag = 0; lag <= most; lag += every) drawText(surface, String(lag), x(lag), plot.y + plot.height + 9, { color: theme.muted, font: tickFont(theme), align: 'center' });
  const threshold = reachShare * (mean[0] ?? 0);
  if (threshold > 0) {
    drawRule(surface, [plot.x, y(threshold)], [plot.x + plot.width, y(threshold)], theme.frame, { dash: [3, 3] });
    drawText(surface, '1 % of lag 0', plot.x + plot.width, y(threshold) + 8, { color: theme.muted, font: tickFont(theme), align: 'right', halo: theme.background });
    drawRule(surface, [x(reach), plot.y], [x(reach), plot.y + plot.height], theme.foreground, { dash: [4, 3] });
  }
  surface.beginPath();
  mean.forEach((value, lag) => surface.lineTo(x(lag), y(value)));
  surface.strokeStyle = theme.hidden;
  surface.lineWidth = 2;
  surface.lineJoin = 'round';
  surface.stroke();
  const right = x(reach) + 6 + 90 < plot.x + plot.width;
  if (threshold > 0) drawText(surface, `reach ${reach} (layer ${curve.layer})`, x(reach) + (right ? 6 : -6), plot.y + 6, { color: theme.foreground, font: strongFont(theme), align: right ? 'left' : 'right', halo: theme.background });
}

/** The curve's own room in the box of the inset. */
function curveBox(box: Box): Box {
  return { x: box.x + 30, y: box.y + 20, width: box.width - 38, height: box.height - 36 };
}

/** The lag of the curve of `lags` points at a point; undefined beside it. */
export function lagAt(box: Box, lags: number, x: number, y: number): number | undefined {
  const plot = curveBox(box);
  if (x < plot.x || x > plot.x + plot.width || y < box.y || y > box.y + box.height) return undefined;
  return Math.round(((x - plot.x) / plot.width) * Math.max(1, lags - 1));
}

function lagStep(most: number, width: number): number {
  for (const step of [1, 2, 5, 10, 20, 50, 100, 200, 500]) if ((step / most) * width >= 34) return step;
  return 1000;
}

/** The diagonal that lies `lag` steps from the main one, in black and white dashes that show on every colour. */
export function drawDiagonal(surface: Surface, from: readonly [number, number], to: readonly [number, number]): void {
  drawRule(surface, from, to, '#000000', { width: 1.5 });
  drawRule(surface, from, to, '#ffffff', { width: 1.5, dash: [4, 4] });
}

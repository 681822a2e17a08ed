import type { Surface } from './surface';
import type { Theme } from '../theme';
import { drawRule, drawText } from './drawing';
import type { UnitScale } from './scales';
import { columnCentre, columnTicks, plotRight, type TimeAxis } from './timeAxis';

/** CSS font of tick labels, units and legends, and emphasised labels. */
export const tickFont = (theme: Theme): string => `${theme.tickSize} ${theme.font}`;
export const labelFont = (theme: Theme): string => `${theme.labelSize} ${theme.font}`;
export const strongFont = (theme: Theme): string => `600 ${theme.labelSize} ${theme.font}`;

/** Grid lines and labels left of a plot for a vertical scale; `height` pixels from `top`. */
export function drawVerticalScale(surface: Surface, theme: Theme, axis: TimeAxis, scale: UnitScale, top: number, height: number): void {
  for (const { value, label } of scale.ticks) {
    const y = top + (1 - scale.place(value)) * height;
    drawRule(surface, [axis.gutter, y], [plotRight(axis), y], theme.grid);
    drawText(surface, label, axis.gutter - 6, Math.min(Math.max(y, top + 5), top + height - 4), { color: theme.muted, font: tickFont(theme), align: 'right' });
  }
}

/** Numbers of the columns, centred at `y`. */
export function drawTimeLabels(surface: Surface, theme: Theme, axis: TimeAxis, y: number): void {
  for (const column of columnTicks(axis)) drawText(surface, String(column), columnCentre(axis, column), y, { color: theme.muted, font: tickFont(theme), align: 'center' });
}

import { max } from 'd3-array';
import { scaleLog } from 'd3-scale';
import type { GateSpectrum } from '../../../src/shared/weights';
import { formatExact } from '../../format';
import { labelFont, tickFont } from '../../plots/axisDrawing';
import { drawRule, drawText } from '../../plots/drawing';
import { powerOfTen } from '../../plots/scales';
import type { Surface } from '../../plots/surface';
import type { Theme } from '../../theme';
import type { LensReading } from '../../ui/lens';

/** Height of the plot in CSS pixels. */
export const spectraHeight = 96;

function frameOf(width: number): { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number } {
  return { left: 34, right: width - 12, top: 14, bottom: spectraHeight - 18 };
}

/** The singular values of the rank at x. */
export function spectraAt(gates: readonly GateSpectrum[], width: number, x: number): LensReading | undefined {
  const { left, right } = frameOf(width);
  const count = gates[0]?.singularValues.length ?? 0;
  const rank = Math.round(((x - left) / (right - left)) * (count - 1));
  if (rank < 0 || rank >= count) return undefined;
  return { lines: [`rank ${rank + 1} of ${count}`, ...gates.map(({ gate, singularValues }) => `σ${gates.length > 1 ? ` of ${gate}` : ''} ${formatExact(singularValues[rank])}`)] };
}

const dashes: readonly (readonly number[])[] = [[], [6, 3], [2, 3], [9, 3, 2, 3]];

/** Decades below the largest singular value that are shown: what is smaller is all but lost in a step. */
const shownDecades = 3;

/** Singular values of every gate by rank, on one log scale, each line named in place. */
export function drawSpectra(surface: Surface, theme: Theme, gates: readonly GateSpectrum[], width: number): void {
  const frame = frameOf(width);
  const top = max(gates, ({ singularValues }) => singularValues[0]) || 1;
  const height01 = scaleLog([top * 10 ** -shownDecades, top * 1.15], [frame.bottom, frame.top]).clamp(true);
  const count = gates[0]?.singularValues.length ?? 1;
  const x = (rank: number): number => frame.left + (rank / Math.max(1, count - 1)) * (frame.right - frame.left);
  const y = (value: number): number => (value > 0 ? height01(value) : frame.bottom);
  const tick = { color: theme.muted, font: tickFont(theme) } as const;
  drawText(surface, 'singular values by rank', frame.left, 6, { color: theme.muted, font: labelFont(theme) });
  for (const value of height01.ticks(3).filter((each) => Number.isInteger(Math.log10(each)))) {
    drawRule(surface, [frame.left, y(value)], [frame.right, y(value)], value === 1 ? theme.frame : theme.grid, value === 1 ? { dash: [5, 4] } : {});
    drawText(surface, powerOfTen(Math.log10(value)), frame.left - 5, y(value), { ...tick, align: 'right' });
  }
  drawText(surface, '1', frame.left, spectraHeight - 8, tick);
  drawText(surface, String(count), frame.right, spectraHeight - 8, { ...tick, align: 'right' });
  gates.forEach(({ gate, singularValues }, index) => {
    surface.beginPath();
    singularValues.forEach((value, rank) => surface.lineTo(x(rank), y(value)));
    surface.strokeStyle = theme.hidden;
    surface.lineWidth = 1.5;
    surface.setLineDash([...(dashes[index] ?? [])]);
    surface.stroke();
    surface.setLineDash([]);
    if (gates.length === 1) return;
    const rank = Math.floor((count - 1) * (0.3 + 0.18 * index));
    drawText(surface, gate, x(rank), y(singularValues[rank] ?? 0) - 7, { color: theme.foreground, font: labelFont(theme), halo: theme.background });
  });
}

import { scaleLinear, scaleLog } from 'd3-scale';
import { labelFont, tickFont } from '../../plots/axisDrawing';
import { drawRule, drawText } from '../../plots/drawing';
import { powerOfTen } from '../../plots/scales';
import type { Surface } from '../../plots/surface';
import type { Theme } from '../../theme';

/** What is left of a change of the state by lag, one line a layer. */
export interface DecayInput {
  readonly theme: Theme;
  readonly width: number;
  readonly height: number;
  readonly lines: readonly DecayLine[];
}

export interface DecayLine {
  /** From lag 0 on. */
  readonly values: readonly number[];
  readonly color: string;
  readonly dash: readonly number[];
}

/** Room for ticks, in CSS pixels. */
const edge = { left: 34, right: 12, top: 8, bottom: 30 };

/** The same decades whatever is drawn, and as many above 1 as what grows needs. */
const lowest = 1e-8;
const highest = 1e8;

/** Share of lag 0 that still counts as reaching. */
const reaching = 0.01;

/** x of a lag, and the lag at an x; the same for all drawings of this width. */
export function lagScale(width: number, longest: number): { readonly x: (lag: number) => number; readonly lag: (x: number) => number | undefined } {
  const scale = scaleLinear([0, longest], [edge.left, width - edge.right]);
  return {
    x: scale,
    lag: (x) => {
      const lag = Math.round(scale.invert(x));
      return lag < 0 || lag > longest ? undefined : lag;
    },
  };
}

/** Draws the curves over absolute decades, with the line below which nothing is said to arrive. */
export function drawDecay(surface: Surface, { theme, width, height, lines }: DecayInput): void {
  const longest = Math.max(1, ...lines.map(({ values }) => values.length - 1));
  const most = Math.max(1, ...lines.flatMap(({ values }) => values.filter(Number.isFinite)));
  const top = Math.min(highest, 10 ** (2 * Math.ceil(Math.log10(most) / 2 - 0.05)));
  const { x } = lagScale(width, longest);
  const [right, bottom] = [width - edge.right, height - edge.bottom];
  const y = scaleLog([lowest, top], [bottom, edge.top]).clamp(true);
  for (let exponent = Math.log10(top); exponent >= -8; exponent -= 2) {
    const level = y(10 ** exponent);
    drawRule(surface, [edge.left, level], [right, level], theme.grid);
    drawText(surface, powerOfTen(exponent), edge.left - 5, level, { color: theme.muted, font: tickFont(theme), align: 'right' });
  }
  for (let lag = 0; lag <= longest; lag += 50) drawText(surface, String(lag), x(lag), bottom + 9, { color: theme.muted, font: tickFont(theme), align: 'center' });
  drawText(surface, 'lag, timesteps back', (edge.left + right) / 2, height - 7, { color: theme.muted, font: labelFont(theme), align: 'center' });
  drawRule(surface, [edge.left, y(reaching)], [right, y(reaching)], theme.limit, { dash: [4, 3] });
  for (const { values, color, dash } of lines) {
    surface.beginPath();
    let inside = true;
    values.forEach((value, lag) => {
      // A line that has left the decades ends at their edge.
      if (inside) surface.lineTo(x(lag), y(Math.max(lowest, Number.isFinite(value) ? value : highest)));
      inside = value > lowest;
    });
    surface.lineJoin = 'round';
    surface.strokeStyle = color;
    surface.lineWidth = dash.length > 0 ? 1.5 : 2;
    surface.setLineDash([...dash]);
    surface.stroke();
    surface.setLineDash([]);
  }
  drawText(surface, '1 %', right - 2, y(reaching) + 8, { color: theme.limit, font: labelFont(theme), align: 'right', halo: theme.background });
}

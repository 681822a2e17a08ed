import { formatExact } from '../../format';
import { drawVerticalScale, labelFont } from '../../plots/axisDrawing';
import { drawText, drawVerticalText } from '../../plots/drawing';
import type { Numbers } from '../../plots/numbers';
import { clipToPlot, drawLine } from '../../plots/ribbon';
import { gradientDecades } from '../../plots/scales';
import type { Surface } from '../../plots/surface';
import { columnAt, plotRight } from '../../plots/timeAxis';
import { stepsToLastLoss } from '../../plots/tokenModel';
import type { LensReading } from '../../ui/lens';
import type { Scene } from '../scene';

/** Height of the strip in CSS pixels. */
export const flowSumsHeight = 84;

/** What the strip shows, as long as there is room for. */
const words = ['dashed: sum of the norms; solid: norm of the sum, ‖∂L/∂hₖ‖; the gap is what cancels (both over the number of losses)', 'dashed: sum of norms; solid: norm of the sum; the gap cancels', 'dashed Σ‖·‖, solid ‖Σ·‖'];

/** Σₜ‖∂ℓₜ/∂hₖ‖ / P beside ‖Σₜ∂ℓₜ/∂hₖ‖ / P = ‖∂L/∂hₖ‖ over steps k, L the mean of P losses: what the first has more cancels. */
export function drawFlowSums(surface: Surface, scene: Scene, sums: Numbers | undefined, total: Numbers | undefined): void {
  const { theme, axis, layer, narrow, summary } = scene;
  const [top, height] = [6, flowSumsHeight - 12];
  drawVerticalScale(surface, theme, axis, gradientDecades, top, height);
  drawVerticalText(surface, 'over t', narrow === 'narrow' ? 6 : 18, top + height / 2, { color: theme.foreground, font: labelFont(theme) });
  const y = (value: number): number => top + (1 - gradientDecades.place(value)) * height;
  const steps = layer.reading === 'forward' && layer.reached === 'later' ? stepsToLastLoss(summary.losses) : undefined;
  clipToPlot(surface, axis, top - 2, height + 4, () => {
    if (sums) drawLine(surface, axis, meanSums(sums, layer.losses).subarray(0, steps), y, { color: theme.hidden, width: 1.5, dash: [5, 3] });
    if (total) drawLine(surface, axis, total.subarray(0, steps), y, { color: theme.hidden, width: 1.9 });
  });
  surface.font = labelFont(theme);
  const room = plotRight(axis) - axis.gutter - 8;
  const text = layer.has('flow') ? (words.find((each) => surface.measureText(each).width <= room) ?? '') : 'this trace has no flow';
  drawText(surface, text, axis.gutter + 4, top + height - 9, { color: theme.muted, font: labelFont(theme), halo: theme.background });
}

/** Both sums of the step under x. */
export function flowSumsAt({ axis, layer }: Scene, x: number): LensReading | undefined {
  const k = columnAt(axis, x);
  if (k === undefined || k >= layer.steps) return undefined;
  const sums = layer.flowSums;
  return { lines: [`step ${k}, over ${layer.losses} losses`, `sum of the norms ${formatExact(sums && (sums[k] ?? Number.NaN) / Math.max(1, layer.losses))}`, `norm of the sum ‖∂L/∂hₖ‖ ${formatExact(layer.norm('grad.h')?.[k])}`] };
}

/** Sums of norms over the number of losses, as ∂L/∂h has them. */
export function meanSums(sums: Numbers, losses: number): Float64Array {
  return Float64Array.from(sums, (sum) => sum / Math.max(1, losses));
}

import { drawVerticalScale, labelFont } from '../../plots/axisDrawing';
import { drawText, drawVerticalText } from '../../plots/drawing';
import type { Numbers } from '../../plots/numbers';
import { clipToPlot, drawLine } from '../../plots/ribbon';
import { gradientDecades } from '../../plots/scales';
import type { Surface } from '../../plots/surface';
import { plotRight } from '../../plots/timeAxis';
import { stepsToLastLoss } from '../../plots/tokenModel';
import type { Scene } from '../scene';

/** Height of the strip in CSS pixels. */
export const flowSumsHeight = 84;

/** Σₜ‖∂ℓₜ/∂hₖ‖ / P beside ‖Σₜ∂ℓₜ/∂hₖ‖ / P = ‖∂L/∂hₖ‖ over steps k, L the mean of P losses: what the first has more cancels. */
export function drawFlowSums(surface: Surface, scene: Scene, sums: Numbers | undefined, total: Numbers | undefined): void {
  const { theme, axis, layer, narrow, summary } = scene;
  const [top, height] = [6, flowSumsHeight - 12];
  drawVerticalScale(surface, theme, axis, gradientDecades, top, height);
  drawVerticalText(surface, 'over t', narrow === 'narrow' ? 6 : 18, top + height / 2, { color: theme.foreground, font: labelFont(theme) });
  const y = (value: number): number => top + (1 - gradientDecades.place(value)) * height;
  const steps = layer.reading === 'forward' && layer.reached === 'later' ? stepsToLastLoss(summary.losses) : undefined;
  clipToPlot(surface, axis, top - 2, height + 4, () => {
    if (sums) drawLine(surface, axis, meanSums(sums, layer.losses).subarray(0, steps), y, { color: theme.cell, width: 1.9 });
    if (total) drawLine(surface, axis, total.subarray(0, steps), y, { color: theme.hidden, width: 1.9 });
  });
  const words = narrow === 'narrow' ? 'the gap between sum of norms and norm of sum cancels' : 'sum of the norms, and norm of the sum: the gap is what cancels (both over the number of losses)';
  drawText(surface, words, axis.gutter + 4, top + height - 7, { color: theme.muted, font: labelFont(theme), halo: theme.background });
  if (!layer.has('flow')) drawText(surface, 'this trace has no flow', (axis.gutter + plotRight(axis)) / 2, top + height / 2, { color: theme.muted, font: labelFont(theme), align: 'center' });
}

/** Sums of norms over the number of losses, as ∂L/∂h has them. */
export function meanSums(sums: Numbers, losses: number): Float64Array {
  return Float64Array.from(sums, (sum) => sum / Math.max(1, losses));
}

import { sample } from '../plots/plot';
import { dashedKey, type LegendEntry } from '../ui/legend';

/** How a model's line looks in every figure: hue and dashes both tell it apart. */
export interface LineLook {
  readonly color: string;
  readonly dash: readonly number[];
}

/** The first three stay apart for colour-blind people too. */
const hues = ['charts-blue', 'charts-yellow', 'foreground', 'charts-purple', 'charts-green', 'charts-red'] as const;
const dashes: readonly (readonly number[])[] = [[], [7, 4], [2, 3], [10, 3, 2, 3], [14, 5], [5, 2, 5, 6]];

/** The look of model `index`; hues come round after six models, with other dashes beside them. */
export function lineLook(index: number): LineLook {
  const style = getComputedStyle(document.body);
  const color = style.getPropertyValue(`--vscode-${hues[index % hues.length] ?? 'foreground'}`).trim() || style.color;
  const round = Math.floor(index / hues.length);
  return { color, dash: dashes[(index + round) % dashes.length] ?? [] };
}

/** Width of a sample in CSS pixels: the longest dashes twice. */
const sampleWidth = 30;

/** A sample of a line with its label, for legends. */
export function lineLabel(label: string, { color, dash }: LineLook): LegendEntry {
  return dashedKey(label, color, dash, sampleWidth);
}

/** A sample of a line. */
export function lineSample(look: LineLook): HTMLCanvasElement {
  const { width, height, paint } = lineLabel('', look);
  return sample(width, height, paint);
}

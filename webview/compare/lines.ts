import { PlotCanvas } from '../plots/canvas';
import { element } from '../ui/dom';

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

/** A sample of a line. */
export function lineSample({ color, dash }: LineLook): HTMLCanvasElement {
  const canvas = new PlotCanvas();
  const context = canvas.begin(30, 10);
  context.strokeStyle = color;
  context.lineWidth = 2;
  context.setLineDash([...dash]);
  context.beginPath();
  context.moveTo(0, 5);
  context.lineTo(30, 5);
  context.stroke();
  return canvas.element;
}

/** A sample of a line with its label, for legends. */
export function lineLabel(label: string, look: LineLook): HTMLElement {
  return element('span', { class: 'key', children: [lineSample(look), label] });
}

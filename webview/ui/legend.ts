import type { ColorMap } from '../colorMaps';
import { PlotCanvas } from '../plots/canvas';
import { drawCells } from '../plots/heatmap';
import { element } from './dom';

/** A sample of a line with its label. */
export function lineKey(label: string, color: string, look: 'solid' | 'dashed' = 'solid'): HTMLElement {
  const canvas = new PlotCanvas();
  const context = canvas.begin(18, 10);
  context.strokeStyle = color;
  context.lineWidth = 2;
  context.setLineDash(look === 'dashed' ? [4, 3] : []);
  context.beginPath();
  context.moveTo(1, 5);
  context.lineTo(17, 5);
  context.stroke();
  return element('span', { class: 'key', children: [canvas.element, label] });
}

/** A sample of an area with its label. */
export function areaKey(label: string, fills: readonly string[], frame: string): HTMLElement {
  const canvas = new PlotCanvas();
  const context = canvas.begin(18, 11);
  for (const fill of fills) {
    context.fillStyle = fill;
    context.fillRect(0, 0, 18, 11);
  }
  context.strokeStyle = frame;
  context.strokeRect(0.5, 0.5, 17, 10);
  return element('span', { class: 'key', children: [canvas.element, label] });
}

/** The colours of a map between the values at its ends. */
export function scaleBar(label: string, low: string, high: string, map: ColorMap, frame: string): HTMLElement {
  const canvas = new PlotCanvas();
  const width = 90;
  const context = canvas.begin(width, 9);
  drawCells(context, { columns: width, rows: 1, place: (column) => column / (width - 1) }, map, { x: 0, y: 0, width, height: 9 });
  context.strokeStyle = frame;
  context.lineWidth = 1;
  context.strokeRect(0.5, 0.5, width - 1, 8);
  return element('span', { class: 'key scale-bar', children: [...(label === '' ? [] : [element('span', { text: label })]), element('span', { text: low }), canvas.element, element('span', { text: high })] });
}

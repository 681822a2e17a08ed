import { labelFont } from '../plots/axisDrawing';
import { drawText } from '../plots/drawing';
import type { Plot } from '../plots/plot';
import type { Paint, Surface } from '../plots/surface';
import { SvgSurface } from '../plots/svgSurface';
import type { Theme } from '../theme';
import type { DataTable } from './dataTable';
import type { LegendEntry } from './legend';

/** A plot and where it stands in its figure, in CSS pixels. */
export interface PlacedPlot {
  readonly plot: Plot;
  readonly x: number;
  readonly y: number;
}

/** All that a figure shows. */
export interface ExportedFigure {
  readonly name: string;
  readonly note: string;
  readonly legend: readonly LegendEntry[];
  readonly plots: readonly PlacedPlot[];
  readonly tables: readonly DataTable[];
}

/** A figure laid out as a picture of its own. */
interface Picture {
  readonly width: number;
  readonly height: number;
  readonly paint: Paint;
}

const padding = 12;
const rowHeight = 20;

/** The picture as an SVG document, with text as text and lines as lines. */
export function svgOf(figure: ExportedFigure, theme: Theme): string {
  const surface = new SvgSurface();
  const { width, height, paint } = pictureOf(figure, theme);
  paint(surface);
  return surface.document(width, height, figure.name);
}

/** The picture as a PNG with two pixels for each CSS pixel. */
export async function pngOf(figure: ExportedFigure, theme: Theme): Promise<Blob> {
  const { width, height, paint } = pictureOf(figure, theme);
  const canvas = document.createElement('canvas');
  canvas.width = Math.ceil(2 * width);
  canvas.height = Math.ceil(2 * height);
  const context = canvas.getContext('2d');
  if (!context) throw new Error('This window cannot draw on a canvas.');
  context.scale(2, 2);
  paint(context);
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The picture is too large for an image.'))), 'image/png'));
}

/** The tables as comma-separated values (RFC 4180), numbers in full; a blank line and the caption stand before each further one. */
export function csvOf(tables: readonly DataTable[]): string {
  return tables.map(({ caption, columns, rows }) => [...(tables.length > 1 ? [[caption]] : []), columns, ...rows].map((row) => row.map(csvCell).join(',')).join('\r\n')).join('\r\n\r\n') + '\r\n';
}

function csvCell(cell: string | number): string {
  if (typeof cell === 'number') return Number.isNaN(cell) ? '' : String(cell);
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** Title and note, the legend in as many rows as it needs, and the plots. */
function pictureOf({ name, note, legend, plots }: ExportedFigure, theme: Theme): Picture {
  const width = Math.max(240, ...plots.map(({ plot, x }) => x + plot.width)) + 2 * padding;
  const rows = legendRows(legend, width - 2 * padding);
  const top = padding + rowHeight * (1 + rows.length) + 4;
  const height = top + Math.max(0, ...plots.map(({ plot, y }) => y + plot.height)) + padding;
  return {
    width: Math.ceil(width),
    height: Math.ceil(height),
    paint(surface) {
      surface.fillStyle = theme.background;
      surface.fillRect(0, 0, Math.ceil(width), Math.ceil(height));
      const title = { color: theme.foreground, font: `600 ${theme.titleSize} ${theme.font}` };
      drawText(surface, name, padding, padding + 8, title);
      drawText(surface, note, padding + surface.measureText(name).width + 10, padding + 8, { color: theme.muted, font: `${theme.titleSize} ${theme.font}` });
      rows.forEach((row, index) => drawLegend(surface, theme, row, padding + rowHeight * (index + 1) + 8));
      for (const { plot, x, y } of plots) {
        surface.save();
        surface.translate(padding + x, top + y);
        plot.paint(surface);
        surface.restore();
      }
    },
  };
}

const characterWidth = 6.2;
const entryWidth = ({ label, width, ends }: LegendEntry): number => width + characterWidth * (label.length + (ends ? ends.join('').length : 0)) + 30;

function legendRows(legend: readonly LegendEntry[], width: number): LegendEntry[][] {
  const rows: LegendEntry[][] = [];
  let left = 0;
  for (const entry of legend) {
    const wide = entryWidth(entry);
    const row = rows.at(-1);
    if (row && left + wide <= width) row.push(entry);
    else {
      rows.push([entry]);
      left = 0;
    }
    left += wide;
  }
  return rows;
}

function drawLegend(surface: Surface, theme: Theme, row: readonly LegendEntry[], y: number): void {
  const style = { color: theme.muted, font: labelFont(theme) };
  let x = padding;
  const write = (text: string): void => {
    if (text === '') return;
    drawText(surface, text, x, y, style);
    x += surface.measureText(text).width + 5;
  };
  for (const { label, width, height, ends, paint } of row) {
    if (ends) [label, ends[0]].forEach(write);
    surface.save();
    surface.translate(x, y - height / 2);
    paint(surface);
    surface.restore();
    x += width + 5;
    write(ends ? ends[1] : label);
    x += 12;
  }
}

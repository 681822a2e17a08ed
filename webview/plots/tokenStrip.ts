import type { ColorMap } from '../colorMaps';
import type { Theme } from '../theme';
import { drawText, type Box } from './drawing';
import { drawCells } from './heatmap';
import type { Surface } from './surface';
import { columnCentre, columnLeft, type TimeAxis } from './timeAxis';
import { isBlank, visibleToken } from './tokenModel';

/** A row of tokens, each on the colour of its number. */
export interface TokenRow {
  readonly tokens: readonly string[];
  /** Place of each token's number on the colour scale, NaN without one. */
  readonly place: (column: number) => number;
  readonly map: ColorMap;
}

/** Cells narrower than this show their colour only. */
const narrowestLetter = 7;

/** Draws the columns that the axis shows, each token cut to its cell. */
export function drawTokens(surface: Surface, theme: Theme, axis: TimeAxis, row: TokenRow, top: number, height: number): void {
  if (axis.cell < 1.5) return drawStrip(surface, row, axis.first, axis.count, { x: axis.gutter, y: top, width: axis.count * axis.cell, height });
  const last = Math.min(axis.first + axis.count, row.tokens.length);
  const size = Math.min(12.5, Math.max(10, axis.cell * 1.45));
  for (let column = axis.first; column < last; column++) {
    const place = row.place(column);
    const left = columnLeft(axis, column);
    surface.fillStyle = row.map.css(place);
    surface.fillRect(left, top, Math.max(1, axis.cell - (axis.cell > 5 ? 0.75 : 0)), height);
    const token = row.tokens[column] ?? '';
    if (axis.cell < narrowestLetter) continue;
    surface.font = `${size}px ${theme.tokenFont}`;
    const text = fitted(surface, visibleToken(token), axis.cell);
    const ink = Number.isNaN(place) ? theme.foreground : row.map.luminance(place) > 0.3 ? '#000000' : '#ffffff';
    surface.globalAlpha = isBlank(token) ? 0.7 : 1;
    drawText(surface, text, columnCentre(axis, column), top + height / 2 + 0.5, { color: ink, font: surface.font, align: 'center' });
    surface.globalAlpha = 1;
  }
}

/** A text cut to a width, with an ellipsis in place of what is lost. */
function fitted(surface: Surface, text: string, width: number): string {
  if (text.length <= 1 || surface.measureText(text).width <= width - 2) return text;
  for (let length = text.length - 1; length > 0; length--) {
    const shorter = `${text.slice(0, length)}…`;
    if (surface.measureText(shorter).width <= width - 2) return shorter;
  }
  return text.slice(0, 1);
}

/** Width of a column in which nine tokens of ten can be read whole; single characters need 9 pixels. */
export function readableCell(tokens: readonly string[], characterWidth: number): number {
  const lengths = tokens.map((token) => visibleToken(token).length).sort((a, b) => a - b);
  const typical = lengths[Math.floor(0.9 * (lengths.length - 1))] ?? 1;
  return typical <= 1 ? 9 : Math.min(80, Math.ceil(typical * characterWidth + 5));
}

/** Columns [first, first + count) squeezed into a box: more columns than pixels keep their largest number. */
function drawStrip(surface: Surface, row: Omit<TokenRow, 'tokens'>, first: number, count: number, box: Box): void {
  const pixels = Math.max(1, Math.round(box.width));
  const place = (pixel: number): number => {
    const from = first + Math.floor((pixel / pixels) * count);
    const to = Math.max(from + 1, first + Math.floor(((pixel + 1) / pixels) * count));
    let largest = Number.NaN;
    for (let column = from; column < to; column++) {
      const here = row.place(column);
      if (!(here <= largest)) largest = Number.isNaN(here) ? largest : here;
    }
    return largest;
  };
  drawCells(surface, { columns: pixels, rows: 1, place }, row.map, box);
}

/** The whole text in a strip with the shown part framed. */
export function drawOverview(surface: Surface, theme: Theme, axis: TimeAxis, row: Omit<TokenRow, 'tokens'>, box: Box): void {
  drawStrip(surface, row, 0, axis.total, { ...box, y: box.y + 2, height: box.height - 4 });
  const left = box.x + (axis.first / axis.total) * box.width;
  const width = (axis.count / axis.total) * box.width;
  surface.fillStyle = theme.background;
  surface.globalAlpha = 0.6;
  surface.fillRect(box.x, box.y, left - box.x, box.height);
  surface.fillRect(left + width, box.y, box.x + box.width - left - width, box.height);
  surface.globalAlpha = 1;
  surface.strokeStyle = theme.focus;
  surface.lineWidth = 1.5;
  surface.strokeRect(left, box.y + 0.75, width, box.height - 1.5);
}

import type { ColorMap } from '../colorMaps';
import type { Theme } from '../theme';
import { drawText, type Box } from './canvas';
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
export function drawTokens(context: CanvasRenderingContext2D, theme: Theme, axis: TimeAxis, row: TokenRow, top: number, height: number): void {
  const last = Math.min(axis.first + axis.count, row.tokens.length);
  const size = Math.min(12.5, Math.max(10, axis.cell * 1.45));
  for (let column = axis.first; column < last; column++) {
    const place = row.place(column);
    const left = columnLeft(axis, column);
    context.fillStyle = row.map.css(place);
    context.fillRect(left, top, Math.max(1, axis.cell - (axis.cell > 5 ? 0.75 : 0)), height);
    const token = row.tokens[column] ?? '';
    if (axis.cell < narrowestLetter) continue;
    context.font = `${size}px ${theme.tokenFont}`;
    const text = fitted(context, visibleToken(token), axis.cell);
    const ink = Number.isNaN(place) ? theme.foreground : row.map.luminance(place) > 0.3 ? '#000000' : '#ffffff';
    context.globalAlpha = isBlank(token) ? 0.7 : 1;
    drawText(context, text, columnCentre(axis, column), top + height / 2 + 0.5, { color: ink, font: context.font, align: 'center' });
    context.globalAlpha = 1;
  }
}

/** A text cut to a width, with an ellipsis in place of what is lost. */
function fitted(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (text.length <= 1 || context.measureText(text).width <= width - 2) return text;
  for (let length = text.length - 1; length > 0; length--) {
    const shorter = `${text.slice(0, length)}…`;
    if (context.measureText(shorter).width <= width - 2) return shorter;
  }
  return text.slice(0, 1);
}

/** Width of a column in which nine tokens of ten can be read whole; single characters need 9 pixels. */
export function readableCell(tokens: readonly string[], characterWidth: number): number {
  const lengths = tokens.map((token) => visibleToken(token).length).sort((a, b) => a - b);
  const typical = lengths[Math.floor(0.9 * (lengths.length - 1))] ?? 1;
  return typical <= 1 ? 9 : Math.min(80, Math.ceil(typical * characterWidth + 5));
}

/** The whole text in a strip with the shown part framed; more columns than pixels keep their largest number. */
export function drawOverview(context: CanvasRenderingContext2D, theme: Theme, axis: TimeAxis, row: Omit<TokenRow, 'tokens'>, box: Box): void {
  const pixels = Math.max(1, Math.round(box.width));
  for (let pixel = 0; pixel < pixels; pixel++) {
    const from = Math.floor((pixel / pixels) * axis.total);
    const to = Math.max(from + 1, Math.floor(((pixel + 1) / pixels) * axis.total));
    let place = Number.NaN;
    for (let column = from; column < to; column++) {
      const here = row.place(column);
      if (!(here <= place)) place = Number.isNaN(here) ? place : here;
    }
    context.fillStyle = row.map.css(place);
    context.fillRect(box.x + pixel, box.y + 2, 1, box.height - 4);
  }
  const left = box.x + (axis.first / axis.total) * box.width;
  const width = (axis.count / axis.total) * box.width;
  context.fillStyle = theme.background;
  context.globalAlpha = 0.6;
  context.fillRect(box.x, box.y, left - box.x, box.height);
  context.fillRect(left + width, box.y, box.x + box.width - left - width, box.height);
  context.globalAlpha = 1;
  context.strokeStyle = theme.focus;
  context.lineWidth = 1.5;
  context.strokeRect(left, box.y + 0.75, width, box.height - 1.5);
}

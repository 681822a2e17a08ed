import type { Surface } from './surface';

/** A rectangle in CSS pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** How a text is written. */
export interface TextStyle {
  readonly color: string;
  /** CSS font shorthand. */
  readonly font: string;
  readonly align?: CanvasTextAlign;
  readonly baseline?: CanvasTextBaseline;
  /** Painted round the letters so that lines beneath do not cross them out. */
  readonly halo?: string;
}

/** Writes a text at a point. */
export function drawText(surface: Surface, text: string, x: number, y: number, style: TextStyle): void {
  surface.font = style.font;
  surface.textAlign = style.align ?? 'left';
  surface.textBaseline = style.baseline ?? 'middle';
  if (style.halo !== undefined) {
    surface.strokeStyle = style.halo;
    surface.lineWidth = 4;
    surface.lineJoin = 'round';
    surface.setLineDash([]);
    surface.strokeText(text, x, y);
  }
  surface.fillStyle = style.color;
  surface.fillText(text, x, y);
}

/** Writes a text upwards along the left edge of a figure. */
export function drawVerticalText(surface: Surface, text: string, x: number, y: number, style: TextStyle): void {
  surface.save();
  surface.translate(x, y);
  surface.rotate(-Math.PI / 2);
  drawText(surface, text, 0, 0, { ...style, align: 'center' });
  surface.restore();
}

/** A straight line on whole pixels. */
export function drawRule(surface: Surface, from: readonly [number, number], to: readonly [number, number], color: string, options: { readonly width?: number; readonly dash?: readonly number[] } = {}): void {
  const crisp = (value: number, straight: boolean): number => (straight ? Math.floor(value) + 0.5 : value);
  const upright = from[0] === to[0];
  const level = from[1] === to[1];
  surface.strokeStyle = color;
  surface.lineWidth = options.width ?? 1;
  surface.setLineDash([...(options.dash ?? [])]);
  surface.beginPath();
  surface.moveTo(crisp(from[0], upright), crisp(from[1], level));
  surface.lineTo(crisp(to[0], upright), crisp(to[1], level));
  surface.stroke();
  surface.setLineDash([]);
}

/** A canvas whose units are CSS pixels and whose pixels are the screen's. */
export class PlotCanvas {
  readonly element = document.createElement('canvas');
  width = 0;
  height = 0;

  constructor() {
    this.element.setAttribute('aria-hidden', 'true');
  }

  /** Sizes and clears it; what is drawn next is measured in CSS pixels. */
  begin(width: number, height: number): CanvasRenderingContext2D {
    const ratio = window.devicePixelRatio || 1;
    this.width = width;
    this.height = height;
    this.element.width = Math.max(1, Math.round(width * ratio));
    this.element.height = Math.max(1, Math.round(height * ratio));
    this.element.style.width = `${width}px`;
    this.element.style.height = `${height}px`;
    const context = this.element.getContext('2d');
    if (!context) throw new Error('This window cannot draw on a canvas.');
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    return context;
  }
}

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
export function drawText(context: CanvasRenderingContext2D, text: string, x: number, y: number, style: TextStyle): void {
  context.font = style.font;
  context.textAlign = style.align ?? 'left';
  context.textBaseline = style.baseline ?? 'middle';
  if (style.halo !== undefined) {
    context.strokeStyle = style.halo;
    context.lineWidth = 4;
    context.lineJoin = 'round';
    context.setLineDash([]);
    context.strokeText(text, x, y);
  }
  context.fillStyle = style.color;
  context.fillText(text, x, y);
}

/** Writes a text upwards along the left edge of a figure. */
export function drawVerticalText(context: CanvasRenderingContext2D, text: string, x: number, y: number, style: TextStyle): void {
  context.save();
  context.translate(x, y);
  context.rotate(-Math.PI / 2);
  drawText(context, text, 0, 0, { ...style, align: 'center' });
  context.restore();
}

/** A straight line on whole pixels. */
export function drawRule(context: CanvasRenderingContext2D, from: readonly [number, number], to: readonly [number, number], color: string, options: { readonly width?: number; readonly dash?: readonly number[] } = {}): void {
  const crisp = (value: number, straight: boolean): number => (straight ? Math.floor(value) + 0.5 : value);
  const upright = from[0] === to[0];
  const level = from[1] === to[1];
  context.strokeStyle = color;
  context.lineWidth = options.width ?? 1;
  context.setLineDash([...(options.dash ?? [])]);
  context.beginPath();
  context.moveTo(crisp(from[0], upright), crisp(from[1], level));
  context.lineTo(crisp(to[0], upright), crisp(to[1], level));
  context.stroke();
  context.setLineDash([]);
}

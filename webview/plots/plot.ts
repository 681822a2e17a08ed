import type { Paint } from './surface';

/** A canvas whose units are CSS pixels and whose pixels are the screen's; it keeps what was painted, so that it can be painted again elsewhere. */
export class Plot {
  readonly element = document.createElement('canvas');
  width = 0;
  height = 0;
  private painted: Paint = () => undefined;
  private readonly context = this.element.getContext('2d');

  constructor() {
    this.element.setAttribute('aria-hidden', 'true');
  }

  /** Sizes and clears the canvas, then paints; everything is measured in CSS pixels. */
  draw(width: number, height: number, paint: Paint): void {
    const ratio = window.devicePixelRatio || 1;
    const [columns, rows] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
    if (this.width !== width || this.height !== height) {
      this.element.style.width = `${width}px`;
      this.element.style.height = `${height}px`;
    }
    this.width = width;
    this.height = height;
    this.painted = paint;
    const { context } = this;
    if (!context) throw new Error('This window cannot draw on a canvas.');
    if (this.element.width === columns && this.element.height === rows) context.reset();
    else [this.element.width, this.element.height] = [columns, rows];
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    paint(context);
  }

  /** What it shows, for another surface. */
  readonly paint: Paint = (surface) => this.painted(surface);
}

/** A canvas that is painted once: samples in legends. */
export function sample(width: number, height: number, paint: Paint): HTMLCanvasElement {
  const plot = new Plot();
  plot.draw(width, height, paint);
  return plot.element;
}

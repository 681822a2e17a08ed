/**
 * What plots are drawn on: the part of a canvas context that they use, so that a real canvas is a
 * surface as it stands and `SvgSurface` can write the same drawing down as SVG.
 */
export interface Surface
  extends Pick<
    CanvasRenderingContext2D,
    | 'save' | 'restore' | 'translate' | 'rotate'
    | 'beginPath' | 'moveTo' | 'lineTo' | 'rect' | 'closePath' | 'fill' | 'stroke'
    | 'fillRect' | 'strokeRect' | 'fillText' | 'strokeText' | 'setLineDash'
    | 'fillStyle' | 'strokeStyle' | 'lineWidth' | 'lineJoin' | 'lineCap' | 'globalAlpha' | 'font' | 'textAlign' | 'textBaseline' | 'imageSmoothingEnabled'
  > {
  /** A full circle or part of one, clockwise. */
  arc(x: number, y: number, radius: number, from: number, to: number): void;
  /** Keeps what follows, until `restore`, inside the path. */
  clip(): void;
  /** Width in CSS pixels of a text in the current font. */
  measureText(text: string): { readonly width: number };
  /** Draws all of an image into a box. */
  drawImage(image: HTMLCanvasElement, x: number, y: number, width: number, height: number): void;
}

/** Draws something on a surface; called again for another surface when the figure is exported. */
export type Paint = (surface: Surface) => void;

import type { Surface } from './surface';

/** Drawing state that `save` keeps and `restore` brings back. */
interface State {
  fillStyle: Surface['fillStyle'];
  strokeStyle: Surface['strokeStyle'];
  lineWidth: number;
  lineJoin: CanvasLineJoin;
  lineCap: CanvasLineCap;
  globalAlpha: number;
  font: string;
  textAlign: CanvasTextAlign;
  textBaseline: CanvasTextBaseline;
  dash: readonly number[];
  /** Groups opened by `translate`, `rotate` and `clip` since the last `save`. */
  groups: number;
}

const initial: State = {
  fillStyle: '#000000',
  strokeStyle: '#000000',
  lineWidth: 1,
  lineJoin: 'miter',
  lineCap: 'butt',
  globalAlpha: 1,
  font: '10px sans-serif',
  textAlign: 'left',
  textBaseline: 'alphabetic',
  dash: [],
  groups: 0,
};

const anchors: Readonly<Partial<Record<CanvasTextAlign, string>>> = { center: 'middle', right: 'end', end: 'end' };

/** A middle baseline written as a shift, which every program that reads SVG understands. */
const shifts: Readonly<Partial<Record<CanvasTextBaseline, string>>> = { middle: '0.35em', top: '0.8em', hanging: '0.8em', bottom: '-0.2em' };

/** Writes what is drawn down as SVG. Transforms and clips become groups; colours become plain `rgb()`, which programs outside browsers know. */
export class SvgSurface implements Surface {
  imageSmoothingEnabled = false;
  private readonly parts: string[] = [];
  private readonly saved: State[] = [];
  private state: State = { ...initial };
  private path: string[] = [];
  private clips = 0;
  private readonly measuring = measuringContext();

  /** The drawing as a document of this size in CSS pixels. */
  document(width: number, height: number, title: string): string {
    while (this.saved.length > 0) this.restore();
    this.close(this.state.groups);
    this.state.groups = 0;
    return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"><title>${escaped(title)}</title>${this.parts.join('')}</svg>`;
  }

  get fillStyle(): Surface['fillStyle'] { return this.state.fillStyle; }
  set fillStyle(style) { this.state.fillStyle = style; }
  get strokeStyle(): Surface['strokeStyle'] { return this.state.strokeStyle; }
  set strokeStyle(style) { this.state.strokeStyle = style; }
  get lineWidth(): number { return this.state.lineWidth; }
  set lineWidth(width) { this.state.lineWidth = width; }
  get lineJoin(): CanvasLineJoin { return this.state.lineJoin; }
  set lineJoin(join) { this.state.lineJoin = join; }
  get lineCap(): CanvasLineCap { return this.state.lineCap; }
  set lineCap(cap) { this.state.lineCap = cap; }
  get globalAlpha(): number { return this.state.globalAlpha; }
  set globalAlpha(alpha) { this.state.globalAlpha = alpha; }
  get font(): string { return this.state.font; }
  set font(font) { this.state.font = font; }
  get textAlign(): CanvasTextAlign { return this.state.textAlign; }
  set textAlign(align) { this.state.textAlign = align; }
  get textBaseline(): CanvasTextBaseline { return this.state.textBaseline; }
  set textBaseline(baseline) { this.state.textBaseline = baseline; }

  setLineDash(dash: Iterable<number>): void { this.state.dash = [...dash]; }

  save(): void {
    this.saved.push(this.state);
    this.state = { ...this.state, groups: 0 };
  }

  restore(): void {
    const before = this.saved.pop();
    if (!before) return;
    this.close(this.state.groups);
    this.state = before;
  }

  translate(x: number, y: number): void { this.open(`transform="translate(${short(x)} ${short(y)})"`); }
  rotate(angle: number): void { this.open(`transform="rotate(${short((angle * 180) / Math.PI)})"`); }

  clip(): void {
    const id = `clip${++this.clips}`;
    this.parts.push(`<clipPath id="${id}"><path d="${this.path.join('')}"/></clipPath>`);
    this.open(`clip-path="url(#${id})"`);
  }

  beginPath(): void { this.path = []; }
  moveTo(x: number, y: number): void { this.path.push(`M${short(x)} ${short(y)}`); }
  // A line without a point to start from starts one, as on a canvas.
  lineTo(x: number, y: number): void { this.path.push(`${this.path.length === 0 ? 'M' : 'L'}${short(x)} ${short(y)}`); }
  rect(x: number, y: number, width: number, height: number): void { this.path.push(`M${short(x)} ${short(y)}h${short(width)}v${short(height)}h${short(-width)}z`); }
  closePath(): void { this.path.push('z'); }

  arc(x: number, y: number, radius: number, from: number, to: number): void {
    const at = (angle: number): string => `${short(x + radius * Math.cos(angle))} ${short(y + radius * Math.sin(angle))}`;
    // SVG draws no arc that ends where it starts, so a circle is two halves.
    const middle = (from + to) / 2;
    const half = (end: number): string => `A${short(radius)} ${short(radius)} 0 0 1 ${at(end)}`;
    this.path.push(`${this.path.length === 0 ? 'M' : 'L'}${at(from)}${half(middle)}${half(to)}`);
  }

  fill(): void { this.parts.push(`<path d="${this.path.join('')}" ${this.filled()}/>`); }
  stroke(): void { this.parts.push(`<path d="${this.path.join('')}" ${this.stroked()}/>`); }
  fillRect(x: number, y: number, width: number, height: number): void { this.parts.push(`<rect ${box(x, y, width, height)} ${this.filled()}/>`); }
  strokeRect(x: number, y: number, width: number, height: number): void { this.parts.push(`<rect ${box(x, y, width, height)} ${this.stroked()}/>`); }
  fillText(text: string, x: number, y: number): void { this.write(text, x, y, this.filled()); }
  strokeText(text: string, x: number, y: number): void { this.write(text, x, y, this.stroked()); }

  measureText(text: string): { readonly width: number } {
    this.measuring.font = this.state.font;
    return this.measuring.measureText(text);
  }

  drawImage(image: HTMLCanvasElement, x: number, y: number, width: number, height: number): void {
    this.parts.push(`<image ${box(x, y, width, height)} preserveAspectRatio="none" style="image-rendering:${this.imageSmoothingEnabled ? 'auto' : 'pixelated'}"${this.opacity()} href="${image.toDataURL()}"/>`);
  }

  private write(text: string, x: number, y: number, paint: string): void {
    const { textAlign, textBaseline, font } = this.state;
    const shift = shifts[textBaseline];
    this.parts.push(`<text x="${short(x)}" y="${short(y)}"${shift === undefined ? '' : ` dy="${shift}"`} text-anchor="${anchors[textAlign] ?? 'start'}" xml:space="preserve" style="font:${escaped(font)}" ${paint}>${escaped(text)}</text>`);
  }

  private filled(): string { return `fill="${this.color(this.state.fillStyle)}"${this.opacity()}`; }

  private stroked(): string {
    const { strokeStyle, lineWidth, lineJoin, lineCap, dash } = this.state;
    return `fill="none" stroke="${this.color(strokeStyle)}" stroke-width="${short(lineWidth)}" stroke-linejoin="${lineJoin}" stroke-linecap="${lineCap}"${dash.length > 0 ? ` stroke-dasharray="${dash.join(' ')}"` : ''}${this.opacity()}`;
  }

  private opacity(): string { return this.state.globalAlpha < 1 ? ` opacity="${short(this.state.globalAlpha)}"` : ''; }

  private color(style: Surface['fillStyle']): string { return typeof style === 'string' ? plainColor(style, this.measuring) : '#000000'; }

  private open(attribute: string): void {
    this.parts.push(`<g ${attribute}>`);
    this.state.groups++;
  }

  private close(groups: number): void { this.parts.push('</g>'.repeat(groups)); }
}

function measuringContext(): CanvasRenderingContext2D {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('This window cannot draw on a canvas.');
  return context;
}

const known = new Map<string, string>();

/** Any CSS colour, `color-mix` too, as the canvas paints it. */
function plainColor(css: string, context: CanvasRenderingContext2D): string {
  const had = known.get(css);
  if (had !== undefined) return had;
  context.clearRect(0, 0, 1, 1);
  context.fillStyle = css;
  context.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0, alpha = 0] = context.getImageData(0, 0, 1, 1).data;
  const plain = alpha === 255 ? `rgb(${red},${green},${blue})` : `rgba(${red},${green},${blue},${short(alpha / 255)})`;
  known.set(css, plain);
  return plain;
}

const short = (value: number): string => String(Number(value.toFixed(2)));
const box = (x: number, y: number, width: number, height: number): string => `x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}"`;
const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => entities[character] ?? character);

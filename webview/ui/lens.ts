import type { Box } from '../plots/drawing';
import { drawImage } from '../plots/heatmap';
import { sample, type Plot } from '../plots/plot';
import { element } from './dom';

/** What stands under the pointer. */
export interface LensReading {
  /** Its name and its exact number, a line each. */
  readonly lines: readonly string[];
  /** Its cell in the plot; cells that are too small to be told apart are enlarged with their neighbours. */
  readonly cell?: Box;
}

/** Size of the enlarged part, and the least side of a cell in it, in CSS pixels. */
const [lensWidth, lensHeight, readableSide] = [132, 84, 12];

/** Cells with sides of at least this need no glass. */
const smallSide = 8;

/** A glass over a plot that follows the pointer: exact numbers of what lies under it, and small cells enlarged. The readout tells the same to keyboards and screen readers. */
export class Lens {
  /** The one under the pointer. */
  private static shown?: Lens;

  /** Reads again what is under the pointer, after the figures were drawn. */
  static refresh(): void {
    Lens.shown?.show();
  }

  private readonly element = element('div', { class: 'lens', attributes: { 'aria-hidden': 'true', hidden: '' } });
  private pointer?: { readonly x: number; readonly y: number };

  constructor(
    /** The plot's room, which positions what is in it. */
    private readonly room: HTMLElement,
    private readonly plot: Plot,
    /** What is at a point of the room, in CSS pixels; undefined where nothing is. */
    private readonly read: (x: number, y: number) => LensReading | undefined,
  ) {
    room.append(this.element);
    room.addEventListener('pointermove', ({ clientX, clientY }) => {
      const { left, top } = room.getBoundingClientRect();
      this.pointer = { x: clientX - left, y: clientY - top };
      Lens.shown = this;
      this.show();
    });
    room.addEventListener('pointerleave', () => {
      this.pointer = undefined;
      this.show();
      if (Lens.shown === this) Lens.shown = undefined;
    });
  }

  private show(): void {
    const { pointer } = this;
    const reading = pointer && this.read(pointer.x, pointer.y);
    this.element.hidden = reading === undefined;
    if (!pointer || !reading) return;
    const glass = reading.cell && Math.min(reading.cell.width, reading.cell.height) < smallSide ? [this.enlarged(reading.cell)] : [];
    this.element.replaceChildren(...glass, ...reading.lines.map((text) => element('p', { text })));
    this.place(pointer);
  }

  /** The cell in the middle of its neighbours, framed. */
  private enlarged(cell: Box): HTMLElement {
    const [across, down] = [Math.max(1, readableSide / cell.width), Math.max(1, readableSide / cell.height)];
    const [x, y] = [cell.x + cell.width / 2 - lensWidth / across / 2, cell.y + cell.height / 2 - lensHeight / down / 2];
    const style = getComputedStyle(document.body);
    const [background, foreground] = ['--vscode-editor-background', '--unroll-foreground'].map((name) => style.getPropertyValue(name).trim()) as [string, string];
    return sample(lensWidth, lensHeight, (surface) => {
      surface.fillStyle = background;
      surface.fillRect(0, 0, lensWidth, lensHeight);
      surface.save();
      surface.beginPath();
      surface.rect(0, 0, lensWidth, lensHeight);
      surface.clip();
      drawImage(surface, this.plot.element, { x: -x * across, y: -y * down, width: this.plot.width * across, height: this.plot.height * down });
      surface.restore();
      const [width, height] = [cell.width * across, cell.height * down];
      surface.strokeStyle = background;
      surface.lineWidth = 3;
      surface.strokeRect((lensWidth - width) / 2 - 1, (lensHeight - height) / 2 - 1, width + 2, height + 2);
      surface.strokeStyle = foreground;
      surface.lineWidth = 1.5;
      surface.strokeRect((lensWidth - width) / 2 - 1, (lensHeight - height) / 2 - 1, width + 2, height + 2);
    });
  }

  /** Beside the pointer, where there is room. */
  private place({ x, y }: { readonly x: number; readonly y: number }): void {
    const { offsetWidth: width, offsetHeight: height } = this.element;
    const { top } = this.room.getBoundingClientRect();
    const left = x + 18 + width <= this.room.clientWidth ? x + 18 : x - 18 - width;
    const above = top + y + 18 + height > window.innerHeight;
    this.element.style.setProperty('transform', `translate(${Math.max(0, left)}px, ${above ? y - 18 - height : y + 18}px)`);
  }
}

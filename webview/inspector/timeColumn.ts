import { columnAt, columnCentre, defaultWindow, layOut, windowAround, clampWindow, zoomWindow, type TimeAxis, type TimeWindow } from '../plots/timeAxis';
import { readableCell } from '../plots/tokenStrip';
import { element } from '../ui/dom';

/** What the column tells the panel. */
export interface TimeColumnHooks {
  /** The pointer is on a column. */
  hovered(column: number): void;
  /** A column of the plot was clicked. */
  clicked(column: number, figure: string): void;
  /** Another part of the text is shown. */
  windowChanged(window: TimeWindow | undefined): void;
}

/** Figures up to this width have narrower gutters, and shorter words in them. */
export const narrowUpTo = 640;

/** All figures that share the time axis: their window, their pointer and the one crosshair through them. */
export class TimeColumn {
  readonly element = element('div', { class: 'time' });
  private current?: TimeAxis;

  constructor(private readonly hooks: TimeColumnHooks) {
    this.element.addEventListener('pointermove', (event) => this.follow(event));
    this.element.addEventListener('click', (event) => {
      const column = this.columnUnder(event);
      const figure = event.target instanceof Element ? event.target.closest<HTMLElement>('.figure')?.dataset['figure'] : undefined;
      if (column !== undefined && figure !== undefined) hooks.clicked(column, figure);
    });
    this.element.addEventListener('dblclick', (event) => {
      if (this.columnUnder(event) !== undefined) this.hooks.windowChanged(undefined);
    });
  }

  get axis(): TimeAxis | undefined {
    return this.current;
  }

  /** Adds a figure. Its wheel is listened to on the figure itself: in narrow panels the column has no box, and a browser scrolls before it asks an element without one. */
  add(figure: HTMLElement): void {
    figure.addEventListener('wheel', (event) => this.wheel(event), { passive: false });
    this.element.append(figure);
  }

  /** Lays the axis over the figures' width for these columns; without a chosen window, as many as can be read. */
  layOut(tokens: readonly string[], width: number, narrow: 'narrow' | 'wide', chosen: Pick<TimeWindow, 'first' | 'count'> | undefined): TimeAxis {
    const [gutter, margin] = narrow === 'narrow' ? [44, 28] : [70, 28];
    this.element.style.setProperty('--gutter', `${gutter}px`);
    this.element.style.setProperty('--margin', `${margin}px`);
    const plotWidth = Math.max(100, width - gutter - margin);
    const window = chosen ? clampWindow(chosen.first, chosen.count, tokens.length) : defaultWindow(tokens.length, plotWidth, readableCell(tokens, 7.5));
    this.current = layOut(window, Math.max(100 + gutter + margin, width), gutter, margin);
    return this.current;
  }

  /** Puts the one crosshair on a column, in every figure at once. */
  point(column: number | undefined): void {
    const axis = this.current;
    const visible = axis !== undefined && column !== undefined && column >= axis.first && column < axis.first + axis.count;
    this.element.classList.toggle('pointed', visible);
    if (!visible) return;
    this.element.style.setProperty('--crosshair', `${columnCentre(axis, column)}px`);
    for (const badge of this.element.querySelectorAll('.crosshair-badge')) badge.textContent = String(column);
  }

  /** Moves the window by the least that shows a column. */
  reveal(column: number): void {
    if (!this.current) return;
    const { first, count, total } = this.current;
    const window = windowAround({ first, count, total }, column);
    if (window.first !== first) this.hooks.windowChanged(window);
  }

  centreOn(column: number): void {
    if (!this.current) return;
    const { count, total } = this.current;
    this.hooks.windowChanged(clampWindow(column - count / 2, count, total));
  }

  private columnUnder(event: MouseEvent): number | undefined {
    const plot = event.target instanceof Element ? event.target.closest('.plot') : null;
    if (!plot || !this.current) return undefined;
    return columnAt(this.current, event.clientX - plot.getBoundingClientRect().left);
  }

  private follow(event: PointerEvent): void {
    const column = this.columnUnder(event);
    if (column !== undefined) this.hooks.hovered(column);
  }

  /** Ctrl+wheel zooms at the pointer, Shift+wheel pans; a plain wheel scrolls the panel. */
  private wheel(event: WheelEvent): void {
    const axis = this.current;
    const column = this.columnUnder(event);
    if (!axis || column === undefined || !(event.ctrlKey || event.shiftKey)) return;
    event.preventDefault();
    const { first, count, total } = axis;
    if (event.ctrlKey) this.hooks.windowChanged(zoomWindow({ first, count, total }, column, Math.exp(event.deltaY / 300), count * axis.cell));
    else this.hooks.windowChanged(clampWindow(first + Math.sign(event.deltaY || event.deltaX) * Math.max(1, count / 10), count, total));
  }
}

/** A crosshair for one plot; all of them stand where the column's `--crosshair` says. */
export function crosshair(badge: 'with-number' | 'plain'): HTMLElement {
  const line = element('div', { class: 'crosshair', attributes: { 'aria-hidden': 'true' } });
  if (badge === 'with-number') line.append(element('span', { class: 'crosshair-badge' }));
  return line;
}

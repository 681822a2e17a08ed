import type { FigureFrame } from '../ui/figure';
import { Lens } from '../ui/lens';
import type { Figure } from './scene';
import { TraceViews } from './traceViews';
import type { ViewStore } from './viewStore';

/** How far outside the panel a figure is drawn already, so that it is there when it scrolls in. */
const margin = '200px';

interface Place {
  readonly figure: Figure;
  readonly draw: () => void;
  visible: boolean;
  /** What it shows is older than what is known. */
  stale: boolean;
  /** It asked for numbers that have not come yet. */
  waiting: boolean;
}

/** Some of the panel's figures: draws those that can be seen, and keeps in step with the view which are collapsed or shown as tables. */
export class Board {
  private readonly places = new Map<Element, Place>();
  private readonly observer: IntersectionObserver;
  /** The figure that is being drawn could not draw all of itself. */
  private left: 'nothing' | 'something' = 'nothing';

  constructor(private readonly store: ViewStore) {
    this.observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        const place = this.places.get(target);
        if (!place) continue;
        place.visible = isIntersecting;
        if (isIntersecting && place.stale) this.drawPlace(place);
      }
    }, { rootMargin: margin });
  }

  /** Adds a figure with what draws it. */
  add(figure: Figure, draw: () => void): void {
    const { element } = figure.frame;
    this.places.set(element, { figure, draw, visible: false, stale: true, waiting: false });
    this.observer.observe(element);
  }

  /** Draws what can be seen of all figures, or of those that are `concerned`; the rest when it comes into sight. */
  draw(concerned: (figure: Figure) => boolean = () => true): void {
    this.followView();
    for (const place of this.places.values()) {
      if (!concerned(place.figure)) continue;
      if (place.visible) this.drawPlace(place);
      else place.stale = true;
    }
  }

  /** The figure that is being drawn wants to go on with the next frame. */
  again(): void {
    this.left = 'something';
  }

  /** Whether all that can be seen is drawn. */
  get whole(): 'whole' | 'waiting' {
    return [...this.places.values()].some(({ visible, waiting }) => visible && waiting) ? 'waiting' : 'whole';
  }

  /** Draws those that waited for numbers or for time. */
  drawWaiting(): void {
    for (const place of this.places.values()) {
      if (place.visible && place.waiting) this.drawPlace(place);
      else if (place.waiting) place.stale = true;
    }
  }

  /** Draws one figure, for which numbers have come, and what the glass over it tells; unless it cannot be seen. */
  redraw({ element }: FigureFrame): void {
    const place = this.places.get(element);
    if (!place) return;
    place.stale = !place.visible;
    if (!place.visible) return;
    this.drawPlace(place);
    Lens.refresh();
  }

  /** One of the figures was collapsed, expanded or turned to its table: that is a choice to keep. */
  figureChanged(): void {
    const { collapsed, tables } = this.store.current;
    const frames = [...this.places.values()].map(({ figure }) => figure.frame);
    const merged = (had: readonly string[], now: (frame: Figure['frame']) => boolean): string[] => {
      const own = new Set(frames.map(({ name }) => name));
      return [...had.filter((name) => !own.has(name)), ...frames.filter(now).map(({ name }) => name)];
    };
    this.store.change({ collapsed: merged(collapsed, (frame) => frame.collapsed), tables: merged(tables, (frame) => frame.showsTable) });
  }

  dispose(): void {
    this.observer.disconnect();
  }

  private followView(): void {
    const { collapsed, tables } = this.store.current;
    for (const { figure } of this.places.values()) {
      const { frame } = figure;
      frame.follow({ collapsed: collapsed.includes(frame.name) ? 'collapsed' : 'expanded', shows: tables.includes(frame.name) ? 'table' : 'plot' });
    }
  }

  private somethingLeft(): boolean {
    return this.left === 'something';
  }

  private drawPlace(place: Place): void {
    const { frame } = place.figure;
    place.stale = frame.collapsed;
    if (frame.collapsed) return;
    const missed = TraceViews.missed;
    this.left = 'nothing';
    place.draw();
    frame.refreshTables();
    place.waiting = TraceViews.missed > missed || this.somethingLeft();
  }
}

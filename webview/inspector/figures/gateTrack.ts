import { formatExact } from '../../format';
import { labelFont, tickFont } from '../../plots/axisDrawing';
import { drawRule, drawText, drawVerticalText } from '../../plots/drawing';
import type { Numbers } from '../../plots/numbers';
import type { Plot } from '../../plots/plot';
import { clipToPlot, drawArea, drawLine } from '../../plots/ribbon';
import { placesOf, type UnitScale } from '../../plots/scales';
import { TiledHeatmap } from '../../plots/tiles';
import { columnAt, columnLeft, plotRight } from '../../plots/timeAxis';
import { element, icon } from '../../ui/dom';
import type { FigureFrame } from '../../ui/figure';
import { Lens, type LensReading } from '../../ui/lens';
import type { PickedUnit, Scene } from '../scene';
import { mapOf, scaleOf, spreadOf, type Track } from '../tracks';
import { sortOf, unitRows } from '../unitRows';

/** Height of a unit's row in a heatmap: every unit keeps a pixel of its own, and what lies below stays in sight. */
export function unitRowHeight(units: number): number {
  return units <= 24 ? 6 : units <= 64 ? 3 : units <= 96 ? 2 : 1;
}

/** What a track asks of its figure. */
export interface TrackHooks {
  /** Images are left to be made. */
  again(): void;
  toggled(): void;
  /** The pointer is on a unit. */
  pointed(unit: PickedUnit): void;
  /** A unit was clicked. */
  picked(unit: PickedUnit): void;
}

/** A gate's or state's band over time, which opens into its unit × time heatmap. */
export class GateTrack {
  readonly element: HTMLElement;
  readonly plots: readonly [band: Plot, heatmap: Plot];
  private readonly button: HTMLButtonElement;
  private readonly heatmapRow: HTMLElement;
  private readonly marker = element('div', { class: 'unit-marker' });
  private readonly tiles: TiledHeatmap;
  private scene?: Scene;

  constructor(
    readonly track: Track,
    frame: FigureFrame,
    hooks: TrackHooks,
  ) {
    this.plots = [frame.plot(), frame.plot()];
    this.tiles = new TiledHeatmap(() => hooks.again());
    this.button = element('button', { class: 'track-button', attributes: { type: 'button' }, on: { click: () => hooks.toggled() } });
    this.marker.hidden = true;
    const [band, heatmap] = this.plots;
    this.heatmapRow = element('div', { class: 'plot heatmap', children: [heatmap.element, this.marker] });
    const bandRow = element('div', { class: 'plot band', children: [this.button, band.element] });
    this.element = element('div', { class: 'track', children: [bandRow, this.heatmapRow] });
    new Lens(bandRow, band, (x) => this.spreadAt(x));
    new Lens(this.heatmapRow, heatmap, (x, y) => this.unitAt(x, y));
    this.element.dataset['track'] = track.name;
    this.heatmapRow.addEventListener('pointermove', (event) => this.unitUnder(event, (unit) => hooks.pointed(unit)));
    this.heatmapRow.addEventListener('click', (event) => this.unitUnder(event, (unit) => hooks.picked(unit)));
  }

  draw(scene: Scene, state: 'open' | 'closed', picked: PickedUnit | undefined): void {
    this.scene = scene;
    const open = state === 'open';
    const { label, symbol } = this.track;
    if (this.button.getAttribute('aria-expanded') !== String(open) || this.button.textContent !== (scene.narrow === 'narrow' ? symbol : label)) {
      this.button.replaceChildren(icon(open ? 'expanded' : 'collapsed'), scene.narrow === 'narrow' ? symbol : label);
      this.button.setAttribute('aria-expanded', String(open));
      this.button.setAttribute('aria-label', `${label}: ${open ? 'hide' : 'show'} every unit`);
    }
    const scale = trackScale(scene, this.track);
    this.drawBand(scene, scale);
    this.heatmapRow.hidden = !open;
    if (open) this.drawHeatmap(scene, scale);
    this.mark(picked);
  }

  private spreadAt(x: number): LensReading | undefined {
    const column = this.scene && columnAt(this.scene.axis, x);
    const spread = this.scene && spreadOf(this.scene.layer, this.track);
    if (column === undefined || !spread) return undefined;
    const parts = [['max', spread.maximum], ['90 %', spread.high], ['median', spread.median], ['10 %', spread.low], ['min', spread.minimum]] as const;
    return { lines: [`${this.track.label}, step ${column}`, ...parts.map(([name, values]) => `${name} ${formatExact(values[column])}`)] };
  }

  private unitAt(x: number, y: number): LensReading | undefined {
    const { scene, track } = this;
    if (!scene) return undefined;
    const { layer, axis } = scene;
    const height = unitRowHeight(layer.units);
    const [column, row] = [columnAt(axis, x), Math.floor(y / height)];
    const unit = rowsOf(scene, track).units[row];
    if (unit === undefined || column === undefined || column >= layer.steps) return undefined;
    const value = layer.value(track.name, column, unit);
    return { lines: [`${track.label} of unit ${unit}, step ${column}`, value === undefined ? '…' : formatExact(track.shown ? track.shown(value) : value)], cell: { x: columnLeft(axis, column), y: row * height, width: axis.cell, height } };
  }

  /** Marks the row of the picked unit. */
  mark(picked: PickedUnit | undefined): void {
    const row = picked && this.scene && picked.track === this.track.name ? rowsOf(this.scene, this.track).units.indexOf(picked.unit) : -1;
    this.marker.hidden = row < 0 || !this.scene;
    if (row < 0 || !this.scene) return;
    const height = unitRowHeight(this.scene.layer.units);
    this.marker.style.setProperty('transform', `translateY(${row * height}px)`);
    this.marker.style.setProperty('height', `${height}px`);
  }

  private unitUnder(event: MouseEvent, found: (unit: PickedUnit) => void): void {
    if (!this.scene) return;
    const { left, top } = this.heatmapRow.getBoundingClientRect();
    const unit = rowsOf(this.scene, this.track).units[Math.floor((event.clientY - top) / unitRowHeight(this.scene.layer.units))];
    if (unit !== undefined && columnAt(this.scene.axis, event.clientX - left) !== undefined) found({ track: this.track.name, unit });
  }

  private drawBand(scene: Scene, scale: UnitScale): void {
    const { theme, axis, layer } = scene;
    const height = scene.narrow === 'narrow' ? 34 : 38;
    const spread = spreadOf(layer, this.track);
    const yOf = (place: number): number => 3 + (1 - place) * (height - 6);
    const y = (value: number): number => yOf(scale.place(value));
    this.plots[0].draw(plotRight(axis) + axis.margin, height, (surface) => {
      for (const { value, label } of scale.ticks) {
        const middle = value === 0 || value === 0.5;
        drawRule(surface, [axis.gutter, y(value)], [plotRight(axis), y(value)], theme.grid, { dash: middle ? [2, 3] : [] });
        drawText(surface, label, plotRight(axis) + 1, Math.min(Math.max(y(value), 6), height - 5), { color: theme.muted, font: tickFont(theme) });
      }
      if (!spread) return;
      clipToPlot(surface, axis, 0, height, () => {
        const places = (values: Numbers): Float64Array => placesOf(values, scale);
        drawArea(surface, axis, places(spread.minimum), places(spread.maximum), yOf, theme.outerBand);
        drawArea(surface, axis, places(spread.low), places(spread.high), yOf, theme.innerBand);
        drawLine(surface, axis, places(spread.median), yOf, { color: theme.foreground, width: 1.75, ...(theme.highContrast ? { outline: theme.background } : {}) });
      });
    });
  }

  private drawHeatmap(scene: Scene, scale: UnitScale): void {
    const { theme, axis, layer } = scene;
    const { name, shown } = this.track;
    const rowHeight = unitRowHeight(layer.units);
    const height = layer.units * rowHeight;
    const rows = rowsOf(scene, this.track);
    const width = axis.count * axis.cell;
    const tiles = { fine: layer.tiles(name, axis.first, axis.count, width * (window.devicePixelRatio || 1)), whole: layer.wholeTile(name) };
    const look = { units: rows.units, map: mapOf(theme, this.track), place: (value: number) => scale.place(shown ? shown(value) : value), signature: [rows.units, this.track.label, ...scale.ticks.map(({ value }) => value)] };
    this.plots[1].draw(plotRight(axis) + axis.margin, height, (surface) => {
      this.tiles.draw(surface, axis, tiles, look, { x: axis.gutter, y: 0, width, height }, scene.until);
      const wanted = Math.max(2, Math.min(5, Math.floor(height / 24)));
      for (let tick = 0; tick < wanted; tick++) {
        const row = Math.round((tick / (wanted - 1)) * (rows.units.length - 1));
        drawText(surface, rows.tick(row), axis.gutter - 6, Math.min(Math.max((row + 0.5) * rowHeight, 6), height - 6), { color: theme.muted, font: tickFont(theme), align: 'right' });
      }
      if (height >= 100) drawVerticalText(surface, rows.label, scene.narrow === 'narrow' ? 8 : 20, height / 2, { color: theme.muted, font: labelFont(theme) });
    });
  }
}

/** The scale of a track; two traces side by side share it. */
export function trackScale({ layer, others }: Scene, track: Track): UnitScale {
  return scaleOf(track, [layer, ...others].map((each) => spreadOf(each, track)));
}

/** Rows of a track's heatmap. */
export function rowsOf({ layer, view }: Scene, track: Track): ReturnType<typeof unitRows> {
  return unitRows(layer, track.name, sortOf(view, layer));
}

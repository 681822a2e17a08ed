import { drawText, drawRule, drawVerticalText, PlotCanvas } from '../../plots/canvas';
import { labelFont, tickFont } from '../../plots/axisDrawing';
import { drawCells } from '../../plots/heatmap';
import { valueAt } from '../../plots/numbers';
import { clipToPlot, drawArea, drawLine } from '../../plots/ribbon';
import type { UnitScale } from '../../plots/scales';
import { plotRight } from '../../plots/timeAxis';
import { element, icon } from '../../ui/dom';
import type { PickedUnit, Scene } from '../scene';
import { mapOf, scaleOf, type Track } from '../tracks';

/** Height of a unit's row in a heatmap: every unit keeps a pixel of its own. */
export function unitRowHeight(units: number): number {
  return units <= 24 ? 6 : units <= 64 ? 3 : units <= 260 ? 2 : 1;
}

/** A gate's or state's band over time, which opens into its unit × time heatmap. */
export class GateTrack {
  readonly element: HTMLElement;
  private readonly button: HTMLButtonElement;
  private readonly band = new PlotCanvas();
  private readonly heatmap = new PlotCanvas();
  private readonly heatmapRow: HTMLElement;
  private readonly marker = element('div', { class: 'unit-marker' });
  private scene?: Scene;

  constructor(
    readonly track: Track,
    toggled: () => void,
    private readonly pick: (unit: PickedUnit | undefined) => void,
  ) {
    this.button = element('button', { class: 'track-button', attributes: { type: 'button' }, on: { click: toggled } });
    this.marker.hidden = true;
    this.heatmapRow = element('div', { class: 'plot heatmap', children: [this.heatmap.element, this.marker] });
    this.element = element('div', { class: 'track', children: [element('div', { class: 'plot band', children: [this.button, this.band.element] }), this.heatmapRow] });
    this.element.dataset['track'] = track.name;
    this.heatmapRow.addEventListener('pointermove', (event) => {
      const unit = this.unitAt(event.clientY - this.heatmapRow.getBoundingClientRect().top);
      if (unit !== undefined) this.pick({ track: this.track.name, unit });
    });
  }

  draw(scene: Scene, state: 'open' | 'closed', picked: PickedUnit | undefined): void {
    this.scene = scene;
    const open = state === 'open';
    this.button.replaceChildren(icon(open ? 'expanded' : 'collapsed'), scene.narrow === 'narrow' ? this.track.symbol : this.track.label);
    this.button.setAttribute('aria-expanded', String(open));
    this.button.setAttribute('aria-label', `${this.track.label}: ${open ? 'hide' : 'show'} every unit`);
    const scale = scaleOf(scene.layer, this.track);
    this.drawBand(scene, scale);
    this.heatmapRow.hidden = !open;
    if (open) this.drawHeatmap(scene, scale);
    this.mark(picked);
  }

  /** Marks the row of the picked unit. */
  mark(picked: PickedUnit | undefined): void {
    const row = picked && this.scene && picked.track === this.track.name ? this.scene.layer.order.units.indexOf(picked.unit) : -1;
    this.marker.hidden = row < 0 || !this.scene;
    if (row < 0 || !this.scene) return;
    const height = unitRowHeight(this.scene.layer.units);
    this.marker.style.setProperty('transform', `translateY(${row * height}px)`);
    this.marker.style.setProperty('height', `${height}px`);
  }

  private unitAt(y: number): number | undefined {
    const layer = this.scene?.layer;
    return layer ? layer.order.units[Math.floor(y / unitRowHeight(layer.units))] : undefined;
  }

  private drawBand(scene: Scene, scale: UnitScale): void {
    const { theme, axis, layer } = scene;
    const height = scene.narrow === 'narrow' ? 34 : 38;
    const context = this.band.begin(plotRight(axis) + axis.margin, height);
    const top = 3;
    const inner = height - 6;
    const y = (value: number): number => top + (1 - scale.place(value)) * inner;
    for (const { value, label } of scale.ticks) {
      const middle = value === 0 || value === 0.5;
      drawRule(context, [axis.gutter, y(value)], [plotRight(axis), y(value)], theme.grid, { dash: middle ? [2, 3] : [] });
      drawText(context, label, plotRight(axis) + 1, Math.min(Math.max(y(value), 6), height - 5), { color: theme.muted, font: tickFont(theme) });
    }
    const band = layer.band(this.track.name);
    if (!band) return;
    clipToPlot(context, axis, 0, height, () => {
      drawArea(context, axis, band.minimum, band.maximum, y, theme.outerBand);
      drawArea(context, axis, band.low, band.high, y, theme.innerBand);
      drawLine(context, axis, band.median, y, { color: theme.foreground, width: 1.75, ...(theme.highContrast ? { outline: theme.background } : {}) });
    });
  }

  private drawHeatmap(scene: Scene, scale: UnitScale): void {
    const { theme, axis, layer } = scene;
    const series = layer.get(this.track.name);
    if (!series) return;
    const rowHeight = unitRowHeight(layer.units);
    const height = layer.units * rowHeight;
    const context = this.heatmap.begin(plotRight(axis) + axis.margin, height);
    const { units, timeConstants } = layer.order;
    drawCells(
      context,
      { columns: axis.count, rows: units.length, place: (column, row) => scale.place(valueAt(series, axis.first + column, units[row] ?? -1)) },
      mapOf(theme, this.track),
      { x: axis.gutter, y: 0, width: axis.count * axis.cell, height },
    );
    const label = timeConstants ? 'unit, by τ (steps)' : 'unit';
    const wanted = Math.max(2, Math.min(5, Math.floor(height / 24)));
    for (let tick = 0; tick < wanted; tick++) {
      const row = Math.round((tick / (wanted - 1)) * (units.length - 1));
      const text = timeConstants ? formatConstant(timeConstants[row] ?? Number.NaN) : String(units[row] ?? '');
      drawText(context, text, axis.gutter - 6, Math.min(Math.max((row + 0.5) * rowHeight, 6), height - 6), { color: theme.muted, font: tickFont(theme), align: 'right' });
    }
    if (height >= 100) drawVerticalText(context, label, scene.narrow === 'narrow' ? 8 : 20, height / 2, { color: theme.muted, font: labelFont(theme) });
  }
}

function formatConstant(steps: number): string {
  return Number.isFinite(steps) ? (steps >= 9.95 ? steps.toFixed(0) : steps.toFixed(1)) : '∞';
}

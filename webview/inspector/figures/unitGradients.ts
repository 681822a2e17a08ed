import { formatExact } from '../../format';
import { labelFont, tickFont } from '../../plots/axisDrawing';
import { drawText, drawVerticalText } from '../../plots/drawing';
import type { Plot } from '../../plots/plot';
import { symlog } from '../../plots/symlog';
import { TiledHeatmap } from '../../plots/tiles';
import { columnAt, columnLeft, plotRight } from '../../plots/timeAxis';
import { choice, type Choice } from '../../ui/choices';
import type { DataTable } from '../../ui/dataTable';
import { element } from '../../ui/dom';
import { FigureFrame } from '../../ui/figure';
import { Lens, type LensReading } from '../../ui/lens';
import { scaleBar } from '../../ui/legend';
import type { FigureHooks, PickedUnit, Scene, TimeFigure } from '../scene';
import type { Track } from '../tracks';
import { sortOf, unitRows, type UnitRows } from '../unitRows';
import { unitTable } from './gateTables';
import { unitRowHeight } from './gateTrack';

const option = 'unitGradients.of';

/** A gradient as a track of the trace, and what the choice calls it. */
interface GradientTrack extends Track {
  readonly choice: string;
}

const total: GradientTrack = { name: 'grad.h', label: '∂L/∂h', symbol: '∂h', kind: 'signed', choice: '∂L/∂h, total' };

/** The gradients that can be shown. */
const gradients: readonly GradientTrack[] = [
  total,
  { name: 'grad.h.partial', label: '∂L/∂h, partial', symbol: '∂h', kind: 'signed', choice: '∂L/∂h, partial' },
  { name: 'grad.c', label: '∂L/∂c', symbol: '∂c', kind: 'signed', choice: '∂L/∂c, total' },
];

/** The gradient of the mean loss with respect to every unit at every step, sign and size. */
export class UnitGradientsFigure implements TimeFigure {
  readonly frame: FigureFrame;
  private readonly plot: Plot;
  private readonly room: HTMLElement;
  private readonly marker = element('div', { class: 'unit-marker', attributes: { hidden: '' } });
  private readonly of: Choice<string>;
  private readonly tiles = new TiledHeatmap(() => this.hooks.again());
  private scene?: Scene;
  private picked?: PickedUnit;

  constructor(private readonly hooks: FigureHooks) {
    this.frame = new FigureFrame(
      {
        name: 'Gradient by unit',
        howTo: [
          { lead: '', text: 'Each row is a unit, each column a step: what the mean loss would do if this unit’s state at this step rose a little. Orange: the loss would rise; blue: it would fall.' },
          { lead: 'The scale', text: 'is logarithmic on both sides of zero and absolute, from 10⁻⁸ to 1; what is smaller is the background. A unit whose row stays empty learns nothing from this text.' },
          { lead: 'Colours that fade to the left', text: 'are the vanishing gradient, unit by unit: a few rows that reach further back are the units that carry memory.' },
        ],
      },
      { tables: () => this.tables(), changed: () => hooks.changed() },
    );
    this.plot = this.frame.plot();
    this.of = choice('Gradient', (value) => hooks.choose(option, value));
    this.frame.choices.append(this.of.element);
    this.room = element('div', { class: 'plot heatmap', children: [this.plot.element, this.marker] });
    this.frame.body.append(this.room);
    this.room.addEventListener('pointermove', (event) => this.pointAt(event));
    new Lens(this.room, this.plot, (x, y) => this.gradientAt(x, y));
  }

  draw(scene: Scene): void {
    this.scene = scene;
    const { theme, axis, layer, narrow } = scene;
    const track = this.track(scene);
    const offered = gradients.filter(({ name }) => layer.has(name));
    this.of.update(offered.map(({ name, choice: label }) => ({ value: name, label })), track.name);
    this.frame.setNote(`layer ${layer.index}${layer.reading === 'reverse' ? ', reverse' : ''}, each unit at each step; orange raises the loss, blue lowers it`);
    this.frame.setLegend(theme, scaleBar('log from ±10⁻⁸', '−1', '1', theme.signed, theme.frame));
    const rows = this.rows(scene, track);
    const rowHeight = unitRowHeight(layer.units);
    const height = layer.units * rowHeight;
    const width = axis.count * axis.cell;
    const tiles = { fine: layer.tiles(track.name, axis.first, axis.count, width * (window.devicePixelRatio || 1)), whole: layer.wholeTile(track.name) };
    const look = { units: rows.units, map: theme.signed, place: symlog, signature: [rows.units, track.name] };
    this.plot.draw(plotRight(axis) + axis.margin, height, (surface) => {
      this.tiles.draw(surface, axis, tiles, look, { x: axis.gutter, y: 0, width, height }, scene.until);
      for (const row of [0, rows.units.length - 1]) drawText(surface, rows.tick(row), axis.gutter - 6, Math.min(Math.max((row + 0.5) * rowHeight, 6), height - 6), { color: theme.muted, font: tickFont(theme), align: 'right' });
      if (height >= 100) drawVerticalText(surface, rows.label, narrow === 'narrow' ? 8 : 20, height / 2, { color: theme.muted, font: labelFont(theme) });
    });
    this.mark();
  }

  private gradientAt(x: number, y: number): LensReading | undefined {
    const { scene } = this;
    if (!scene) return undefined;
    const { layer, axis } = scene;
    const track = this.track(scene);
    const height = unitRowHeight(layer.units);
    const [column, row] = [columnAt(axis, x), Math.floor(y / height)];
    const unit = this.rows(scene, track).units[row];
    if (unit === undefined || column === undefined || column >= layer.steps) return undefined;
    const value = layer.value(track.name, column, unit);
    return { lines: [`${track.choice} of unit ${unit}, step ${column}`, value === undefined ? '…' : formatExact(value)], cell: { x: columnLeft(axis, column), y: row * height, width: axis.cell, height } };
  }

  /** ↑ and ↓ go from unit to unit. */
  moveRow(by: number): void {
    if (!this.scene) return;
    const track = this.track(this.scene);
    const { units } = this.rows(this.scene, track);
    const row = this.picked ? units.indexOf(this.picked.unit) + by : by > 0 ? 0 : units.length - 1;
    const unit = units[Math.min(units.length - 1, Math.max(0, row))];
    if (unit !== undefined) this.pick({ track: track.name, unit });
  }

  /** Forgets the picked unit. */
  clear(): void {
    this.pick(undefined);
  }

  private track({ view, layer }: Scene): GradientTrack {
    return gradients.find(({ name }) => name === view.options[option] && layer.has(name)) ?? total;
  }

  private rows({ layer, view }: Scene, track: Track): UnitRows {
    return unitRows(layer, track.name, sortOf(view, layer));
  }

  private pointAt(event: PointerEvent): void {
    if (!this.scene) return;
    const { left, top } = this.room.getBoundingClientRect();
    const track = this.track(this.scene);
    const unit = this.rows(this.scene, track).units[Math.floor((event.clientY - top) / unitRowHeight(this.scene.layer.units))];
    if (unit !== undefined && columnAt(this.scene.axis, event.clientX - left) !== undefined) this.pick({ track: track.name, unit });
  }

  private pick(unit: PickedUnit | undefined): void {
    this.picked = unit;
    this.mark();
    this.hooks.point(unit ? { unit } : {});
  }

  private mark(): void {
    const { scene, picked } = this;
    const row = scene && picked ? this.rows(scene, this.track(scene)).units.indexOf(picked.unit) : -1;
    this.marker.hidden = row < 0;
    if (row < 0 || !scene) return;
    const height = unitRowHeight(scene.layer.units);
    this.marker.style.setProperty('transform', `translateY(${row * height}px)`);
    this.marker.style.setProperty('height', `${height}px`);
  }

  private tables(): readonly DataTable[] {
    return this.scene ? [unitTable(this.scene, this.track(this.scene))] : [];
  }
}

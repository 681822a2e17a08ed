import { extent, quantile } from 'd3-array';
import { scaleLog } from 'd3-scale';
import { columnRows } from '../../../src/shared/tensorView';
import type { Reading } from '../../../src/shared/flow';
import { formatCount, formatExact, formatNumber } from '../../format';
import { labelFont, tickFont } from '../../plots/axisDrawing';
import { drawRule, drawText } from '../../plots/drawing';
import type { Plot } from '../../plots/plot';
import type { Surface } from '../../plots/surface';
import { mostInBar, placeUnits, unitsAt, type UnitRowPlace } from '../../plots/unitDistribution';
import { timeConstantsOf } from '../../plots/unitOrder';
import { mix, type Theme } from '../../theme';
import type { DataTable } from '../../ui/dataTable';
import { element } from '../../ui/dom';
import { FigureFrame } from '../../ui/figure';
import { Lens, type LensReading } from '../../ui/lens';
import type { FigureHooks, SideFigure, SideScene, TraceScene } from '../scene';

const edge = { left: 68, right: 12, top: 18, bottom: 24 } as const;
/** Room for the name of the lag that the data want, beneath the axis. */
const wantedHeight = 14;
/** Steps at the ends of the axis: a gate at 0.007 and one at 0.998; what lies beyond stands at the end. */
const ends = [0.2, 500] as const;
/** Units that a bar names under the pointer. */
const mostNamed = 10;

/** One direction of one layer with a gate that keeps state. */
interface Row {
  readonly label: string;
  readonly shown: 'shown' | 'other';
  /** τ of each unit in steps, [units]; undefined until it is here. */
  readonly constants: Float64Array | undefined;
}

/** How long each unit remembers, by its mean forget gate (the GRU's z), a row for each layer. */
export class TimeConstantsFigure implements SideFigure {
  readonly of = 'trace';
  readonly frame: FigureFrame;
  private readonly plot: Plot;
  private readonly missing = element('p', { class: 'sentence', text: 'Only gated cells have time constants: a vanilla RNN has no gate that keeps its state.' });
  private rows: readonly Row[] = [];
  /** Where the rows are drawn. */
  private places: readonly UnitRowPlace[] = [];

  constructor(hooks: FigureHooks) {
    this.frame = new FigureFrame(
      {
        name: 'Time constants',
        howTo: [
          { lead: '', text: 'One dot a unit, or a bar for many: the steps after which a memory that nothing refreshes has faded to 37 %, τ = −1 / ln of its mean forget gate (for the GRU the mean update gate z).' },
          { lead: 'All dots left of what the task needs:', text: 'no unit holds a memory that long by its gate alone. A higher forget bias moves them right: bias 1 begins at τ ≈ 3, bias 3 at 20, bias 5 at 150.' },
          { lead: 'The purple line', text: 'is the lag that the data want, once the memory was diagnosed: what stands left of it fades before it is needed, unless the other gates and layers carry it.' },
        ],
      },
      { tables: () => this.tables(), changed: () => hooks.changed() },
    );
    this.plot = this.frame.plot();
    const room = element('div', { class: 'plot', children: [this.plot.element] });
    new Lens(room, this.plot, (x, y) => this.unitsUnder(x, y));
    this.frame.body.append(room, this.missing);
  }

  draw({ theme, width, trace, wantedLag }: SideScene): void {
    this.rows = trace ? rowsOf(trace) : [];
    const gated = this.rows.length > 0;
    this.plot.element.hidden = !gated;
    this.missing.hidden = gated || !trace;
    const x = scaleLog(ends, [edge.left, width - edge.right]).clamp(true);
    this.places = placeUnits(this.rows.map(({ constants }) => Array.from(constants ?? [], (value) => (Number.isNaN(value) ? value : x(value)))), edge.top, edge.left);
    this.frame.setNote(gated ? 'τ in steps' : '');
    if (!gated) return;
    const bottom = this.places.at(-1)?.bottom ?? edge.top;
    this.plot.draw(width, bottom + edge.bottom + (wantedLag === undefined ? 0 : wantedHeight), (surface) => {
      drawAxis(surface, theme, x, { bottom, width });
      this.rows.forEach((row, index) => {
        const place = this.places[index];
        if (!place) return;
        drawRowName(surface, theme, row, place);
        drawUnits(surface, theme, row, place);
      });
      if (wantedLag !== undefined) drawWanted(surface, theme, x(wantedLag), wantedLag, { bottom, width });
      this.drawMedian(surface, theme, x, { bottom, width });
    });
  }

  private drawMedian(surface: Surface, theme: Theme, x: (value: number) => number, { bottom, width }: { readonly bottom: number; readonly width: number }): void {
    const row = this.rows.find(({ shown }) => shown === 'shown');
    const median = quantile(row?.constants ?? [], 0.5);
    if (!row || median === undefined || !Number.isFinite(median)) return;
    drawRule(surface, [x(median), edge.top - 4], [x(median), bottom], theme.foreground, { dash: [3, 3] });
    const right = x(median) < width * 0.55;
    const words = this.rows.length > 1 ? `median of ${row.label}: ` : 'median ';
    drawText(surface, `${words}${formatNumber(median)}`, x(median) + (right ? 5 : -5), 8, { color: theme.foreground, font: labelFont(theme), align: right ? 'left' : 'right', halo: theme.background });
  }

  /** The unit of a dot, or those of a bar. */
  private unitsUnder(x: number, y: number): LensReading | undefined {
    const index = this.places.findIndex((place) => unitsAt(place, x, y).length > 0);
    const [row, place] = [this.rows[index], this.places[index]];
    if (!row?.constants || !place) return undefined;
    const { constants, label } = row;
    const units = unitsAt(place, x, y);
    const [unit = 0] = units;
    if (place.dots.length > 0) return { lines: [`${label}, unit ${unit}`, `τ ${formatExact(constants[unit])} steps`, `mean gate ${formatExact(Math.exp(-1 / (constants[unit] ?? Number.NaN)))}`] };
    const [low, high] = extent(units, (each) => constants[each]);
    const named = units.slice(0, mostNamed).join(', ');
    return { lines: [`${label}: ${formatCount(units.length)} of ${formatCount(constants.length)} units`, `τ ${formatExact(low)} to ${formatExact(high)} steps`, `${units.length === 1 ? 'unit' : 'units'} ${named}${units.length > mostNamed ? ' …' : ''}`] };
  }

  private tables(): readonly DataTable[] {
    return this.rows.map(({ label, constants }) => ({ caption: `Time constants, ${label}`, columns: ['unit', 'τ, steps'], rows: Array.from(constants ?? [], (value, unit) => [String(unit), value]) }));
  }
}

/** All layers and directions with a keep gate, the topmost first, as the network is drawn. */
function rowsOf({ summary, views, tensors, layer: shown }: TraceScene): readonly Row[] {
  return summary.layers
    .flatMap(({ prefix, directions }, index) =>
      directions.flatMap((direction): Row[] => {
        const gate = ['gate.forget', 'gate.update'].map((name) => `${prefix}.${direction}.${name}`).find((name) => tensors.has(name));
        if (gate === undefined) return [];
        const statistics = views.get({ of: 'columns', name: gate });
        const units = statistics?.shape[1] ?? 0;
        const first = columnRows.indexOf('mean') * units;
        return [
          {
            label: `${layerName(prefix)}${directions.length > 1 ? arrows[direction] : ''}`,
            shown: index === shown.index && direction === shown.reading ? 'shown' : 'other',
            constants: statistics && timeConstantsOf(statistics.data.subarray(first, first + units)),
          },
        ];
      }),
    )
    .reverse();
}

const arrows: Readonly<Record<Reading, string>> = { forward: ' →', reverse: ' ←' };

/** `layer 1`; `enc 0` and `dec 0` in a translation model. */
function layerName(prefix: string): string {
  return prefix.replace(/^encoder\.layer/, 'enc ').replace(/^decoder\.layer/, 'dec ').replace(/^layer/, 'layer ');
}

function drawAxis(surface: Surface, theme: Theme, x: (value: number) => number, { bottom, width }: { readonly bottom: number; readonly width: number }): void {
  for (const value of [1, 10, 100]) {
    drawRule(surface, [x(value), edge.top - 4], [x(value), bottom], theme.grid);
    drawText(surface, String(value), x(value), bottom + 10, { color: theme.muted, font: tickFont(theme), align: 'center' });
  }
  drawRule(surface, [edge.left, bottom], [width - edge.right, bottom], theme.frame);
  drawText(surface, 'τ (steps)', edge.left - 8, bottom + 10, { color: theme.muted, font: tickFont(theme), align: 'right' });
}

/** The layer, and how many units the highest of its bars has. */
function drawRowName(surface: Surface, theme: Theme, { label, shown }: Row, place: UnitRowPlace): void {
  const most = mostInBar(place);
  const middle = (place.top + place.bottom) / 2;
  drawText(surface, label, edge.left - 8, most > 0 ? middle - 5 : middle, { color: shown === 'shown' ? theme.foreground : theme.muted, font: labelFont(theme), align: 'right' });
  if (most > 0) drawText(surface, `to ${formatCount(most)} units`, edge.left - 8, middle + 8, { color: theme.muted, font: tickFont(theme), align: 'right' });
}

/** The shown layer in full colour, the others behind it. */
function drawUnits(surface: Surface, theme: Theme, { shown }: Row, place: UnitRowPlace): void {
  const { top, bottom, dots, bars } = place;
  const most = mostInBar(place);
  surface.fillStyle = mix(theme.hidden, shown === 'shown' ? (theme.highContrast ? 100 : 80) : theme.highContrast ? 60 : 40);
  for (const { x, y } of dots) {
    surface.beginPath();
    surface.arc(x, y, 2.1, 0, 2 * Math.PI);
    surface.fill();
  }
  for (const { left, right, units } of bars) {
    const height = Math.max(1, (units.length / most) * (bottom - top - 6));
    surface.fillRect(left, bottom - height, right - left - 0.75, height);
  }
  if (bars.length > 0) drawRule(surface, [edge.left, bottom], [Math.max(edge.left, ...bars.map(({ right }) => right)), bottom], theme.frame);
}

/** The lag that the data want, where the units' memory should reach. */
function drawWanted(surface: Surface, theme: Theme, at: number, lag: number, { bottom, width }: { readonly bottom: number; readonly width: number }): void {
  drawRule(surface, [at, edge.top - 4], [at, bottom], theme.demand, { width: 1.75 });
  const words = `the data want lag ${formatCount(lag)}`;
  const style = { color: theme.demand, font: labelFont(theme) };
  surface.font = style.font;
  const half = surface.measureText(words).width / 2;
  drawText(surface, words, Math.min(Math.max(at, edge.left + half), width - edge.right - half), bottom + edge.bottom, { ...style, align: 'center' });
}

import { max, quantile } from 'd3-array';
import { scaleLog } from 'd3-scale';
import { columnRows } from '../../../src/shared/tensorView';
import type { Reading } from '../../../src/shared/flow';
import { formatNumber } from '../../format';
import { labelFont, tickFont } from '../../plots/axisDrawing';
import { drawRule, drawText } from '../../plots/drawing';
import type { Plot } from '../../plots/plot';
import type { Surface } from '../../plots/surface';
import { swarm } from '../../plots/swarmModel';
import { timeConstantsOf } from '../../plots/unitOrder';
import { mix, type Theme } from '../../theme';
import type { DataTable } from '../../ui/dataTable';
import { element } from '../../ui/dom';
import { FigureFrame } from '../../ui/figure';
import type { FigureHooks, SideFigure, SideScene, TraceScene } from '../scene';

const dot = 4.6;
const edge = { left: 62, right: 12, top: 18, bottom: 24 } as const;
/** Steps at the ends of the axis: a gate at 0.2 and one at 0.998. */
const ends = [0.5, 500] as const;
/** Pixels above and below a row's middle at most, and at least. */
const [highest, lowest] = [64, 9];

/** One direction of one layer with a gate that keeps state. */
interface Row {
  readonly label: string;
  readonly shown: 'shown' | 'other';
  /** τ of each unit in steps, [units]; undefined until it is here. */
  readonly constants: Float64Array | undefined;
}

/** How long each unit remembers, by its mean forget gate (the GRU's z), a row for each layer. */
export class TimeConstantsFigure implements SideFigure {
  readonly frame: FigureFrame;
  private readonly plot: Plot;
  private readonly missing = element('p', { class: 'sentence', text: 'Only gated cells have time constants: a vanilla RNN has no gate that keeps its state.' });
  private rows: readonly Row[] = [];

  constructor(hooks: FigureHooks) {
    this.frame = new FigureFrame(
      {
        name: 'Time constants',
        howTo: [
          { lead: '', text: 'One dot a unit: the steps after which a memory that nothing refreshes has faded to 37 %, τ = −1 / ln of its mean forget gate (for the GRU the mean update gate z).' },
          { lead: 'All dots left of what the task needs:', text: 'no unit holds a memory that long by its gate alone. A higher forget bias moves them right: bias 1 begins at τ ≈ 3, bias 3 at 20, bias 5 at 150.' },
        ],
      },
      { tables: () => this.tables(), changed: () => hooks.changed() },
    );
    this.plot = this.frame.plot();
    this.frame.body.append(element('div', { class: 'plot', children: [this.plot.element] }), this.missing);
  }

  draw({ theme, width, trace }: SideScene): void {
    this.rows = trace ? rowsOf(trace) : [];
    const gated = this.rows.length > 0;
    this.plot.element.hidden = !gated;
    this.missing.hidden = gated || !trace;
    this.frame.setNote(gated ? 'each dot a unit, τ in steps' : '');
    if (!gated) return;
    const x = scaleLog(ends, [edge.left, width - edge.right]).clamp(true);
    let bottom: number = edge.top;
    const swarms = this.rows.map(({ constants }) => {
      const places = Array.from(constants ?? [], (value) => (Number.isNaN(value) ? value : x(value)));
      const heights = swarm(places, dot);
      // A layer of a thousand units piles up; its dots come closer rather than the figure taller.
      const pitch = Math.min(dot, highest / this.rows.length / Math.max(1, max(heights, Math.abs) ?? 1));
      const half = Math.max(lowest, pitch * (max(heights, Math.abs) ?? 0) + 4);
      const middle = bottom + half;
      bottom += 2 * half;
      return { dots: places.map((place, unit) => [place, middle + (heights[unit] ?? 0) * pitch] as const), middle };
    });
    this.plot.draw(width, bottom + edge.bottom, (surface) => {
      drawAxis(surface, theme, x, { bottom, width });
      this.rows.forEach((row, index) => {
        const { dots = [], middle = 0 } = swarms[index] ?? {};
        drawText(surface, row.label, edge.left - 8, middle, { color: row.shown === 'shown' ? theme.foreground : theme.muted, font: labelFont(theme), align: 'right' });
        drawDots(surface, theme, row, dots);
      });
      const median = quantile(this.rows.find(({ shown }) => shown === 'shown')?.constants ?? [], 0.5);
      if (median === undefined || !Number.isFinite(median)) return;
      drawRule(surface, [x(median), edge.top - 4], [x(median), bottom], theme.foreground, { dash: [3, 3] });
      const right = x(median) < width * 0.6;
      drawText(surface, `median ${formatNumber(median)}`, x(median) + (right ? 5 : -5), 8, { color: theme.foreground, font: labelFont(theme), align: right ? 'left' : 'right', halo: theme.background });
    });
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

/** The shown layer in full colour, the others behind it. */
function drawDots(surface: Surface, theme: Theme, { shown }: Row, dots: readonly (readonly [number, number])[]): void {
  surface.fillStyle = mix(theme.hidden, shown === 'shown' ? (theme.highContrast ? 100 : 80) : theme.highContrast ? 60 : 40);
  for (const [x, y] of dots) {
    if (Number.isNaN(x)) continue;
    surface.beginPath();
    surface.arc(x, y, 2.1, 0, 2 * Math.PI);
    surface.fill();
  }
}

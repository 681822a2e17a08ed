import { minIndex } from 'd3-array';
import { formatExact, formatPercent } from '../../format';
import { labelFont, tickFont } from '../../plots/axisDrawing';
import { drawRule, drawText, drawVerticalText } from '../../plots/drawing';
import type { Plot } from '../../plots/plot';
import type { Surface } from '../../plots/surface';
import { mix, type Theme } from '../../theme';
import type { DataTable } from '../../ui/dataTable';
import { element } from '../../ui/dom';
import { FigureFrame } from '../../ui/figure';
import { Lens, type LensReading } from '../../ui/lens';
import type { LayerTrace, UnitStatistics } from '../layerTrace';
import type { FigureHooks, SideFigure, SideScene } from '../scene';

/** The sigmoid gates that can saturate, in the order of the gates figure. */
const gates = [
  { name: 'gate.input', label: 'input' },
  { name: 'gate.forget', label: 'forget' },
  { name: 'gate.output', label: 'output' },
  { name: 'gate.reset', label: 'reset r' },
  { name: 'gate.update', label: 'update z' },
] as const;

const bottom = 26;
const left = 34;

/** How much of the time each unit's gates are nearly shut or nearly open (after Karpathy, Johnson & Li 2015). */
export class SaturationFigure implements SideFigure {
  readonly of = 'trace';
  readonly frame: FigureFrame;
  private readonly plot: Plot;
  private readonly missing = element('p', { class: 'sentence' });
  private layer?: LayerTrace;
  /** Of a scatter plot, in CSS pixels. */
  private side = 0;

  constructor(hooks: FigureHooks) {
    this.frame = new FigureFrame(
      {
        name: 'Gate saturation',
        howTo: [
          { lead: '', text: 'One dot a unit: to the right the share of steps in which its gate is nearly shut (below 0.1), upwards the share in which it is nearly open (above 0.9). No dot can lie above the diagonal.' },
          { lead: 'Bottom left:', text: 'a gate that works in between, where its sigmoid is steep and learns fast.' },
          { lead: 'At an end of the diagonal:', text: 'a gate that is always shut or always open; its gradient is nearly zero, so it hardly learns any more. A forget gate that is always open is a memory on purpose; an output gate that is always shut is a dead unit.' },
        ],
      },
      { tables: () => this.tables(), changed: () => hooks.changed() },
    );
    this.plot = this.frame.plot();
    const room = element('div', { class: 'plot', children: [this.plot.element] });
    this.frame.body.append(room, this.missing);
    new Lens(room, this.plot, (x, y) => this.unitAt(x, y));
  }

  draw({ theme, width, trace }: SideScene): void {
    this.layer = trace?.layer;
    const shown = this.shown();
    this.plot.element.hidden = shown.length === 0;
    this.missing.hidden = shown.length > 0;
    this.frame.setNote(shown.length > 0 ? 'share of steps' : '');
    if (shown.length === 0) {
      this.missing.textContent = trace ? 'A vanilla RNN has no gates that could saturate; its hidden state h shows in the gates figure how close to ±1 it runs.' : 'It comes with the first trace.';
      return;
    }
    const side = Math.min(110, Math.floor((width - left - 8) / shown.length) - 10);
    this.side = side;
    this.plot.draw(width, side + bottom + 18, (surface) => {
      shown.forEach(({ label, statistics }, index) => drawScatter(surface, theme, statistics, { label, x: left + index * (side + 10), y: 16, side, first: index === 0 }));
      drawText(surface, 'share below 0.1', left + (shown.length * (side + 10) - 10) / 2, 16 + side + 19, { color: theme.muted, font: labelFont(theme), align: 'center' });
      drawVerticalText(surface, 'share above 0.9', 7, 16 + side / 2, { color: theme.muted, font: labelFont(theme) });
    });
  }

  /** The unit whose dot is nearest. */
  private unitAt(x: number, y: number): LensReading | undefined {
    const { side } = this;
    const found = this.shown().flatMap(({ label, statistics }, index) => {
      const [dx, dy] = [x - (left + index * (side + 10)), y - 16];
      if (!statistics || dx < 0 || dx > side || dy < 0 || dy > side) return [];
      const { below, above, mean } = statistics;
      const unit = minIndex(Array.from(below, (share, each) => Math.hypot(dotPlace(share, side) - dx, dotPlace(1 - (above[each] ?? 0), side) - dy)));
      return [[`${label} of unit ${unit}`, `below 0.1 in ${formatPercent(below[unit])} of steps`, `above 0.9 in ${formatPercent(above[unit])}`, `mean ${formatExact(mean[unit])}`]];
    });
    return found[0] && { lines: found[0] };
  }

  private shown(): readonly { readonly label: string; readonly statistics: UnitStatistics | undefined }[] {
    const { layer } = this;
    return layer ? gates.filter(({ name }) => layer.has(name)).map(({ name, label }) => ({ label, statistics: layer.statistics(name) })) : [];
  }

  private tables(): readonly DataTable[] {
    return this.shown().map(({ label, statistics }) => ({
      caption: `${label} gate, share of steps, layer ${this.layer?.index ?? 0}`,
      columns: ['unit', 'below 0.1', 'above 0.9', 'mean'],
      rows: Array.from({ length: statistics?.mean.length ?? 0 }, (_, unit) => [String(unit), statistics?.below[unit] ?? Number.NaN, statistics?.above[unit] ?? Number.NaN, statistics?.mean[unit] ?? Number.NaN]),
    }));
  }
}

function dotPlace(share: number, side: number): number {
  return 3 + share * (side - 6);
}

interface Place {
  readonly label: string;
  readonly x: number;
  readonly y: number;
  readonly side: number;
  /** Only the first has numbers on its vertical axis: they are the same for all. */
  readonly first: boolean;
}

function drawScatter(surface: Surface, theme: Theme, statistics: UnitStatistics | undefined, { label, x, y, side, first }: Place): void {
  surface.strokeStyle = theme.frame;
  surface.lineWidth = 1;
  surface.setLineDash([]);
  surface.strokeRect(x + 0.5, y + 0.5, side - 1, side - 1);
  drawRule(surface, [x, y], [x + side, y + side], theme.frame, { dash: [2, 3] });
  drawText(surface, label, x + side / 2, y - 8, { color: theme.foreground, font: labelFont(theme), align: 'center' });
  const tick = { color: theme.muted, font: tickFont(theme) } as const;
  drawText(surface, '0', x + 1, y + side + 8, tick);
  drawText(surface, '1', x + side, y + side + 8, { ...tick, align: 'right' });
  if (first) {
    drawText(surface, '1', x - 4, y + 5, { ...tick, align: 'right' });
    drawText(surface, '0', x - 4, y + side - 5, { ...tick, align: 'right' });
  }
  if (!statistics) return;
  surface.fillStyle = mix(theme.hidden, theme.highContrast ? 100 : 60);
  for (let unit = 0; unit < statistics.below.length; unit++) {
    surface.beginPath();
    surface.arc(x + dotPlace(statistics.below[unit] ?? 0, side), y + dotPlace(1 - (statistics.above[unit] ?? 0), side), 2.4, 0, 2 * Math.PI);
    surface.fill();
  }
}

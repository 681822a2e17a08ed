import { max, quantile } from 'd3-array';
import { scaleLog } from 'd3-scale';
import { formatNumber } from '../../format';
import { labelFont, tickFont } from '../../plots/axisDrawing';
import { drawRule, drawText } from '../../plots/drawing';
import type { Plot } from '../../plots/plot';
import { swarm } from '../../plots/swarmModel';
import { mix } from '../../theme';
import type { DataTable } from '../../ui/dataTable';
import { element } from '../../ui/dom';
import { FigureFrame } from '../../ui/figure';
import { dotKey } from '../../ui/legend';
import type { LayerTrace } from '../layerTrace';
import type { FigureHooks, SideFigure, SideScene } from '../scene';

const dot = 4.6;
const margin = 12;
/** Steps at the ends of the axis: a gate at 0.2 and one at 0.998. */
const ends = [0.5, 500] as const;

/** How long each unit of the layer remembers, by its mean forget gate (the GRU's z). */
export class TimeConstantsFigure implements SideFigure {
  readonly frame: FigureFrame;
  private readonly plot: Plot;
  private readonly missing = element('p', { class: 'sentence', text: 'Only gated cells have time constants: a vanilla RNN has no gate that keeps its state.' });
  private layer?: LayerTrace;

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
    this.layer = trace?.layer;
    const gated = trace?.layer.keepGate !== undefined;
    this.plot.element.hidden = !gated;
    this.missing.hidden = gated || !trace;
    this.frame.setNote(gated ? `layer ${trace.layer.index}, τ in steps` : '');
    this.frame.setLegend(theme, ...(gated ? [dotKey('a unit', theme.hidden)] : []));
    const constants = trace?.layer.timeConstants;
    const x = scaleLog(ends, [margin, width - margin]).clamp(true);
    const places = Array.from(constants ?? [], (value) => (Number.isNaN(value) ? value : x(value)));
    const rows = swarm(places, dot);
    // A layer of a thousand units piles up; its dots come closer rather than the figure taller.
    const pitch = Math.min(dot, 70 / Math.max(1, max(rows, Math.abs) ?? 1));
    const height = 2 * pitch * Math.max(4, max(rows, Math.abs) ?? 0) + 40;
    const middle = (height - 22) / 2;
    const median = quantile(constants ?? [], 0.5);
    if (!gated) return;
    this.plot.draw(width, height, (surface) => {
      for (const value of [1, 10, 100]) {
        drawRule(surface, [x(value), 4], [x(value), height - 22], theme.grid);
        drawText(surface, String(value), x(value), height - 12, { color: theme.muted, font: tickFont(theme), align: 'center' });
      }
      drawRule(surface, [margin, height - 22], [width - margin, height - 22], theme.frame);
      surface.fillStyle = mix(theme.hidden, theme.highContrast ? 100 : 70);
      places.forEach((place, unit) => {
        if (Number.isNaN(place)) return;
        surface.beginPath();
        surface.arc(place, middle + (rows[unit] ?? 0) * pitch, 2.1, 0, 2 * Math.PI);
        surface.fill();
      });
      if (median === undefined || !Number.isFinite(median)) return;
      drawRule(surface, [x(median), 4], [x(median), height - 22], theme.foreground, { dash: [3, 3] });
      const right = x(median) < width * 0.6;
      drawText(surface, `median ${formatNumber(median)}`, x(median) + (right ? 5 : -5), 9, { color: theme.foreground, font: labelFont(theme), align: right ? 'left' : 'right', halo: theme.background });
    });
  }

  private tables(): readonly DataTable[] {
    const { layer } = this;
    return layer ? [{ caption: `Time constants, layer ${layer.index}`, columns: ['unit', 'τ, steps'], rows: Array.from(layer.timeConstants ?? [], (value, unit) => [String(unit), value]) }] : [];
  }
}

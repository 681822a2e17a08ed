import { mean } from 'd3-array';
import { spreadRows } from '../../../src/shared/tensorView';
import { formatExact } from '../../format';
import { labelFont, tickFont } from '../../plots/axisDrawing';
import { drawRule, drawText } from '../../plots/drawing';
import type { Numbers } from '../../plots/numbers';
import type { Plot } from '../../plots/plot';
import { clipToPlot, drawArea, drawLine } from '../../plots/ribbon';
import type { Surface } from '../../plots/surface';
import { columnAt, plotRight } from '../../plots/timeAxis';
import { visibleToken } from '../../plots/tokenModel';
import type { DataTable } from '../../ui/dataTable';
import { element } from '../../ui/dom';
import { FigureFrame } from '../../ui/figure';
import { Lens, type LensReading } from '../../ui/lens';
import { areaKey, lineKey, type LegendEntry } from '../../ui/legend';
import type { FigureHooks, Scene, TimeFigure } from '../scene';

const trackHeight = 38;
/** From one track to the next. */
const pitch = trackHeight + 6;

/** A layer with a way around it. */
interface Way {
  readonly layer: number;
  readonly kind: string;
  /** Share of the gradient at the layer's input that came around the layer, at each step, [steps]; undefined until it is here. */
  readonly share: Float64Array | undefined;
  /** Norms of both parts at each step, [steps]. */
  readonly norms: { readonly identity: Numbers | undefined; readonly transform: Numbers | undefined };
  /** Spread of a highway's gate over its units: `[minimum, low, median, high, maximum]`, each [steps]. */
  readonly gate: readonly Numbers[] | undefined;
}

/** By which way the gradient gets past each layer with a connection, and how far a highway's gate is open. */
export class ConnectionsFigure implements TimeFigure {
  readonly frame: FigureFrame;
  private readonly plot: Plot;
  private readonly missing = element('p', { class: 'sentence', text: 'No layer of this model has a connection around it. With "connection": "residual", "dense" or "highway" on a layer the gradient gets a second way past it, which matters from four or five layers on.' });
  private scene?: Scene;

  constructor(hooks: FigureHooks) {
    this.frame = new FigureFrame(
      {
        name: 'Connections',
        howTo: [
          { lead: '', text: 'For each layer with a connection: the share of the gradient at its input that came around the layer (identity) rather than through its cell (transform), by norms, at each step.' },
          { lead: 'Near 1:', text: 'the layer is bypassed: gradients reach the layers below undiminished, however deep the stack, which is why residual networks train. Near 0: the cell does the work.' },
          { lead: 'A highway’s gate', text: 'chooses: 1 takes the cell’s output, 0 lets the input pass. It usually begins below one half and opens where the layer has learnt something.' },
        ],
      },
      { tables: () => this.tables(), changed: () => hooks.changed() },
    );
    this.plot = this.frame.plot();
    const room = element('div', { class: 'plot', children: [this.plot.element] });
    new Lens(room, this.plot, (x, y) => this.wayAt(x, y));
    this.frame.body.append(room, this.missing);
  }

  draw(scene: Scene): void {
    this.scene = scene;
    const { theme, axis } = scene;
    const ways = waysOf(scene);
    this.plot.element.hidden = ways.length === 0;
    this.missing.hidden = ways.length > 0;
    this.frame.setNote(ways.length > 0 ? 'share of the gradient ‖∂L/∂x‖ that goes around each layer; its mean stands at the end' : '');
    const highway = ways.some(({ kind }) => kind === 'highway');
    const gateKeys: readonly LegendEntry[] = highway ? [lineKey('highway gate, median', theme.foreground), areaKey('10–90 %', [theme.outerBand, theme.innerBand], 'transparent')] : [];
    this.frame.setLegend(theme, ...(ways.length > 0 ? [lineKey('identity share', theme.hidden), ...gateKeys] : []));
    this.plot.draw(plotRight(axis) + axis.margin, Math.max(1, ways.length * pitch), (surface) => ways.forEach((way, index) => drawWay(surface, scene, way, 3 + index * pitch)));
  }

  /** The layer and step under a point. */
  private wayAt(x: number, y: number): LensReading | undefined {
    const { scene } = this;
    const step = scene && columnAt(scene.axis, x);
    const way = scene && waysOf(scene)[Math.floor(y / pitch)];
    if (step === undefined || !way || step >= scene.columns.steps) return undefined;
    const { layer, kind, share, norms, gate } = way;
    const [minimum, low, median, high, maximum] = (gate ?? []).map((values) => formatExact(values[step]));
    return {
      lines: [
        `layer ${layer}, ${kind}, step ${step}`,
        `share around the layer ${formatExact(share?.[step])}`,
        `‖∂L/∂x‖ around ${formatExact(norms.identity?.[step])}, through ${formatExact(norms.transform?.[step])}`,
        ...(kind === 'highway' ? [`gate: median ${median ?? '…'}, 10–90 % ${low ?? '…'} to ${high ?? '…'}`, `all units ${minimum ?? '…'} to ${maximum ?? '…'}`] : []),
      ],
    };
  }

  private tables(): readonly DataTable[] {
    const { scene } = this;
    if (!scene) return [];
    const ways = waysOf(scene);
    const { columns } = scene;
    return [
      {
        caption: 'Share of ‖∂L/∂x‖ that goes around each layer',
        columns: ['step', 'token', ...ways.flatMap(({ layer, kind }) => [`layer ${layer} ${kind}`, ...(kind === 'highway' ? [`layer ${layer} gate, median`] : [])])],
        rows: Array.from({ length: columns.steps }, (_, t) => [String(t), visibleToken(columns.tokens[t] ?? ''), ...ways.flatMap(({ kind, share, gate }) => [share?.[t] ?? Number.NaN, ...(kind === 'highway' ? [gate?.[2]?.[t] ?? Number.NaN] : [])])]),
      },
    ];
  }
}

/** Layers with a connection in the stack of the shown layer, from the topmost, as the network is drawn. */
function waysOf({ summary, views, tensors, layer: { index }, columns: { steps } }: Scene): readonly Way[] {
  const norms = (name: string): Numbers | undefined => (tensors.has(name) ? views.get({ of: 'rows', name, first: 0, count: steps })?.data : undefined);
  const shown = summary.layers[index];
  return summary.layers
    .flatMap(({ connection, prefix, reads }, layer): Way[] => {
      if (connection === 'none' || reads !== shown?.reads) return [];
      const identity = norms(`${prefix}.connection.grad.identity`);
      const transform = norms(`${prefix}.connection.grad.transform`);
      const gateName = `${prefix}.connection.gate`;
      const spread = tensors.has(gateName) ? views.get({ of: 'spread', name: gateName }) : undefined;
      const rows = spread?.shape[1] ?? 0;
      return [
        {
          layer,
          kind: connection,
          norms: { identity, transform },
          share: identity && transform && Float64Array.from(identity, (around, t) => around / (around + (transform[t] ?? Number.NaN))),
          gate: spread && spreadRows.slice(0, 5).map((_, row) => spread.data.subarray(row * rows, (row + 1) * rows)),
        },
      ];
    })
    .reverse();
}

function drawWay(surface: Surface, { theme, axis, narrow }: Scene, { layer, kind, share, gate }: Way, top: number): void {
  const y = (value: number): number => top + (1 - value) * trackHeight;
  const end = plotRight(axis);
  const tick = { color: theme.muted, font: tickFont(theme) } as const;
  for (const value of [0, 0.5, 1]) drawRule(surface, [axis.gutter, y(value)], [end, y(value)], theme.grid, value === 0.5 ? { dash: [2, 3] } : {});
  drawText(surface, narrow === 'narrow' ? `${layer}` : `layer ${layer}`, axis.gutter - 6, top + trackHeight / 2 - 6, { color: theme.foreground, font: labelFont(theme), align: 'right' });
  drawText(surface, narrow === 'narrow' ? kind.slice(0, 4) : kind, axis.gutter - 6, top + trackHeight / 2 + 7, { ...tick, align: 'right' });
  clipToPlot(surface, axis, top - 1, trackHeight + 2, () => {
    const [minimum, low, median, high, maximum] = gate ?? [];
    if (minimum && low && median && high && maximum) {
      drawArea(surface, axis, minimum, maximum, y, theme.outerBand);
      drawArea(surface, axis, low, high, y, theme.innerBand);
      drawLine(surface, axis, median, y, { color: theme.foreground, width: 1.5, ...(theme.highContrast ? { outline: theme.background } : {}) });
    }
    if (share) drawLine(surface, axis, share, y, { color: theme.hidden, width: 1.9 });
  });
  drawText(surface, '1', end + 2, y(1) + 5, tick);
  drawText(surface, '0', end + 2, y(0) - 5, tick);
  const average = share && mean(share, (value) => (Number.isNaN(value) ? undefined : value));
  if (average !== undefined) drawText(surface, `${Math.round(100 * average)} %`, end + 2, y(0.5), { color: theme.hidden, font: tickFont(theme) });
}

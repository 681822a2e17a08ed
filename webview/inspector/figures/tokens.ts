import { drawTimeLabels, labelFont } from '../../plots/axisDrawing';
import { drawText, PlotCanvas } from '../../plots/canvas';
import { valueAt } from '../../plots/numbers';
import { fromZero, gradientDecades } from '../../plots/scales';
import { columnCentre, columnLeft, plotRight } from '../../plots/timeAxis';
import { visibleToken } from '../../plots/tokenModel';
import { drawOverview, drawTokens } from '../../plots/tokenStrip';
import type { DataTable } from '../../ui/dataTable';
import { element } from '../../ui/dom';
import { FigureFrame } from '../../ui/figure';
import { scaleBar } from '../../ui/legend';
import type { Scene, TimeFigure } from '../scene';

/** Surprisal at and above which the colour no longer changes, in nats. */
const surprisalTop = 6;
const surprisalScale = fromZero(surprisalTop);

const axisHeight = 18;
const rowHeight = 24;
const overviewHeight = 14;

/** The text itself: how surprising each token was, and how strongly each step influenced the pinned prediction. */
export class TokensFigure implements TimeFigure {
  readonly element: HTMLElement;
  private readonly frame: FigureFrame;
  private readonly canvas = new PlotCanvas();
  private readonly overview = new PlotCanvas();
  private readonly overviewRow = element('div', { class: 'overview', children: [this.overview.element] });
  private scene?: Scene;

  constructor(
    tableToggled: () => void,
    /** Moves the window so that it is centred on a column. */
    private readonly centreOn: (column: number) => void,
  ) {
    this.frame = new FigureFrame(
      {
        name: 'Tokens',
        howTo: [
          { lead: 'One column is one timestep.', text: 'Step t reads token t and predicts token t + 1. Columns line up through all figures below.' },
          { lead: 'Surprisal', text: 'is −ln p of a token, given all before it: 0 nats is certain, 4.5 nats is one guess in ninety. It sits on the predicted token.' },
          { lead: 'Influence', text: 'belongs to the token you click: ‖∂ℓ/∂hₖ‖, how much its loss would change if the hidden state at step k changed a little. The log scale is absolute: a vanished gradient looks vanished.' },
        ],
      },
      () => this.tables(),
      tableToggled,
    );
    this.element = this.frame.element;
    this.frame.body.append(element('div', { class: 'plot', children: [this.canvas.element] }), this.overviewRow);
    this.followDrags();
  }

  draw(scene: Scene): void {
    this.scene = scene;
    const { theme, axis, columns } = scene;
    this.frame.setNote('one column = one step; step t reads token t and predicts token t + 1');
    this.frame.setLegend(
      theme,
      scaleBar('surprisal, nats', '0', String(surprisalTop), theme.signal, theme.frame),
      scaleBar('influence ‖∂ℓ/∂hₖ‖', '10⁻⁸', '1', theme.signal, theme.frame),
    );
    const context = this.canvas.begin(plotRight(axis) + axis.margin, axisHeight + 2 * rowHeight + 20);
    drawTimeLabels(context, theme, axis, axisHeight / 2);
    const labels = scene.narrow === 'narrow' ? ['surpr.', 'infl.'] : ['surprisal', 'influence'];
    labels.forEach((label, index) =>
      drawText(context, label, axis.gutter - 6, axisHeight + (index + 0.5) * rowHeight + index * 3, { color: theme.foreground, font: labelFont(theme), align: 'right' }),
    );
    const surprisal = { tokens: columns.tokens, place: (column: number) => surprisalScale.place(columns.surprisal[column] ?? Number.NaN), map: theme.signal };
    drawTokens(context, theme, axis, surprisal, axisHeight, rowHeight);
    const influenceTop = axisHeight + rowHeight + 3;
    drawTokens(context, theme, axis, { tokens: columns.tokens, place: (column) => gradientDecades.place(influence(scene, column)), map: theme.signal }, influenceTop, rowHeight);
    this.drawPinned(context, scene, influenceTop);
    this.overviewRow.hidden = axis.count >= axis.total;
    if (axis.count < axis.total) {
      const overview = this.overview.begin(plotRight(axis) + axis.margin, overviewHeight);
      drawText(overview, scene.narrow === 'narrow' ? 'window' : 'whole text', axis.gutter - 6, overviewHeight / 2, { color: theme.muted, font: `10px ${theme.font}`, align: 'right' });
      drawOverview(overview, theme, axis, surprisal, { x: axis.gutter, y: 0, width: axis.count * axis.cell, height: overviewHeight });
    }
    this.frame.refreshTables();
  }

  /** Frames the pinned token and says what the influence row shows. */
  private drawPinned(context: CanvasRenderingContext2D, scene: Scene, influenceTop: number): void {
    const { theme, axis, columns, pinned } = scene;
    const y = influenceTop + rowHeight + 9;
    const style = { color: theme.foreground, font: labelFont(theme) };
    if (pinned === undefined) {
      drawText(context, 'click a token to see which steps would change how well it was predicted', axis.gutter, y, { ...style, color: theme.muted });
      return;
    }
    const column = pinned + 1;
    const token = visibleToken(columns.tokens[column] ?? '');
    const text = scene.narrow === 'narrow' ? `clicked: ‘${token}’ at ${column}; which steps change its loss` : `clicked: how well ‘${token}’ at ${column} was predicted, and which steps would change it`;
    const centre = columnCentre(axis, column);
    if (column >= axis.first && column < axis.first + axis.count) {
      context.strokeStyle = theme.focus;
      context.lineWidth = 2;
      context.strokeRect(columnLeft(axis, column), axisHeight, axis.cell, influenceTop + rowHeight - axisHeight);
      context.fillStyle = theme.focus;
      context.beginPath();
      context.moveTo(centre - 5, y + 4);
      context.lineTo(centre + 5, y + 4);
      context.lineTo(centre, y - 4);
      context.fill();
    }
    context.font = style.font;
    const width = context.measureText(text).width;
    const left = centre - 10 - width >= axis.gutter;
    const x = left ? Math.min(centre - 10, plotRight(axis)) : Math.min(Math.max(axis.gutter, centre + 10), plotRight(axis) - width);
    drawText(context, text, x, y, { ...style, align: left ? 'right' : 'left' });
  }

  private followDrags(): void {
    const strip = this.overview.element;
    const follow = (event: PointerEvent): void => {
      if (!this.scene || (event.buttons & 1) === 0) return;
      const { axis } = this.scene;
      const share = (event.clientX - strip.getBoundingClientRect().left - axis.gutter) / (axis.count * axis.cell);
      this.centreOn(share * axis.total);
    };
    strip.addEventListener('pointerdown', (event) => {
      strip.setPointerCapture(event.pointerId);
      follow(event);
    });
    strip.addEventListener('pointermove', follow);
  }

  private tables(): readonly DataTable[] {
    const scene = this.scene;
    if (!scene) return [];
    const pinned = scene.pinned === undefined ? [] : [`‖∂ℓ${scene.pinned}/∂hₖ‖`];
    return [
      {
        caption: 'Tokens: surprisal in nats, and influence on the pinned loss',
        columns: ['step', 'token', 'surprisal', ...pinned],
        rows: scene.columns.tokens.map((token, column) => [
          String(column),
          visibleToken(token),
          scene.columns.surprisal[column] ?? Number.NaN,
          ...(scene.pinned === undefined ? [] : [influence(scene, column)]),
        ]),
      },
    ];
  }
}

/** ‖∂ℓₜ/∂hₖ‖ of the pinned t at column k; NaN where the gradient cannot come to. */
function influence(scene: Scene, column: number): number {
  const { pinned, layer } = scene;
  const flow = layer.get('flow');
  if (pinned === undefined || !flow) return Number.NaN;
  const reachable = layer.reading === 'forward' ? column <= pinned : column >= pinned;
  return reachable ? valueAt(flow, pinned, column) : Number.NaN;
}

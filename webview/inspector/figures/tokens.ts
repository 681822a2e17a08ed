import { formatExact } from '../../format';
import { drawTimeLabels, labelFont, tickFont } from '../../plots/axisDrawing';
import { drawText } from '../../plots/drawing';
import type { Plot } from '../../plots/plot';
import type { Surface } from '../../plots/surface';
import { columnAt, columnCentre, columnLeft, plotRight } from '../../plots/timeAxis';
import { visibleToken } from '../../plots/tokenModel';
import { drawOverview, drawTokens } from '../../plots/tokenStrip';
import { choice } from '../../ui/choices';
import type { DataTable } from '../../ui/dataTable';
import { element } from '../../ui/dom';
import { FigureFrame } from '../../ui/figure';
import { Lens, type LensReading } from '../../ui/lens';
import { scaleBar } from '../../ui/legend';
import type { FigureHooks, Scene, TimeFigure } from '../scene';
import { answerWords, type AnswerWords } from './answerWords';
import { chosenRow, rowChoices, scaleOption, rowOption, surprisalRow, unitOption, valueOption, valueRow, type TextRow } from './tokenRows';

const axisHeight = 18;
const rowHeight = 24;
const overviewHeight = 14;
const rowGap = 3;

/** Numbers are written into cells of at least this width; narrower ones show their colour, and the readout the number. */
const narrowestNumber = 40;

/** The text itself: how surprising each token was, and beneath it what the person chose. */
export class TokensFigure implements TimeFigure {
  readonly frame: FigureFrame;
  private readonly plot: Plot;
  private readonly overview: Plot;
  private readonly overviewRow: HTMLElement;
  private readonly row;
  private readonly unit;
  private readonly value;
  private readonly scale;
  private scene?: Scene;

  constructor(private readonly hooks: FigureHooks) {
    this.frame = new FigureFrame(
      {
        name: 'Tokens',
        howTo: [
          { lead: 'One column is one timestep.', text: 'Step t reads token t and predicts token t + 1. Columns line up through all figures below.' },
          { lead: 'Surprisal', text: 'is −ln p of a token, given all before it: 0 nats is certain, 4.5 nats is one guess in ninety. It sits on the predicted token.' },
          { lead: 'Influence', text: 'belongs to the token you click: ‖∂ℓ/∂hₖ‖, how much its loss would change if the hidden state at step k changed a little. The log scale is absolute: a vanished gradient looks vanished. The relative scale measures each row by its own largest number, and its bar says so.' },
          { lead: 'One unit', text: 'in place of it shows what a single unit follows: some count, some wait for a quote to close, most make no sense.' },
        ],
      },
      { tables: () => this.tables(), changed: () => hooks.changed() },
    );
    [this.plot, this.overview] = [this.frame.plot(), this.frame.plot()];
    this.overviewRow = element('div', { class: 'overview', children: [this.overview.element] });
    const room = element('div', { class: 'plot', children: [this.plot.element] });
    new Lens(room, this.plot, (x) => this.tokenAt(x));
    this.frame.body.append(room, this.overviewRow);
    this.row = choice('Lower row', (value) => hooks.choose(rowOption, value));
    this.unit = choice('Unit', (value) => hooks.choose(unitOption, value));
    this.scale = choice('Scale', (value) => hooks.choose(scaleOption, value));
    this.value = choice('Values', (value) => hooks.choose(valueOption, value));
    this.frame.choices.append(this.value.element, this.row.element, this.unit.element, this.scale.element);
    this.followDrags();
  }

  draw(scene: Scene): void {
    this.scene = scene;
    const { theme, axis, columns, narrow } = scene;
    const words = answerWords(scene);
    this.frame.setNote(words.note);
    const { values, surprisal, lower, rows } = rowsOf(scene);
    const tokens = values && axis.cell < narrowestNumber ? columns.tokens.map(() => '') : columns.tokens;
    const bottom = axisHeight + rows.length * (rowHeight + rowGap) - rowGap;
    this.updateChoices(scene, lower, values);
    this.frame.setLegend(theme, ...rows.map(({ title, shortTitle, low, high, map }) => scaleBar(narrow === 'narrow' ? shortTitle : title, low, high, map, theme.frame)));
    this.plot.draw(plotRight(axis) + axis.margin, bottom + 17, (surface) => {
      drawTimeLabels(surface, theme, axis, axisHeight / 2);
      rows.forEach(({ label, short, place, map }, index) => {
        const top = axisHeight + index * (rowHeight + rowGap);
        drawText(surface, narrow === 'narrow' ? short : label, axis.gutter - 6, top + rowHeight / 2, { color: theme.foreground, font: labelFont(theme), align: 'right' });
        drawTokens(surface, theme, axis, { tokens, place, map }, top, rowHeight);
      });
      drawPinned(surface, scene, words, lower, bottom);
    });
    this.overviewRow.hidden = axis.count >= axis.total;
    if (axis.count >= axis.total) return;
    this.overview.draw(plotRight(axis) + axis.margin, overviewHeight, (surface) => {
      drawText(surface, narrow === 'narrow' ? 'window' : 'whole text', axis.gutter - 6, overviewHeight / 2, { color: theme.muted, font: tickFont(theme), align: 'right' });
      drawOverview(surface, theme, axis, surprisal, { x: axis.gutter, y: 0, width: axis.count * axis.cell, height: overviewHeight });
    });
  }

  /** The token of a column, and the number of each row at it. */
  private tokenAt(x: number): LensReading | undefined {
    const { scene } = this;
    const column = scene && columnAt(scene.axis, x);
    if (!scene || column === undefined || column >= scene.columns.tokens.length) return undefined;
    return { lines: [`‘${visibleToken(scene.columns.tokens[column] ?? '')}’ at ${column}`, ...rowsOf(scene).rows.filter(({ head }) => head !== undefined).map(({ name, value }) => `${name} ${formatExact(value(column))}`)] };
  }

  private updateChoices(scene: Scene, { kind, unit }: TextRow, values: TextRow | undefined): void {
    const names = values ? (scene.summary.values?.inputs ?? []) : [];
    this.value.update(names.length > 1 ? names.map((name, column) => ({ value: String(column), label: name })) : [], String(values?.unit ?? 0));
    this.row.update(rowChoices(scene), kind);
    this.unit.update(unit === undefined ? [] : Array.from({ length: scene.layer.units }, (_, index) => ({ value: String(index), label: String(index) })), String(unit ?? 0));
    this.scale.update([{ value: 'absolute', label: 'absolute' }, { value: 'relative', label: 'relative' }], scene.view.options[scaleOption] === 'relative' ? 'relative' : 'absolute');
  }

  private followDrags(): void {
    const strip = this.overview.element;
    const follow = (event: PointerEvent): void => {
      if (!this.scene || (event.buttons & 1) === 0) return;
      const { axis } = this.scene;
      const share = (event.clientX - strip.getBoundingClientRect().left - axis.gutter) / (axis.count * axis.cell);
      this.hooks.centreOn(share * axis.total);
    };
    strip.addEventListener('pointerdown', (event) => {
      strip.setPointerCapture(event.pointerId);
      follow(event);
    });
    strip.addEventListener('pointermove', follow);
  }

  private tables(): readonly DataTable[] {
    const { scene } = this;
    if (!scene) return [];
    const lower = chosenRow(scene);
    const { loss } = answerWords(scene);
    return [
      {
        caption: `Tokens: ${loss.name}, and ${lower.name}`,
        columns: ['step', 'token', loss.head, ...(lower.head === undefined ? [] : [lower.head])],
        rows: scene.columns.tokens.map((token, column) => [String(column), visibleToken(token), scene.columns.surprisal[column] ?? Number.NaN, ...(lower.head === undefined ? [] : [lower.value(column)])]),
      },
    ];
  }
}

/** The rows of colours, from the top. */
function rowsOf(scene: Scene): { readonly values: TextRow | undefined; readonly surprisal: TextRow; readonly lower: TextRow; readonly rows: readonly TextRow[] } {
  const [values, surprisal, lower] = [valueRow(scene), surprisalRow(scene), chosenRow(scene)];
  return { values, surprisal, lower, rows: [...(values ? [values] : []), surprisal, lower] };
}

/** Frames the pinned token and says what the lower row shows. */
function drawPinned(surface: Surface, { theme, axis }: Scene, { pinned, invitation }: AnswerWords, lower: TextRow, bottom: number): void {
  const y = bottom + 9;
  const style = { color: theme.foreground, font: labelFont(theme) };
  if (pinned === undefined) {
    drawText(surface, invitation, axis.gutter, y, { ...style, color: theme.muted });
    return;
  }
  const { column } = pinned;
  const beneath = lower.unit === undefined ? '' : `; beneath, ${lower.name}`;
  const long = `${pinned.clicked}${beneath || ', and which steps would change it'}`;
  const short = `${pinned.clickedShort}${beneath || '; which steps change its loss'}`;
  surface.font = style.font;
  const text = [long, short].find((words) => surface.measureText(words).width <= plotRight(axis) - axis.gutter) ?? pinned.clickedShort;
  const centre = columnCentre(axis, column ?? axis.first);
  if (column !== undefined && column >= axis.first && column < axis.first + axis.count) {
    surface.strokeStyle = theme.focus;
    surface.lineWidth = 2;
    surface.strokeRect(columnLeft(axis, column), axisHeight, axis.cell, bottom - axisHeight);
    surface.fillStyle = theme.focus;
    surface.beginPath();
    surface.moveTo(centre - 5, y + 4);
    surface.lineTo(centre + 5, y + 4);
    surface.lineTo(centre, y - 4);
    surface.fill();
  }
  const width = surface.measureText(text).width;
  const left = centre - 10 - width >= axis.gutter;
  const x = left ? Math.min(centre - 10, plotRight(axis)) : Math.min(Math.max(axis.gutter, centre + 10), plotRight(axis) - width);
  drawText(surface, text, x, y, { ...style, align: left ? 'right' : 'left' });
}

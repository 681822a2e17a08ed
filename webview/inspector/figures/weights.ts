import { max } from 'd3-array';
import type { WeightsSummary } from '../../../src/shared/inspectorProtocol';
import { gateNames, type GateSpectrum } from '../../../src/shared/weights';
import { formatExact, formatNumber } from '../../format';
import { labelFont, tickFont } from '../../plots/axisDrawing';
import { drawText } from '../../plots/drawing';
import { drawCells } from '../../plots/heatmap';
import type { Plot } from '../../plots/plot';
import type { Surface } from '../../plots/surface';
import type { Theme } from '../../theme';
import { choice, type Choice } from '../../ui/choices';
import type { DataTable } from '../../ui/dataTable';
import { element } from '../../ui/dom';
import { FigureFrame } from '../../ui/figure';
import { Lens, type LensReading } from '../../ui/lens';
import { scaleBar } from '../../ui/legend';
import type { FigureHooks, SideFigure, SideScene } from '../scene';
import { drawSpectra, spectraAt, spectraHeight } from './spectra';
import { spectraTables, weightTable } from './weightTables';
import { TraceViews } from '../traceViews';

const option = 'weights.parameter';
/** Weights of a training under way are asked for at most this often, in milliseconds. */
const beat = 2000;

/** Side of a drawn block at most, in pixels: in a wide panel it would fill the screen. */
const largestSide = 200;
/** Side of a block that still shows its pattern. */
const readableSide = 120;
/** Between blocks, above them for the gate's name, and beneath for its numbers, in pixels. */
const [gap, nameHeight, numbersHeight] = [10, 17, 18];

/** A block of a matrix that belongs to one gate, as it is drawn. */
interface Block {
  readonly gate: string;
  /** Cells [rows, columns] from −1 to 1 of the scale, NaN while they are on their way. */
  readonly rows: number;
  readonly columns: number;
  readonly cell: (row: number, column: number) => number;
  readonly spectrum: GateSpectrum | undefined;
  /** Which part of the matrix it is. */
  readonly place: BlockPlace;
}

/** The matrices of the shown weights, gate by gate, with the spectra of the recurrent ones. */
export class WeightsFigure implements SideFigure {
  readonly of = 'run';
  readonly frame: FigureFrame;
  private readonly matrix: Plot;
  private readonly spectrum: Plot;
  private readonly parameter: Choice<string>;
  private readonly words = element('p', { class: 'sentence' });
  private held?: { readonly key: string; readonly summary: WeightsSummary; readonly views: TraceViews };
  private asked = { key: '', at: 0 };
  private placed?: { readonly parameter: string; readonly columns: number; readonly blocks: readonly { readonly block: Block; readonly x: number; readonly y: number; readonly side: number }[] };
  private shown?: { readonly parameter: string; readonly gates: readonly GateSpectrum[] };

  constructor(private readonly hooks: FigureHooks) {
    this.frame = new FigureFrame(
      {
        name: 'Weights',
        howTo: [
          { lead: '', text: 'A matrix of the model, one block a gate: a row for each unit, a column for each input (of W_hh: each unit of the step before). Orange is positive, blue negative.' },
          { lead: 'Spectral radius ρ:', text: 'largest magnitude of an eigenvalue of the recurrent block. Going back n steps multiplies gradients by about n such matrices: with ρ below 1 they vanish, above 1 they may explode (Pascanu, Mikolov & Bengio 2013). Gates scale this down and, in an LSTM, the cell state goes past it.' },
          { lead: 'Singular values σ:', text: 'how much one step can stretch a state, in each direction; σ₁ bounds the growth. Equal values keep all directions alike: an orthogonal initialisation begins so.' },
        ],
      },
      { tables: () => this.tables(), changed: () => hooks.changed() },
    );
    this.matrix = this.frame.plot();
    this.spectrum = this.frame.plot();
    this.parameter = choice('Matrix', (value) => hooks.choose(option, value));
    this.frame.choices.append(this.parameter.element);
    const room = element('div', { class: 'plot', children: [this.matrix.element] });
    new Lens(room, this.matrix, (x, y) => this.weightAt(x, y));
    const spectra = element('div', { class: 'plot', children: [this.spectrum.element] });
    new Lens(spectra, this.spectrum, (x) => spectraAt(this.shown?.gates ?? [], this.spectrum.width, x));
    this.frame.body.append(this.words, room, spectra);
  }

  draw(scene: SideScene): void {
    this.ask(scene);
    const { theme, width, view } = scene;
    const { held } = this;
    this.matrix.element.hidden = this.spectrum.element.hidden = !held;
    this.words.hidden = held !== undefined;
    if (!held) {
      this.words.textContent = scene.run.checkpoints.length > 0 || scene.trace ? 'The weights are on their way.' : 'They come with the first checkpoint.';
      return;
    }
    const { summary, views } = held;
    const matrices = summary.tensors.filter(({ shape }) => shape.length === 2);
    const name = matrices.find((each) => each.name === view.options[option])?.name ?? matrices.find((each) => each.name.includes('weight_hh'))?.name ?? matrices[0]?.name;
    const found = matrices.find((each) => each.name === name);
    if (!found) return;
    this.parameter.update(matrices.map((each) => ({ value: each.name, label: `${each.name} ${each.shape.join(' × ')}` })), found.name);
    const [rows = 0, columns = 0] = found.shape;
    const gates = summary.spectra.find(({ parameter }) => parameter === found.name)?.gates ?? [];
    this.shown = { parameter: found.name, gates };
    const labels = gateLabels(found.name, rows, scene);
    // All gates in one row where that leaves them readable.
    const across = width >= labels.length * (readableSide + gap) || labels.length === 3 ? labels.length : Math.min(labels.length, 2);
    const side = Math.min(largestSide, Math.floor(width / across) - gap);
    const blocks = labels.map((gate, index) => blockOf(views, found.name, { gate, first: (index * rows) / labels.length, rows: rows / labels.length, columns, pixels: side, spectrum: gates.find((each) => each.gate === gate) }));
    const limit = max(blocks, ({ rows: m, columns: n, cell }) => largest(m, n, cell)) ?? 0;
    const spectraStep = summary.spectraStep === undefined ? '' : `, ρ and σ of step ${summary.spectraStep.toLocaleString('en-US')}`;
    this.frame.setNote(`step ${summary.step.toLocaleString('en-US')}${spectraStep}`);
    this.frame.setLegend(theme, scaleBar('weight', `−${limit.toPrecision(2)}`, limit.toPrecision(2), theme.signed, theme.frame));
    const pitch = side + nameHeight + numbersHeight;
    const height = Math.ceil(labels.length / across) * pitch;
    const placed = blocks.map((block, index) => ({ block, x: (index % across) * (side + gap), y: Math.floor(index / across) * pitch + nameHeight, side }));
    this.placed = { parameter: found.name, columns, blocks: placed };
    this.matrix.draw(width, height, (surface) => placed.forEach(({ block, x, y }) => drawBlock(surface, theme, block, limit, x, y, side)));
    this.spectrum.element.hidden = gates.length === 0;
    if (gates.length > 0) this.spectrum.draw(width, spectraHeight, (surface) => drawSpectra(surface, theme, gates, width));
  }

  /** The weight under a point, exact however many share its pixel. */
  private weightAt(x: number, y: number): LensReading | undefined {
    const { placed, held } = this;
    const hit = placed?.blocks.find((each) => x >= each.x && x < each.x + each.side && y >= each.y && y < each.y + each.side);
    if (!placed || !hit || !held || hit.block.rows === 0) return undefined;
    const { block: { place }, side } = hit;
    const [row, column] = [Math.floor(((y - hit.y) / side) * place.rows), Math.floor(((x - hit.x) / side) * place.columns)];
    const value = held.views.get({ of: 'rows', name: placed.parameter, first: place.first + row, count: 1 })?.data[column];
    const [width, height] = [side / place.columns, side / place.rows];
    return { lines: [`${gateTitles[place.gate] ?? ''} [${row}, ${column}]`.trim(), value === undefined ? '…' : formatExact(value)], cell: { x: hit.x + column * width, y: hit.y + row * height, width, height } };
  }

  /** Asks for the shown weights, unless they are here or were asked for. */
  private ask({ run, trace, view }: SideScene): void {
    const stored = view.checkpoint === 'newest' ? (run.state === 'running' ? 'live' : 'latest') : view.checkpoint;
    const key = `${run.folder} ${stored === 'live' || stored === 'latest' ? `${stored} ${trace?.summary.step ?? run.step}` : stored}`;
    const now = performance.now();
    if (key === this.asked.key || (stored === 'live' && now - this.asked.at < beat)) return;
    this.asked = { key, at: now };
    void this.hooks.host.call('openWeights', { run: run.folder, checkpoint: stored }).then(
      async (summary) => {
        const views = new TraceViews(this.hooks.host, summary.trace, () => this.hooks.arrived(this.frame));
        // What is shown of the weights before comes with these, so that the matrix does not blink; those of another model have it not.
        await views.load(this.held?.views.lately() ?? []).catch(() => undefined);
        if (this.asked.key !== key) return;
        this.held = { key, summary, views };
        this.hooks.arrived(this.frame);
      },
      // There is no checkpoint yet, or the run ended meanwhile: the next change asks again.
      () => (this.asked = { key: '', at: now }),
    );
  }

  private tables(): readonly DataTable[] {
    const { placed, held, shown } = this;
    if (!placed || !held || !shown) return [];
    const blocks = placed.blocks.map(({ block: { place: { gate, first, rows, columns } } }) => weightTable(held.views, placed.parameter, { name: gateTitles[gate] ?? '', first, rows, columns }));
    return [...spectraTables(shown.parameter, shown.gates), ...blocks];
  }
}

/** Gates of a cell's matrix; one block for everything else. */
function gateLabels(parameter: string, rows: number, { trace }: SideScene): readonly string[] {
  const [, stack = '', layer] = /^((?:en|de)coder\.)?layers\.(\d+)\.weight_/.exec(parameter) ?? [];
  const shape = trace?.summary.layers.find(({ prefix }) => prefix === `${stack}layer${layer ?? ''}`);
  const gates = shape ? gateNames(shape.cell) : [];
  return gates.length > 0 && rows % gates.length === 0 ? gates : [''];
}

interface BlockPlace {
  readonly gate: string;
  readonly first: number;
  readonly rows: number;
  readonly columns: number;
  /** Pixels that its sides have. */
  readonly pixels: number;
  readonly spectrum: GateSpectrum | undefined;
}

/** PyTorch's letters in words. */
const gateTitles: Readonly<Record<string, string>> = { i: 'input', f: 'forget', g: 'candidate', o: 'output', r: 'reset r', z: 'update z', n: 'new n' };

/** Where several weights share a pixel, the one of the larger magnitude is shown. */
function blockOf(views: TraceViews, name: string, place: BlockPlace): Block {
  const { gate, first, rows, columns, pixels, spectrum } = place;
  const bin = Math.max(1, Math.ceil(rows / pixels));
  const widthBin = Math.max(1, Math.ceil(columns / pixels));
  const found = views.get({ of: 'cells', name, first, count: rows, bin, left: 0, width: columns, widthBin });
  const [, m = 0, n = 0] = found?.shape ?? [];
  const data = found?.data;
  return {
    gate,
    rows: m,
    columns: n,
    cell(row, column) {
      const low = data?.[row * n + column] ?? Number.NaN;
      const high = data?.[m * n + row * n + column] ?? Number.NaN;
      return Math.abs(low) > Math.abs(high) ? low : high;
    },
    spectrum,
    place,
  };
}

function largest(rows: number, columns: number, cell: Block['cell']): number {
  let most = 0;
  for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) most = Math.max(most, Math.abs(cell(row, column)) || 0);
  return most;
}

function drawBlock(surface: Surface, theme: Theme, { gate, rows, columns, cell, spectrum }: Block, limit: number, x: number, y: number, side: number): void {
  drawCells(surface, { columns, rows, place: (column, row) => 0.5 + cell(row, column) / (2 * limit || 1) }, theme.signed, { x, y, width: side, height: side });
  surface.strokeStyle = theme.frame;
  surface.lineWidth = 1;
  surface.setLineDash([]);
  surface.strokeRect(x + 0.5, y + 0.5, side - 1, side - 1);
  const numbers = spectrum ? `${spectrum.spectralRadius === undefined ? '' : `ρ ${formatNumber(spectrum.spectralRadius)}  `}σ₁ ${formatNumber(spectrum.singularValues[0])}` : '';
  drawText(surface, gateTitles[gate] ?? '', x + side / 2, y - 8, { color: theme.foreground, font: labelFont(theme), align: 'center' });
  drawText(surface, numbers, x + side / 2, y + side + 8, { color: theme.muted, font: tickFont(theme), align: 'center' });
}

import type { CellPlace } from '../../../src/engine/order';
import { formatCount } from '../../format';
import { drawTimeLabels, labelFont, tickFont } from '../../plots/axisDrawing';
import { drawText } from '../../plots/drawing';
import { cellKey, UnrolledGraph, type GraphLayer, type PlayMode } from '../../plots/graphModel';
import type { Plot } from '../../plots/plot';
import { columnAt, plotRight } from '../../plots/timeAxis';
import { visibleToken } from '../../plots/tokenModel';
import { choice, type Choice } from '../../ui/choices';
import type { DataTable } from '../../ui/dataTable';
import { element, iconButton, icon } from '../../ui/dom';
import { FigureFrame } from '../../ui/figure';
import { Lens, type LensReading } from '../../ui/lens';
import { areaKey, lineKey } from '../../ui/legend';
import { button } from '../../ui/toolkit';
import type { FigureHooks, Scene, TimeFigure } from '../scene';
import { drawGraph, graphHeight, rowsOfGraph } from './unrolledDrawing';

const modeOption = 'unrolled.mode';
const speedOption = 'unrolled.speed';

const modes: readonly { readonly value: PlayMode; readonly label: string }[] = [
  { value: 'layer-major', label: 'layer by layer (PyTorch)' },
  { value: 'time-major', label: 'timestep by timestep' },
  { value: 'wavefront', label: 'all that can, at once' },
];

/** Groups of cells a second. */
const speeds = [{ value: '2', label: '2 a second' }, { value: '10', label: '10 a second' }, { value: '60', label: '60 a second' }] as const;

/** The network unrolled over time: which cell feeds which, what each has seen, and in which order they may run. */
export class UnrolledFigure implements TimeFigure {
  readonly frame: FigureFrame;
  private readonly plot: Plot;
  private readonly mode: Choice<PlayMode>;
  private readonly speed: Choice<string>;
  private readonly playButton: HTMLButtonElement;
  private readonly place: HTMLInputElement;
  private readonly words = element('p', { class: 'step-readout', attributes: { role: 'status' } });
  private readonly agreement = element('p', { class: 'note' });
  private readonly room: HTMLElement;
  /** The stack of the shown layer, from the input upwards. */
  private layers: readonly GraphLayer[] = [];
  private graph?: UnrolledGraph;
  private groups: readonly (readonly CellPlace[])[] = [];
  /** Turn of each cell, from 0. */
  private turns: ReadonlyMap<string, number> = new Map();
  private made = '';
  private timer?: ReturnType<typeof setInterval>;
  /** Groups that have run; all of them unless somebody plays. */
  private done = Infinity;
  private pointed?: CellPlace;
  private scene?: Scene;
  private compared?: number;

  constructor(private readonly hooks: FigureHooks) {
    this.frame = new FigureFrame(
      {
        name: 'Unrolled network',
        howTo: [
          { lead: '', text: 'One box is one application of a layer’s cell: the same weights at every step. Arrows say which states it needs: its own of the step before (of the step after for a reverse direction) and the output of the layer below. Dashed ways are connections around a layer.' },
          { lead: 'Point at a box', text: 'to see which tokens its state can depend on. Backpropagation walks the same arrows backwards; the longest path through them is what gradients must survive.' },
          { lead: 'Play', text: 'shows in which order the boxes are computed. Layer by layer is PyTorch’s order: all inputs of a layer can be multiplied at once. Timestep by timestep is how a network runs on a stream. Both give the same numbers; boxes on one diagonal need nothing of each other and could run at once.' },
        ],
      },
      { tables: () => this.tables(), changed: () => hooks.changed() },
    );
    this.plot = this.frame.plot();
    this.mode = choice('Order', (value) => {
      this.stop();
      this.done = Infinity;
      hooks.choose(modeOption, value);
    });
    this.speed = choice('Speed', (value) => hooks.choose(speedOption, value));
    this.playButton = iconButton('play', 'Play the processing order', () => this.toggle());
    this.place = element('input', { attributes: { type: 'range', min: '0', step: '1', 'aria-label': 'Cells computed' } });
    this.place.addEventListener('input', () => this.moveTo(Number(this.place.value)));
    const numbers = button('Compare the numbers', () => void this.compare());
    numbers.classList.add('small');
    this.frame.choices.append(this.mode.element, this.speed.element, this.playButton, this.place, numbers);
    this.room = element('div', { class: 'plot', children: [this.plot.element] });
    this.room.addEventListener('pointermove', ({ clientX, clientY }) => {
      const { left, top } = this.room.getBoundingClientRect();
      this.point(this.cellAt(clientX - left, clientY - top));
    });
    this.room.addEventListener('pointerleave', () => this.point(undefined));
    new Lens(this.room, this.plot, (x, y) => this.seenAt(x, y));
    this.frame.body.append(this.room, this.words, this.agreement);
  }

  draw(scene: Scene): void {
    this.scene = scene;
    const { theme, view, summary, columns } = scene;
    const mode = modes.find(({ value }) => value === view.options[modeOption])?.value ?? 'layer-major';
    this.layers = summary.layers.filter(({ reads }) => reads === summary.layers[scene.layer.index]?.reads);
    const made = `${JSON.stringify(this.layers)} ${columns.steps} ${mode}`;
    if (made !== this.made) {
      this.stop();
      this.made = made;
      this.done = Infinity;
      this.compared = undefined;
      this.graph = new UnrolledGraph(this.layers, columns.steps);
      this.groups = this.graph.groups(mode);
      this.turns = new Map(this.groups.flatMap((group, turn) => group.map((cell) => [cellKey(cell), turn])));
    }
    this.mode.update(modes, mode);
    this.speed.update(speeds, view.options[speedOption] ?? '10');
    this.place.max = String(this.groups.length);
    this.frame.setNote(`${this.layers.length} ${this.layers.length === 1 ? 'layer' : 'layers'} × ${formatCount(columns.steps)} steps, input at the bottom`);
    this.frame.setLegend(theme, areaKey('computed', [theme.innerBand], theme.frame), areaKey('running', [theme.hidden], theme.frame), areaKey('waiting', [], theme.frame), ...(this.layers.some(({ connection }) => connection !== 'none') ? [lineKey('around a layer', theme.muted, 'dashed')] : []));
    this.paint();
  }

  /** ↑ and ↓ go through the layers of the column under the crosshair. */
  moveRow(by: number): void {
    const { scene } = this;
    if (!scene) return;
    const rows = rowsOfGraph(this.layers);
    const now = rows.findIndex(({ layer, direction }) => layer === this.pointed?.layer && direction === this.pointed.direction);
    const row = rows[Math.min(rows.length - 1, Math.max(0, now < 0 ? rows.length - 1 : now + by))];
    if (row) this.point({ layer: row.layer, direction: row.direction, t: scene.view.cursor ?? 0 });
  }

  /** Plays or pauses. */
  enter(): void {
    this.toggle();
  }

  clear(): void {
    this.stop();
    this.done = Infinity;
    this.point(undefined);
  }

  private toggle(): void {
    if (this.timer !== undefined) return this.stop();
    if (this.done >= this.groups.length) this.done = 0;
    const perSecond = Number(this.scene?.view.options[speedOption] ?? 10);
    this.timer = setInterval(() => {
      // Taken off the page, it has nobody to play for.
      if (!this.room.isConnected || this.done >= this.groups.length) this.stop();
      else this.moveTo(this.done + 1);
    }, 1000 / perSecond);
    this.showPlaying();
    this.paint();
  }

  private stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.showPlaying();
  }

  private showPlaying(): void {
    const playing = this.timer !== undefined;
    this.playButton.replaceChildren(icon(playing ? 'pause' : 'play'));
    this.playButton.setAttribute('aria-label', playing ? 'Pause' : 'Play the processing order');
  }

  private moveTo(done: number): void {
    this.done = Math.min(this.groups.length, done);
    this.paint();
  }

  private cellAt(x: number, y: number): CellPlace | undefined {
    const { scene } = this;
    if (!scene) return undefined;
    const t = columnAt(scene.axis, x);
    const row = rowsOfGraph(this.layers).find((each) => y >= each.y && y < each.y + each.height);
    return row && t !== undefined && t < scene.columns.steps ? { layer: row.layer, direction: row.direction, t } : undefined;
  }

  /** What the cell at a point has seen, and when it runs. */
  private seenAt(x: number, y: number): LensReading | undefined {
    const { scene, graph, groups } = this;
    const cell = this.cellAt(x, y);
    if (!scene || !graph || !cell) return undefined;
    const turn = (this.turns.get(cellKey(cell)) ?? 0) + 1;
    return { lines: [cellName(graph, cell), seenText(graph, cell, scene.columns.tokens), `turn ${formatCount(turn)} of ${formatCount(groups.length)}, wavefront ${formatCount(graph.level(cell))} of ${formatCount(graph.depth)}`] };
  }

  private point(cell: CellPlace | undefined): void {
    const same = cell?.layer === this.pointed?.layer && cell?.direction === this.pointed?.direction && cell?.t === this.pointed?.t;
    this.pointed = cell;
    if (!same) this.paint();
  }

  private paint(): void {
    const { scene, graph, groups, pointed } = this;
    if (!scene || !graph) return;
    const { theme, axis, columns, narrow } = scene;
    const done = Math.min(this.done, groups.length);
    const playing = this.done <= groups.length;
    const seen = pointed && graph.seen(pointed);
    this.place.value = String(done);
    this.words.textContent = this.sentence();
    this.agreement.textContent = this.compared === undefined ? '' : `Traced in both orders, the hidden states of all layers differ by at most ${this.compared === 0 ? '0' : this.compared.toExponential(1)}.`;
    this.plot.draw(plotRight(axis) + axis.margin, graphHeight(this.layers) + 14, (surface) => {
      drawGraph(surface, { theme, axis, layers: this.layers, steps: columns.steps, stateOf: (cell) => this.stateOf(cell, playing ? done : Infinity), ...(pointed ? { pointed } : {}), ...(seen ? { seen } : {}) });
      for (const { layer, direction, y, height } of rowsOfGraph(this.layers)) {
        const both = (this.layers[layer]?.directions.length ?? 1) > 1;
        const label = narrow === 'narrow' ? `${layer}${both ? (direction === 0 ? '→' : '←') : ''}` : `layer ${layer}${both ? (direction === 0 ? ' →' : ' ←') : ''}`;
        drawText(surface, label, axis.gutter - 6, y + height / 2, { color: theme.foreground, font: labelFont(theme), align: 'right' });
      }
      drawTimeLabels(surface, theme, axis, graphHeight(this.layers) + 6);
      drawText(surface, 'input', axis.gutter - 6, graphHeight(this.layers) - 8, { color: theme.muted, font: tickFont(theme), align: 'right' });
    });
  }

  private stateOf(cell: CellPlace, done: number): 'waiting' | 'running' | 'computed' {
    const turn = this.turns.get(cellKey(cell)) ?? 0;
    return turn === done - 1 ? 'running' : turn < done ? 'computed' : 'waiting';
  }

  private sentence(): string {
    const { scene, graph, groups, pointed } = this;
    if (!scene || !graph) return '';
    if (pointed) {
      return `${cellName(graph, pointed)}: ${seenText(graph, pointed, scene.columns.tokens)}; wavefront ${graph.level(pointed)} of ${graph.depth}.`;
    }
    const cells = groups.reduce((sum, group) => sum + group.length, 0);
    if (this.done >= groups.length) return `${formatCount(cells)} cells; with one processor for each layer ${formatCount(graph.depth + 1)} turns would do. Point at a cell to see what it has seen.`;
    const group = groups[this.done - 1] ?? [];
    const [cell] = group;
    if (!cell) return `None of ${formatCount(cells)} cells has run.`;
    if (group.length > 1) return `Turn ${this.done} of ${groups.length}: ${group.length} cells at once.`;
    return `Turn ${this.done} of ${formatCount(groups.length)}: layer ${cell.layer}, step ${cell.t}.`;
  }

  /** Traces the sample in both orders and says how far the states differ. */
  private async compare(): Promise<void> {
    const { scene } = this;
    if (!scene) return;
    this.agreement.textContent = 'Tracing in both orders …';
    try {
      this.compared = await this.hooks.host.call('orderDifference', scene.asked);
      this.paint();
    } catch (error) {
      this.agreement.textContent = (error as Error).message;
    }
  }

  private tables(): readonly DataTable[] {
    const { scene, graph, groups } = this;
    if (!scene || !graph) return [];
    return [
      {
        caption: 'Cells in the order in which they run',
        columns: ['turn', 'layer', 'direction', 'step', 'wavefront', 'has seen from', 'to'],
        rows: groups.flatMap((group, turn) =>
          group.map((cell) => {
            const { first, last } = graph.seen(cell);
            return [String(turn + 1), String(cell.layer), graph.layers[cell.layer]?.directions[cell.direction] ?? '', String(cell.t), String(graph.level(cell)), String(first), String(last)];
          }),
        ),
      },
    ];
  }
}

function cellName({ layers }: UnrolledGraph, { layer, direction, t }: CellPlace): string {
  return `Layer ${layer}, step ${t}${layers[layer]?.directions[direction] === 'reverse' ? ', reverse' : ''}`;
}

function seenText(graph: UnrolledGraph, cell: CellPlace, tokens: readonly string[]): string {
  const { first, last } = graph.seen(cell);
  return `has seen tokens ${first} … ${last} (‘${visibleToken(tokens[first] ?? '')}’ … ‘${visibleToken(tokens[last] ?? '')}’)`;
}

import { conventionOf, conventionOption, spreadOf, tracksOf, type Track } from '../tracks';
import { choice } from '../../ui/choices';
import type { DataTable } from '../../ui/dataTable';
import { FigureFrame } from '../../ui/figure';
import { areaKey, lineKey, scaleBar } from '../../ui/legend';
import type { FigureHooks, PickedUnit, Scene, TimeFigure } from '../scene';
import { sortOf, sortOption, sortsOf } from '../unitRows';
import { GateTrack, rowsOf, trackScale } from './gateTrack';
import { bandTable, unitTable } from './gateTables';

/** Gates and states of one layer: how its units spread at each step, and every unit on demand. */
export class GatesFigure implements TimeFigure {
  readonly frame: FigureFrame;
  private readonly sort;
  private readonly convention;
  private tracks: GateTrack[] = [];
  private scene?: Scene;
  private picked?: PickedUnit;

  constructor(private readonly hooks: FigureHooks) {
    this.frame = new FigureFrame(
      {
        name: 'Gate activations',
        howTo: [
          { lead: '', text: 'Each band is the spread of one gate over the layer’s units: the line is the median unit, the inner band holds 80 % of them, the outer band all.' },
          { lead: 'Gates', text: 'run from 0 (closed) to 1 (open) on a logit scale: a forget gate of 0.9 keeps a memory for 9 steps, 0.99 for 99. A cell state that is kept is a path on which gradients do not vanish: that is why gates were invented.' },
          { lead: 'The GRU’s update gate', text: 'is PyTorch’s z, of which 1 keeps the old state, or the lecture’s u = 1 − z, of which 0 keeps it; the label says which.' },
          { lead: 'Open a gate', text: 'to see each unit as a row, the longest memory (time constant τ = −1/ln of the mean forget gate) on top. Click a row to colour the text with that unit.' },
        ],
      },
      { tables: () => this.tables(), changed: () => hooks.changed() },
    );
    this.sort = choice('Sort by', (value) => hooks.choose(sortOption, value));
    this.convention = choice('Update gate', (value) => hooks.choose(conventionOption, value));
    this.frame.choices.append(this.sort.element, this.convention.element);
  }

  draw(scene: Scene): void {
    this.scene = scene;
    const { theme, layer, view } = scene;
    const shown = tracksOf(layer, view);
    if (shown.map(({ label }) => label).join() !== this.tracks.map(({ track }) => track.label).join()) this.rebuild(shown);
    this.sort.update(shown.some(({ name }) => this.isOpen(name) === 'open') ? sortsOf(layer) : [], sortOf(view, layer));
    this.convention.update(layer.has('gate.update') ? [{ value: 'z', label: 'PyTorch’s z: 1 keeps' }, { value: 'u', label: 'CS224n’s u: 0 keeps' }] : [], conventionOf(view));
    const direction = layer.reading === 'reverse' ? ', reverse' : '';
    const keeps = conventionOf(view) === 'z' ? 'update is PyTorch’s z: 1 keeps' : 'update is CS224n’s u: 0 keeps';
    const what = layer.cell === 'rnn' ? 'a vanilla RNN has no gates: its hidden state' : layer.cell === 'gru' ? `${keeps}; open one to see each` : 'open a gate to see each';
    this.frame.setNote(`layer ${layer.index}${direction}, over its ${layer.units} units; ${what}`);
    const open = shown.filter(({ name }) => this.isOpen(name) === 'open');
    const signed = open.filter(({ kind }) => kind === 'signed');
    const limit = signed.length === 1 && signed[0] ? limitOf(scene, signed[0]) : 'max';
    this.frame.setLegend(
      theme,
      lineKey('median', theme.foreground),
      areaKey('10–90 %', [theme.outerBand, theme.innerBand], 'transparent'),
      areaKey('min–max', [theme.outerBand], 'transparent'),
      ...(layer.cell === 'rnn' ? [] : [scaleBar('', '0.01', '0.99', theme.state, theme.frame)]),
      ...(signed.length > 0 ? [scaleBar(signed.length > 1 ? 'states, each' : '', `−${limit}`, limit, theme.signed, theme.frame)] : []),
    );
    for (const track of this.tracks) track.draw(scene, this.isOpen(track.track.name), this.picked);
  }

  /** ↑ and ↓ go from unit to unit in the heatmap that was last used, or in the first open one. */
  moveRow(by: number): void {
    const track = this.tracks.find(({ track: { name } }) => (this.picked ? name === this.picked.track : this.isOpen(name) === 'open'))?.track;
    if (!this.scene || !track) return;
    const { units } = rowsOf(this.scene, track);
    const row = this.picked ? units.indexOf(this.picked.unit) + by : by > 0 ? 0 : units.length - 1;
    const unit = units[Math.min(units.length - 1, Math.max(0, row))];
    if (unit !== undefined) this.pick({ track: track.name, unit });
  }

  /** Forgets the picked unit. */
  clear(): void {
    this.pick(undefined);
  }

  private isOpen(track: string): 'open' | 'closed' {
    return this.hooks.view().open.includes(track) ? 'open' : 'closed';
  }

  private pick(unit: PickedUnit | undefined): void {
    this.picked = unit;
    for (const track of this.tracks) track.mark(unit);
    this.hooks.point({ unit });
  }

  private rebuild(shown: readonly Track[]): void {
    this.picked = undefined;
    this.frame.forget(...this.tracks.flatMap(({ plots }) => plots));
    this.tracks = shown.map((track) => {
      const toggled = (): void => {
        const { open } = this.hooks.view();
        this.hooks.change({ open: open.includes(track.name) ? open.filter((name) => name !== track.name) : [...open, track.name] });
      };
      return new GateTrack(track, this.frame, { again: () => this.hooks.again(), toggled, pointed: (unit) => this.pick(unit), picked: ({ unit }) => this.hooks.change({ options: { ...this.hooks.view().options, 'tokens.row': track.name, 'tokens.unit': String(unit) } }) });
    });
    this.frame.body.replaceChildren(...this.tracks.map((track) => track.element));
  }

  private tables(): readonly DataTable[] {
    const { scene } = this;
    if (!scene) return [];
    const { layer, view } = scene;
    const tracks = tracksOf(layer, view);
    return [...tracks.map((track) => bandTable(scene, track, spreadOf(layer, track))), ...tracks.filter(({ name }) => this.isOpen(name) === 'open').map((track) => unitTable(scene, track))];
  }
}

function limitOf(scene: Scene, track: Track): string {
  return trackScale(scene, track).ticks[0]?.label ?? '1';
}

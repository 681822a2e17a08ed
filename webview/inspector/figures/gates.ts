import { visibleToken } from '../../plots/tokenModel';
import type { DataTable } from '../../ui/dataTable';
import { FigureFrame } from '../../ui/figure';
import { areaKey, lineKey, scaleBar } from '../../ui/legend';
import type { PickedUnit, Scene, TimeFigure } from '../scene';
import { scaleOf, tracksOf, type Track } from '../tracks';
import { GateTrack } from './gateTrack';

/** What the gates figure asks of the panel. */
export interface GatesHooks {
  tableToggled(): void;
  isOpen(track: string): 'open' | 'closed';
  toggleTrack(track: string): void;
  unitPicked(unit: PickedUnit | undefined): void;
}

/** Gates and states of one layer: how its units spread at each step, and every unit on demand. */
export class GatesFigure implements TimeFigure {
  readonly element: HTMLElement;
  private readonly frame: FigureFrame;
  private tracks: GateTrack[] = [];
  private scene?: Scene;
  private picked?: PickedUnit;

  constructor(private readonly hooks: GatesHooks) {
    this.frame = new FigureFrame(
      {
        name: 'Gate activations',
        howTo: [
          { lead: '', text: 'Each band is the spread of one gate over the layer’s units: the line is the median unit, the inner band holds 80 % of them, the outer band all.' },
          { lead: 'Gates', text: 'run from 0 (closed) to 1 (open) on a logit scale: a forget gate of 0.9 keeps a memory for 9 steps, 0.99 for 99. The GRU’s update gate is PyTorch’s z: 1 keeps the old state.' },
          { lead: 'Open a gate', text: 'to see each unit as a row, the longest memory (time constant τ = −1/ln of the mean forget gate) on top.' },
        ],
      },
      () => this.tables(),
      () => hooks.tableToggled(),
    );
    this.element = this.frame.element;
  }

  draw(scene: Scene): void {
    this.scene = scene;
    const { theme, layer } = scene;
    const shown = tracksOf(layer);
    if (shown.map(({ name }) => name).join() !== this.tracks.map(({ track }) => track.name).join()) this.rebuild(shown);
    const direction = layer.reading === 'reverse' ? ', reverse' : '';
    const what = layer.cell === 'rnn' ? 'a vanilla RNN has no gates: its hidden state' : layer.cell === 'gru' ? 'update is PyTorch’s z: 1 keeps; open one to see every unit' : 'open a gate to see every unit';
    this.frame.setNote(`layer ${layer.index}${direction}, over its ${layer.units} units; ${what}`);
    const open = shown.filter(({ name }) => this.hooks.isOpen(name) === 'open');
    const signed = open.filter(({ kind }) => kind === 'signed');
    this.frame.setLegend(
      theme,
      lineKey('median', theme.foreground),
      areaKey('10–90 %', [theme.outerBand, theme.innerBand], 'transparent'),
      areaKey('min–max', [theme.outerBand], 'transparent'),
      ...(layer.cell === 'rnn' ? [] : [scaleBar('', '0.01', '0.99', theme.state, theme.frame)]),
      ...(signed.length > 0 || layer.cell === 'rnn' ? [scaleBar('', signed.length === 1 && signed[0] ? `−${limitOf(scene, signed[0])}` : '−max', signed.length === 1 && signed[0] ? limitOf(scene, signed[0]) : 'max', theme.signed, theme.frame)] : []),
    );
    for (const track of this.tracks) track.draw(scene, this.hooks.isOpen(track.track.name), this.picked);
    this.frame.refreshTables();
  }

  /** ↑ and ↓ go from unit to unit in the heatmap that was last used, or in the first open one. */
  moveRow(by: number): void {
    const units = this.scene?.layer.order.units;
    const track = this.picked?.track ?? this.tracks.find(({ track: { name } }) => this.hooks.isOpen(name) === 'open')?.track.name;
    if (!units || track === undefined) return;
    const row = this.picked ? units.indexOf(this.picked.unit) + by : by > 0 ? 0 : units.length - 1;
    const unit = units[Math.min(units.length - 1, Math.max(0, row))];
    if (unit !== undefined) this.pick({ track, unit });
  }

  /** Forgets the picked unit. */
  clearPick(): void {
    this.pick(undefined);
  }

  private pick(unit: PickedUnit | undefined): void {
    this.picked = unit;
    for (const track of this.tracks) track.mark(unit);
    this.hooks.unitPicked(unit);
  }

  private rebuild(shown: readonly Track[]): void {
    this.picked = undefined;
    this.tracks = shown.map((track) => new GateTrack(track, () => this.hooks.toggleTrack(track.name), (unit) => this.pick(unit)));
    this.frame.body.replaceChildren(...this.tracks.map((track) => track.element));
  }

  private tables(): readonly DataTable[] {
    const scene = this.scene;
    if (!scene) return [];
    const { layer, columns, axis } = scene;
    const steps = Array.from({ length: columns.steps }, (_, t) => t);
    const bands = this.tracks.map(({ track }) => {
      const band = layer.band(track.name);
      return {
        caption: `${track.label}, layer ${layer.index}: spread over ${layer.units} units`,
        columns: ['step', 'token', 'minimum', '10 %', 'median', '90 %', 'maximum'],
        rows: band ? steps.map((t) => [String(t), visibleToken(columns.tokens[t] ?? ''), ...[band.minimum, band.low, band.median, band.high, band.maximum].map((values) => values[t] ?? Number.NaN)]) : [],
      };
    });
    const shown = steps.slice(axis.first, axis.first + axis.count);
    const units = this.tracks
      .filter(({ track }) => this.hooks.isOpen(track.name) === 'open')
      .map(({ track }) => {
        const series = layer.get(track.name);
        return {
          caption: `${track.label}, layer ${layer.index}: every unit at steps ${shown[0] ?? 0} to ${shown.at(-1) ?? 0}`,
          columns: ['unit', ...shown.map((t) => `${t} ${visibleToken(columns.tokens[t] ?? '')}`)],
          rows: series ? layer.order.units.map((unit) => [String(unit), ...shown.map((t) => series.data[t * series.width + unit] ?? Number.NaN)]) : [],
        };
      });
    return [...bands, ...units];
  }
}

function limitOf(scene: Scene, track: Track): string {
  return scaleOf(scene.layer, track).ticks[0]?.label ?? '1';
}

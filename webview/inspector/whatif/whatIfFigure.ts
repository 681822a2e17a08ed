import { initialCarry, longestLag, type InitialCarry } from '../../../src/diagnosis/initial/initialCarry';
import { editOf, imagined, type WhatIf } from '../../../src/diagnosis/initial/whatIf';
import type { InitialStack } from '../../../src/shared/initialNetwork';
import { formatExact, formatNumber } from '../../format';
import type { Plot } from '../../plots/plot';
import { mix, type Theme } from '../../theme';
import { choice } from '../../ui/choices';
import type { DataTable } from '../../ui/dataTable';
import { element } from '../../ui/dom';
import { FigureFrame } from '../../ui/figure';
import { Lens, type LensReading } from '../../ui/lens';
import { dashedKey, lineKey } from '../../ui/legend';
import { button } from '../../ui/toolkit';
import type { FigureHooks, SideFigure, SideScene } from '../scene';
import { WhatIfControls } from './controls';
import { drawDecay, lagScale, type DecayLine } from './decayPlot';
import { differs, parsedWhatIf, reachText, storedWhatIf, whatIfSentence } from './whatIfText';

const height = 170;
const option = 'what-if';

/** What the figure needs besides what is imagined. */
export interface WhatIfScene {
  readonly theme: Theme;
  /** Room for the plot in CSS pixels. */
  readonly width: number;
  readonly stacks: readonly InitialStack[];
}

/** How far a change of the state would be carried before any training, with sliders for what decides it. */
export class WhatIfFigure implements SideFigure {
  readonly of = 'run';
  readonly frame: FigureFrame;
  private readonly plot: Plot;
  private readonly crosshair = element('div', { class: 'curve-crosshair', attributes: { 'aria-hidden': 'true', hidden: '' } });
  private readonly controls: WhatIfControls;
  private readonly stackChoice = choice<string>('Stack', (stack) => this.hooks.choose('what-if.stack', stack));
  private readonly words = element('p', { class: 'sentence', attributes: { role: 'status' } });
  private readonly readout = element('p', { class: 'step-readout' });
  private readonly buttons = element('div', { class: 'what-if-buttons' });
  private scene?: WhatIfScene;
  private stack?: InitialStack;
  private whatIf: WhatIf = {};
  private asItIs: readonly InitialCarry[] = [];
  private curves: readonly InitialCarry[] = [];
  private computed = '';
  private lag?: number;

  constructor(private readonly hooks: FigureHooks) {
    this.frame = new FigureFrame(
      {
        name: 'What if, before training',
        howTo: [
          { lead: '', text: 'What is left of a change of the state after so many timesteps, with the weights that a training would begin with: ‖∂sₜ/∂sₜ₋ₙ‖ of each layer, s being the cell state of an LSTM and else the hidden state. No loss and no data are involved; the inputs are random.' },
          { lead: 'Below the dashed red line', text: 'less than 1 % arrives. Where the data hold something further back than that, the gradient will hardly find it.' },
          { lead: 'A line that rises', text: 'is a state that grows: gradients explode unless they are clipped.' },
          { lead: 'How exact:', text: 'two sequences through the network, or through a narrower one of the same statistics. Other seeds differ by about as much: a decade, or a tenth of the decades that are lost.' },
        ],
      },
      { tables: () => this.tables(), changed: () => hooks.changed() },
    );
    this.plot = this.frame.plot();
    this.controls = new WhatIfControls({
      moved: (whatIf) => this.imagine(whatIf),
      settled: (whatIf) => {
        this.imagine(whatIf);
        this.hooks.choose(option, storedWhatIf(whatIf));
      },
    });
    const curve = element('div', { class: 'curve', children: [this.plot.element, this.crosshair] });
    curve.addEventListener('pointermove', ({ clientX }) => this.point(lagScale(this.plot.width, longestLag).lag(clientX - curve.getBoundingClientRect().left)));
    curve.addEventListener('pointerleave', () => this.point(undefined));
    new Lens(curve, this.plot, (x) => this.carryAt(x));
    this.frame.body.append(this.stackChoice.element, this.controls.element, this.words, curve, this.readout, this.buttons);
  }

  draw({ theme, width, stacks }: SideScene): void {
    this.show({ theme, width, stacks });
  }

  /** Draws what is imagined of a spec; also before there is any run. */
  show(scene: WhatIfScene): void {
    this.scene = scene;
    const { options } = this.hooks.view();
    const { stacks } = scene;
    const names = stacks.map(nameOf);
    this.stackChoice.update(names.map((name) => ({ value: name, label: name })), options['what-if.stack'] ?? names[0] ?? '');
    this.stack = stacks[Math.max(0, names.indexOf(options['what-if.stack'] ?? ''))];
    this.frame.body.hidden = this.frame.showsTable || !this.stack;
    this.imagine(parsedWhatIf(options[option]));
  }

  /** Moves the crosshair over lags. */
  moveColumn(by: number | 'first' | 'last'): void {
    this.point(by === 'first' ? 0 : by === 'last' ? longestLag : Math.min(longestLag, Math.max(0, (this.lag ?? 0) + by)));
  }

  clear(): void {
    this.point(undefined);
  }

  /** Computes and draws, in one go: the whole stays below the time in which a slider feels immediate. */
  private imagine(whatIf: WhatIf): void {
    this.whatIf = whatIf;
    const { scene, stack } = this;
    if (!scene || !stack) return;
    this.controls.update(stack.network, whatIf);
    const problem = this.compute(stack, whatIf);
    this.words.textContent = problem ?? whatIfSentence(this.curves, differs(stack, whatIf) === 'differs' ? this.asItIs : undefined);
    this.buttons.replaceChildren(...this.actions(stack));
    if (problem === undefined) this.paint(scene);
    if (this.frame.showsTable) this.frame.refreshTables();
  }

  /** Says what does not fit, for a person; undefined when all does. */
  private compute(stack: InitialStack, whatIf: WhatIf): string | undefined {
    const key = JSON.stringify([stack, whatIf]);
    if (key === this.computed) return undefined;
    try {
      const base = JSON.stringify(stack);
      if (!this.computed.startsWith(`[${base},`)) this.asItIs = initialCarry(stack.network);
      this.curves = differs(stack, whatIf) === 'differs' ? initialCarry(imagined(stack.network, whatIf), { recurrentScale: whatIf.recurrentScale }) : this.asItIs;
      this.computed = key;
      return undefined;
    } catch (error) {
      this.computed = '';
      return `This cannot be built: ${(error as Error).message}.`;
    }
  }

  private paint({ theme, width }: WhatIfScene): void {
    const { curves } = this;
    const other = curves !== this.asItIs;
    const best = bestOf(this.asItIs);
    const layers = curves.map(({ rms, layer }): DecayLine => ({ values: rms, color: layerColor(theme, layer, curves.length), dash: [] }));
    const lines = [...(other && best ? [{ values: best.rms, color: theme.muted, dash: [4, 3] }] : []), ...layers];
    this.frame.setNote('‖∂sₜ/∂sₜ₋ₙ‖ by lag, log scale');
    this.frame.setLegend(theme, ...layers.map(({ color }, layer) => lineKey(`layer ${layer}`, color)), ...(other ? [dashedKey('as in the spec', theme.muted, [4, 3])] : []));
    this.plot.draw(width, height, (surface) => drawDecay(surface, { theme, width, height, lines }));
    this.point(this.lag);
  }

  private actions(stack: InitialStack): HTMLElement[] {
    if (differs(stack, this.whatIf) === 'same') return [];
    const edit = editOf(stack, this.whatIf);
    const title = 'Begin as imagined';
    const reason = `${whatIfSentence(this.curves, this.asItIs)} Estimated at initialisation; the recurrent scale is no field of a spec.`;
    return [
      ...(edit.length > 0 ? [button('Preview in the spec', () => this.hooks.host.notify('previewFix', { title, reason, edit }))] : []),
      button('As in the spec', () => {
        this.imagine({});
        this.hooks.choose(option, storedWhatIf({}));
      }),
    ];
  }

  private point(lag: number | undefined): void {
    this.lag = lag;
    this.crosshair.hidden = lag === undefined;
    if (lag !== undefined) this.crosshair.style.setProperty('transform', `translateX(${lagScale(this.plot.width, longestLag).x(lag)}px)`);
    const at = (curve: InitialCarry): string => formatNumber(curve.rms[lag ?? 0]);
    this.readout.textContent = lag === undefined ? this.curves.map(({ layer, reach }) => `layer ${layer}: ${reachText(reach)}`).join(', ') : `lag ${lag}: ${this.curves.map((curve) => `layer ${curve.layer} ${at(curve)}`).join(', ')}`;
  }

  /** How much of the state is left at the lag under x, of each layer. */
  private carryAt(x: number): LensReading | undefined {
    const lag = lagScale(this.plot.width, longestLag).lag(x);
    if (lag === undefined) return undefined;
    const best = this.curves === this.asItIs ? undefined : bestOf(this.asItIs);
    return { lines: [`lag ${lag}`, ...this.curves.map(({ layer, rms }) => `layer ${layer} ${formatExact(rms[lag])}`), ...(best ? [`as in the spec, layer ${best.layer} ${formatExact(best.rms[lag])}`] : [])] };
  }

  private tables(): readonly DataTable[] {
    const { curves, asItIs } = this;
    const other = curves !== asItIs;
    const columns = [...curves.map(({ layer }) => `layer ${layer}`), ...(other ? asItIs.map(({ layer }) => `layer ${layer} as in the spec`) : [])];
    const all = [...curves, ...(other ? asItIs : [])];
    return [{ caption: 'Carry before training, by lag', columns: ['lag', ...columns], rows: Array.from({ length: longestLag + 1 }, (_, lag) => [String(lag), ...all.map(({ rms }) => rms[lag] ?? Number.NaN)]) }];
  }
}

/** The layer that keeps most over the longest lag: enough to remember. */
function bestOf(curves: readonly InitialCarry[]): InitialCarry | undefined {
  return curves.reduce<InitialCarry | undefined>((best, curve) => (best && (best.rms.at(-1) ?? 0) >= (curve.rms.at(-1) ?? 0) ? best : curve), undefined);
}

/** Lower layers stand out; those above fade. */
function layerColor(theme: Theme, layer: number, count: number): string {
  return mix(theme.hidden, theme.highContrast ? 100 - (40 * layer) / count : 100 - (60 * layer) / count);
}

/** `encoder`, `decoder`; `layers` where there is one stack. */
function nameOf({ path }: InitialStack): string {
  return String(path.at(-2) === 'model' ? 'layers' : path.at(-2));
}

import type { RunInfo } from '../../src/shared/run';
import type { InspectorState } from '../../src/shared/inspectorProtocol';
import { formatCount, formatFixed } from '../format';
import type { Reading } from '../../src/shared/flow';
import { element, icon } from '../ui/dom';
import { button, dropdown } from '../ui/toolkit';
import { isActive, runLabel } from './runText';
import type { ViewState } from './viewState';

/** What a person can ask for in the toolbar. */
export interface ToolbarHooks {
  chooseRun(folder: string): void;
  chooseCheckpoint(checkpoint: ViewState['checkpoint']): void;
  chooseLayer(layer: number): void;
  chooseDirection(direction: Reading): void;
  play(): void;
  train(): void;
  stop(): void;
}

/** What the toolbar shows. */
export interface ToolbarScene {
  readonly state: InspectorState;
  readonly run?: RunInfo;
  readonly view: ViewState;
  /** Step of the weights that are drawn. */
  readonly shownStep?: number;
  readonly layers: number;
  readonly directions: readonly Reading[];
  readonly layer: number;
  readonly playing: 'playing' | 'still';
  /** Validation loss measured nearest before the shown step. */
  readonly validationLoss?: number;
}

/** Run picker, checkpoint slider, layer and direction. */
export class Toolbar {
  readonly element: HTMLElement;
  private readonly runs;
  private readonly playButton: HTMLButtonElement;
  private readonly slider = element('input', { attributes: { type: 'range', min: '0', step: '1', 'aria-label': 'Checkpoint' } });
  private readonly ticks = element('div', { class: 'slider-ticks', attributes: { 'aria-hidden': 'true' } });
  private readonly step = element('span', { class: 'step' });
  private readonly layerPicker;
  private readonly directionPicker;
  private readonly act = element('span', { class: 'act' });
  private scene?: ToolbarScene;

  constructor(private readonly hooks: ToolbarHooks) {
    this.runs = dropdown('Run', (folder) => hooks.chooseRun(folder));
    this.playButton = element('button', { class: 'icon-button', attributes: { type: 'button' }, on: { click: () => hooks.play() } });
    this.slider.addEventListener('input', () => hooks.chooseCheckpoint(this.checkpointAt(Number(this.slider.value))));
    this.layerPicker = new Segments('Layer', (value) => hooks.chooseLayer(Number(value)));
    this.directionPicker = new Segments('Direction', (value) => hooks.chooseDirection(value === 'reverse' ? 'reverse' : 'forward'));
    this.element = element('header', {
      class: 'toolbar',
      children: [
        element('div', { class: 'run-picker', children: [element('span', { class: 'label', text: 'Run' }), this.runs.element] }),
        element('div', { class: 'checkpoints', children: [this.playButton, element('div', { class: 'slider', children: [this.ticks, this.slider] }), this.step] }),
        this.layerPicker.element,
        this.directionPicker.element,
        this.act,
      ],
    });
  }

  update(scene: ToolbarScene): void {
    this.scene = scene;
    const { state, run } = scene;
    this.runs.update(
      state.runs.map((known) => ({ value: known.folder, label: runLabel(known) })),
      run?.folder,
    );
    const stops = this.stops();
    const at = scene.view.checkpoint === 'newest' ? stops.length - 1 : Math.max(0, stops.indexOf(scene.view.checkpoint));
    this.slider.max = String(Math.max(0, stops.length - 1));
    this.slider.value = String(at);
    this.slider.disabled = stops.length < 2;
    this.slider.setAttribute('aria-valuetext', this.stopName(stops[at]));
    this.drawTicks(stops.length);
    const pause = scene.playing === 'playing';
    this.playButton.replaceChildren(icon(pause ? 'pause' : 'play'));
    this.playButton.disabled = stops.length < 2;
    const label = pause ? 'Pause' : 'Play through the checkpoints';
    this.playButton.setAttribute('aria-label', label);
    this.playButton.title = label;
    this.showStep(scene);
    this.layerPicker.update(Array.from({ length: scene.layers }, (_, layer) => ({ value: String(layer), text: String(layer), label: `Layer ${layer}` })), String(scene.layer));
    this.directionPicker.update(
      scene.directions.length < 2 ? [] : scene.directions.map((direction) => ({ value: direction, text: direction === 'forward' ? '→' : '←', label: direction })),
      scene.view.direction,
    );
    this.showAct(isActive(run) === 'active' ? 'stop' : 'train');
  }

  /** Shows one button: Train, or Stop while a training runs. */
  private showAct(wanted: 'stop' | 'train'): void {
    if (this.act.dataset['act'] === wanted) return;
    this.act.dataset['act'] = wanted;
    this.act.replaceChildren(wanted === 'stop' ? button('Stop', () => this.hooks.stop()) : button('Train', () => this.hooks.train()));
  }

  /** Checkpoint that lies `by` stops from the shown one. */
  neighbour(by: number): ViewState['checkpoint'] {
    const stops = this.stops();
    const checkpoint = this.scene?.view.checkpoint ?? 'newest';
    const at = checkpoint === 'newest' ? stops.length - 1 : Math.max(0, stops.indexOf(checkpoint));
    return this.checkpointAt(Math.min(stops.length - 1, Math.max(0, at + by)));
  }

  /** The first stop of the slider. */
  first(): ViewState['checkpoint'] {
    return this.checkpointAt(0);
  }

  /** Stored steps, then `newest` for the live weights while training. */
  private stops(): readonly (number | 'newest')[] {
    const run = this.scene?.run;
    const stored = run?.checkpoints ?? [];
    return isActive(run) === 'active' ? [...stored, 'newest'] : stored.length > 0 ? stored : [];
  }

  /** The last stop means "newest", so that the view follows when the run goes on. */
  private checkpointAt(index: number): ViewState['checkpoint'] {
    const stops = this.stops();
    return index >= stops.length - 1 ? 'newest' : (stops[index] ?? 'newest');
  }

  private stopName(stop: number | 'newest' | undefined): string {
    return stop === undefined ? 'no checkpoint yet' : stop === 'newest' ? 'live' : `step ${formatCount(stop)}`;
  }

  private showStep(scene: ToolbarScene): void {
    const { run, shownStep, validationLoss } = scene;
    if (!run) {
      this.step.textContent = '';
      return;
    }
    const live = isActive(run) === 'active' && scene.view.checkpoint === 'newest';
    const at = element('strong', { text: formatCount(shownStep ?? run.step) });
    const loss = live ? (run.loss === undefined ? '' : ` · loss ${formatFixed(run.loss, 3)}`) : validationLoss === undefined ? '' : ` · val ${formatFixed(validationLoss, 3)} nats`;
    this.step.replaceChildren(live ? element('span', { class: 'live', text: 'live' }) : '', 'step ', at, ` of ${formatCount(run.steps)}`, element('span', { class: 'note', text: loss }));
  }

  private drawTicks(count: number): void {
    if (this.ticks.childElementCount === count) return;
    this.ticks.replaceChildren(
      ...Array.from({ length: count }, (_, index) => {
        const tick = element('span');
        tick.style.setProperty('left', `${count < 2 ? 0 : (index / (count - 1)) * 100}%`);
        return tick;
      }),
    );
  }
}

/** A row of buttons of which one is pressed. */
class Segments {
  readonly element: HTMLElement;
  private readonly group: HTMLElement;
  private shown = '';

  constructor(
    private readonly label: string,
    private readonly chosen: (value: string) => void,
  ) {
    this.group = element('div', { class: 'segments', attributes: { role: 'radiogroup', 'aria-label': label } });
    this.element = element('div', { class: 'picker', children: [element('span', { class: 'label', text: label }), this.group] });
  }

  update(options: readonly { readonly value: string; readonly text: string; readonly label: string }[], selected: string): void {
    this.element.hidden = options.length === 0;
    const wanted = JSON.stringify(options);
    if (wanted !== this.shown) {
      this.shown = wanted;
      this.group.replaceChildren(
        ...options.map(({ value, text, label }) =>
          element('label', {
            attributes: { title: label },
            children: [
              element('input', { attributes: { type: 'radio', name: this.label, value, 'aria-label': label }, on: { change: () => this.chosen(value) } }),
              element('span', { text }),
            ],
          }),
        ),
      );
    }
    this.group.querySelectorAll('input').forEach((input) => (input.checked = input.value === selected));
  }
}

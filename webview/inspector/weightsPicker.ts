import type { RunInfo } from '../../src/shared/run';
import { formatCount, formatFixed } from '../format';
import { element, icon } from '../ui/dom';
import { dropdown } from '../ui/toolkit';
import { isActive, runLabel } from './runText';
import type { Weights } from './viewState';

/** What a person can ask of a picker. */
export interface WeightsHooks {
  chooseRun(folder: string): void;
  chooseCheckpoint(checkpoint: Weights['checkpoint']): void;
  play(): void;
}

/** What a picker shows. */
export interface WeightsScene {
  readonly runs: readonly RunInfo[];
  readonly run?: RunInfo;
  readonly checkpoint: Weights['checkpoint'];
  /** Step of the weights that are drawn. */
  readonly shownStep?: number;
  readonly playing: 'playing' | 'still';
  /** Validation loss measured nearest before the shown step. */
  readonly validationLoss?: number;
}

/** Which run, and which of its checkpoints: a list, a slider, and a button that plays them. */
export class WeightsPicker {
  readonly element: HTMLElement;
  private readonly runs;
  private readonly playButton: HTMLButtonElement;
  private readonly slider;
  private readonly ticks = element('div', { class: 'slider-ticks', attributes: { 'aria-hidden': 'true' } });
  private readonly step = element('span', { class: 'step' });
  private scene?: WeightsScene;

  constructor(
    label: string,
    hooks: WeightsHooks,
    /** Tells two pickers apart for screen readers. */
    suffix = '',
  ) {
    this.runs = dropdown(`Run${suffix}`, (folder) => hooks.chooseRun(folder));
    this.playButton = element('button', { class: 'icon-button', attributes: { type: 'button' }, on: { click: () => hooks.play() } });
    this.slider = element('input', { attributes: { type: 'range', min: '0', step: '1', 'aria-label': `Checkpoint${suffix}` } });
    this.slider.addEventListener('input', () => hooks.chooseCheckpoint(this.checkpointAt(Number(this.slider.value))));
    this.element = element('div', {
      class: 'weights',
      children: [
        element('div', { class: 'run-picker', children: [element('span', { class: 'label', text: label }), this.runs.element] }),
        element('div', { class: 'checkpoints', children: [this.playButton, element('div', { class: 'slider', children: [this.ticks, this.slider] }), this.step] }),
      ],
    });
  }

  update(scene: WeightsScene): void {
    this.scene = scene;
    this.runs.update(scene.runs.map((known) => ({ value: known.folder, label: runLabel(known) })), scene.run?.folder);
    const stops = this.stops();
    const at = scene.checkpoint === 'newest' ? stops.length - 1 : Math.max(0, stops.indexOf(scene.checkpoint));
    this.slider.max = String(Math.max(0, stops.length - 1));
    this.slider.value = String(at);
    this.slider.disabled = stops.length < 2;
    this.slider.setAttribute('aria-valuetext', stopName(stops[at]));
    this.drawTicks(stops.length);
    this.showPlay(scene.playing);
    this.playButton.disabled = stops.length < 2;
    this.showStep(scene);
  }

  /** Checkpoint that lies `by` stops from the shown one. */
  neighbour(by: number): Weights['checkpoint'] {
    const stops = this.stops();
    const checkpoint = this.scene?.checkpoint ?? 'newest';
    const at = checkpoint === 'newest' ? stops.length - 1 : Math.max(0, stops.indexOf(checkpoint));
    return this.checkpointAt(Math.min(stops.length - 1, Math.max(0, at + by)));
  }

  /** The first stop of the slider. */
  first(): Weights['checkpoint'] {
    return this.checkpointAt(0);
  }

  /** Stored steps, then `newest` for the live weights while training. */
  private stops(): readonly (number | 'newest')[] {
    const run = this.scene?.run;
    const stored = run?.checkpoints ?? [];
    return isActive(run) === 'active' ? [...stored, 'newest'] : stored;
  }

  /** The last stop means "newest", so that the view follows when the run goes on. */
  private checkpointAt(index: number): Weights['checkpoint'] {
    const stops = this.stops();
    return index >= stops.length - 1 ? 'newest' : (stops[index] ?? 'newest');
  }

  private showPlay(playing: 'playing' | 'still'): void {
    if (this.playButton.dataset['state'] === playing) return;
    this.playButton.dataset['state'] = playing;
    this.playButton.replaceChildren(icon(playing === 'playing' ? 'pause' : 'play'));
    const label = playing === 'playing' ? 'Pause' : 'Play through the checkpoints';
    this.playButton.setAttribute('aria-label', label);
    this.playButton.title = label;
  }

  private showStep({ run, checkpoint, shownStep, validationLoss }: WeightsScene): void {
    if (!run) return this.step.replaceChildren();
    const live = isActive(run) === 'active' && checkpoint === 'newest';
    const at = element('strong', { text: formatCount(shownStep ?? run.step) });
    const loss = live ? (run.loss === undefined ? '' : ` · loss ${formatFixed(run.loss, 3)}`) : validationLoss === undefined ? '' : ` · val ${formatFixed(validationLoss, 3)}`;
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

function stopName(stop: number | 'newest' | undefined): string {
  return stop === undefined ? 'no checkpoint yet' : stop === 'newest' ? 'live' : `step ${formatCount(stop)}`;
}

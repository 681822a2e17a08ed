import type { Reading } from '../../src/shared/flow';
import { element, iconButton } from '../ui/dom';
import { Segments } from '../ui/segments';
import { button } from '../ui/toolkit';
import type { ViewState } from './viewState';
import { WeightsPicker, type WeightsHooks, type WeightsScene } from './weightsPicker';

/** What a person can ask for in the toolbar. */
export interface ToolbarHooks {
  readonly shown: WeightsHooks;
  /** Of what is shown beside it. */
  readonly beside: WeightsHooks;
  toggleBeside(): void;
  chooseLayer(layer: number): void;
  chooseDirection(direction: Reading): void;
  train(): void;
  stop(): void;
}

/** What the toolbar shows. */
export interface ToolbarScene {
  readonly shown: WeightsScene;
  readonly beside?: WeightsScene;
  readonly view: ViewState;
  /** Names of the layers, from the input upwards. */
  readonly layers: readonly string[];
  readonly directions: readonly Reading[];
  readonly layer: number;
  readonly act: 'stop' | 'train';
}

/** Run picker, checkpoint slider, layer and direction; a second row for what is shown beside it. */
export class Toolbar {
  readonly element: HTMLElement;
  readonly shown: WeightsPicker;
  readonly beside: WeightsPicker;
  private readonly layerPicker;
  private readonly directionPicker;
  private readonly besideButton: HTMLButtonElement;
  private readonly second: HTMLElement;
  private readonly act = element('span', { class: 'act' });

  constructor(private readonly hooks: ToolbarHooks) {
    this.shown = new WeightsPicker('Run', hooks.shown);
    this.beside = new WeightsPicker('Beside', hooks.beside, ' beside');
    this.layerPicker = new Segments('Layer', (value) => hooks.chooseLayer(Number(value)));
    this.directionPicker = new Segments('Direction', (value) => hooks.chooseDirection(value === 'reverse' ? 'reverse' : 'forward'));
    this.besideButton = iconButton('beside', 'Compare with other weights, side by side', () => hooks.toggleBeside());
    this.second = element('div', { class: 'toolbar second', children: [this.beside.element] });
    this.element = element('header', {
      class: 'toolbars',
      children: [element('div', { class: 'toolbar', children: [this.shown.element, this.layerPicker.element, this.directionPicker.element, this.besideButton, this.act] }), this.second],
    });
  }

  update(scene: ToolbarScene): void {
    const { beside, view } = scene;
    this.shown.update(scene.shown);
    this.second.hidden = !beside;
    this.besideButton.setAttribute('aria-pressed', String(beside !== undefined));
    if (beside) this.beside.update(beside);
    this.layerPicker.update(scene.layers.map((name, layer) => ({ value: String(layer), text: name, label: `Layer ${name}` })), String(scene.layer));
    this.directionPicker.update(
      scene.directions.length < 2 ? [] : scene.directions.map((direction) => ({ value: direction, text: direction === 'forward' ? '→' : '←', label: direction })),
      view.direction,
    );
    this.showAct(scene.act);
  }

  /** Shows one button: Train, or Stop while a training runs. */
  private showAct(wanted: 'stop' | 'train'): void {
    if (this.act.dataset['act'] === wanted) return;
    this.act.dataset['act'] = wanted;
    this.act.replaceChildren(wanted === 'stop' ? button('Stop', () => this.hooks.stop()) : button('Train', () => this.hooks.train()));
  }
}

import { depthOf, keepBiasOf, type WhatIf } from '../../../src/diagnosis/initial/whatIf';
import type { InitialNetwork } from '../../../src/shared/initialNetwork';
import { formatFixed } from '../../format';
import { choice } from '../../ui/choices';
import { element } from '../../ui/dom';

const cells = [
  { value: 'rnn', label: 'vanilla RNN' },
  { value: 'lstm', label: 'LSTM' },
  { value: 'gru', label: 'GRU' },
] as const;

const inits = (['uniform', 'xavier', 'orthogonal', 'identity'] as const).map((value) => ({ value, label: value }));

const unitSteps = [8, 16, 32, 64, 128, 256, 512, 1024];
const mostLayers = 6;

/** Sliders and lists for what could be other than the spec says. */
export class WhatIfControls {
  readonly element: HTMLElement;
  private readonly bias: Slider;
  private readonly scale: Slider;
  private readonly depth: Slider;
  private readonly units: Slider;
  private readonly cell = choice<(typeof cells)[number]['value']>('Cell', (cell) => this.settle({ cell, keepBias: undefined }));
  private readonly init = choice<(typeof inits)[number]['value']>('Init', (init) => this.settle({ init }));
  private network?: InitialNetwork;
  private whatIf: WhatIf = {};

  constructor(
    /** Called at every move of a slider; `settled` when it is let go, and after a choice. */
    private readonly hooks: { moved(whatIf: WhatIf): void; settled(whatIf: WhatIf): void },
  ) {
    this.bias = this.slider('Forget bias', { min: -2, max: 8, step: 0.25 }, (keepBias) => ({ keepBias }), (value) => formatFixed(value, 2));
    this.scale = this.slider('Recurrent scale', { min: 0.1, max: 3, step: 0.05 }, (recurrentScale) => ({ recurrentScale }), (value) => `× ${formatFixed(value, 2)}`);
    this.depth = this.slider('Layers', { min: 1, max: mostLayers, step: 1 }, (depth) => ({ depth }), String);
    this.units = this.slider('Units', { min: 0, max: unitSteps.length - 1, step: 1 }, (place) => ({ units: unitSteps[place] }), (place) => String(unitSteps[place] ?? ''));
    this.element = element('div', { class: 'what-if-controls', children: [element('div', { class: 'what-if-lists', children: [this.cell.element, this.init.element] }), ...[this.bias, this.scale, this.units, this.depth].map((slider) => slider.element)] });
  }

  /** Shows what is imagined of a network. */
  update(network: InitialNetwork, whatIf: WhatIf): void {
    this.network = network;
    this.whatIf = whatIf;
    const [first] = network.layers;
    if (!first) return;
    const { cell = first.cell, init = first.init, units = first.units, depth = depthOf(network), recurrentScale = 1 } = whatIf;
    this.cell.update(cells, cell);
    this.init.update(inits, init);
    this.bias.element.hidden = cell === 'rnn';
    this.bias.rename(cell === 'gru' ? 'Update bias' : 'Forget bias');
    this.bias.set(whatIf.keepBias ?? (cell === first.cell ? keepBiasOf(first) : undefined) ?? (cell === 'lstm' ? 1 : 0));
    this.scale.set(recurrentScale);
    this.depth.set(depth, String(depth));
    this.units.set(nearestPlace(units), String(units));
  }

  private slider(name: string, range: SliderRange, change: (value: number) => WhatIf, text: (value: number) => string): Slider {
    return new Slider(name, range, text, (value, how) => {
      this.whatIf = { ...this.whatIf, ...change(value) };
      if (how === 'moving') return this.hooks.moved(this.whatIf);
      this.hooks.settled(this.whatIf);
    });
  }

  private settle(change: WhatIf): void {
    this.whatIf = { ...this.whatIf, ...change };
    if (this.network) this.update(this.network, this.whatIf);
    this.hooks.settled(this.whatIf);
  }
}

function nearestPlace(units: number): number {
  const distances = unitSteps.map((step) => Math.abs(Math.log(step / units)));
  return distances.indexOf(Math.min(...distances));
}

interface SliderRange {
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

/** A labelled slider with its value; the browser's own, whose keys are known. */
class Slider {
  readonly element: HTMLElement;
  private readonly input: HTMLInputElement;
  private readonly name: HTMLElement;
  private readonly value = element('output', { class: 'value' });

  constructor(
    name: string,
    { min, max, step }: SliderRange,
    private readonly text: (value: number) => string,
    changed: (value: number, how: 'moving' | 'settled') => void,
  ) {
    this.name = element('span', { class: 'label', text: name });
    this.input = element('input', { attributes: { type: 'range', min: String(min), max: String(max), step: String(step) } });
    this.element = element('label', { class: 'what-if-slider', children: [this.name, this.input, this.value] });
    this.input.addEventListener('input', () => {
      this.show(this.text(this.input.valueAsNumber));
      changed(this.input.valueAsNumber, 'moving');
    });
    this.input.addEventListener('change', () => changed(this.input.valueAsNumber, 'settled'));
  }

  rename(name: string): void {
    this.name.textContent = name;
  }

  set(value: number, text = this.text(value)): void {
    if (this.input.valueAsNumber !== value) this.input.value = String(value);
    this.show(text);
  }

  private show(text: string): void {
    this.value.textContent = text;
    this.input.setAttribute('aria-valuetext', text);
  }
}

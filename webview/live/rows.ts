import { formatCount, formatExact } from '../format';
import { Plot } from '../plots/plot';
import { readTheme, type Theme } from '../theme';
import { element } from '../ui/dom';
import { Lens, type LensReading } from '../ui/lens';
import { drawSparkline, entryAt, type Sparkline } from './sparkline';

const curveHeight = 56;

/** A number with the line of words beneath it. */
export class LiveNumber {
  readonly value = element('dd', { class: 'value' });
  readonly label = element('dt', { class: 'unit' });
  readonly element = element('div', { class: 'number', children: [this.label, this.value] });

  show(value: string, label: string): void {
    this.value.textContent = value;
    this.label.textContent = label;
  }
}

/** A number beside its curve. */
export class CurveRow {
  readonly figure = new LiveNumber();
  readonly note = element('dd', { class: 'unit' });
  readonly #canvas = new Plot();
  readonly #room = element('div', { class: 'curve', attributes: { role: 'img' }, children: [this.#canvas.element] });
  #drawn?: Pick<Sparkline, 'width' | 'steps' | 'step' | 'values'>;
  readonly element: HTMLElement;

  constructor(
    /** What the curve is of. */
    private readonly quantity: string,
  ) {
    new Lens(this.#room, this.#canvas, (x) => this.#valueAt(x));
    this.figure.element.append(this.note);
    this.element = element('div', { class: 'row', children: [element('dl', { children: [this.figure.element] }), this.#room] });
  }

  #valueAt(x: number): LensReading | undefined {
    const drawn = this.#drawn;
    const index = drawn && entryAt(drawn, x);
    return index === undefined ? undefined : { lines: [`step ${formatCount(drawn?.step[index] ?? 0)}`, `${this.quantity} ${formatExact(drawn?.values[index])}`] };
  }

  draw(name: string, line: Omit<Sparkline, 'theme' | 'width' | 'height'>): void {
    this.#room.setAttribute('aria-label', name);
    const width = Math.max(40, this.#room.clientWidth);
    const sparkline = { ...line, theme: sideBarTheme(), width, height: curveHeight };
    this.#drawn = sparkline;
    this.#canvas.draw(width, curveHeight, (surface) => drawSparkline(surface, sparkline));
  }
}

/** The side bar has a background of its own, which labels stand out against. */
function sideBarTheme(): Theme {
  return { ...readTheme(), background: getComputedStyle(document.body).backgroundColor };
}

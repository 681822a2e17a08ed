import { readTheme } from '../theme';
import { element, iconButton } from './dom';
import { csvOf, pngOf, svgOf, type ExportedFigure } from './figureExport';

/** Something that can be copied. */
export interface CopyItem {
  readonly label: string;
  /** Puts it on the clipboard. Rejects with a sentence for a person. */
  copy(): Promise<void>;
}

/** What every figure has to copy: its picture as pixels or as vectors, and its numbers. */
function ownItems(figure: () => ExportedFigure): readonly CopyItem[] {
  return [
    { label: 'Copy as PNG', copy: async () => navigator.clipboard.write([new ClipboardItem({ 'image/png': pngOf(figure(), readTheme()) })]) },
    { label: 'Copy as SVG', copy: async () => navigator.clipboard.writeText(svgOf(figure(), readTheme())) },
    { label: 'Copy data as CSV', copy: async () => navigator.clipboard.writeText(csvOf(figure().tables)) },
  ];
}

/** How long the button says that something was copied. */
const saidMilliseconds = 2500;

/** A button with a menu that copies a figure, and what else it is offered. */
export class ExportMenu {
  readonly element: HTMLElement;
  private readonly button: HTMLButtonElement;
  private readonly menu: HTMLElement;
  private readonly said = element('span', { class: 'said', attributes: { role: 'status' } });
  private timer?: ReturnType<typeof setTimeout>;

  constructor(name: string, figure: () => ExportedFigure) {
    this.button = iconButton('export', `Copy: ${name}`, () => (this.menu.hidden ? this.open() : this.close()));
    this.button.setAttribute('aria-haspopup', 'menu');
    this.button.setAttribute('aria-expanded', 'false');
    this.menu = element('div', {
      class: 'menu',
      attributes: { role: 'menu', 'aria-label': `Copy ${name}`, hidden: '' },
      children: ownItems(figure).map((item) => this.entry(item)),
    });
    this.element = element('div', { class: 'export', children: [this.said, this.button, this.menu] });
    this.menu.addEventListener('keydown', (event) => this.pressed(event));
    this.element.addEventListener('focusout', ({ relatedTarget }) => {
      if (!(relatedTarget instanceof Node && this.element.contains(relatedTarget))) this.close();
    });
  }

  /** Adds entries beneath a line. */
  offer(items: readonly CopyItem[]): void {
    this.menu.append(element('div', { class: 'menu-line', attributes: { role: 'separator' } }), ...items.map((item) => this.entry(item)));
  }

  private entry(item: CopyItem): HTMLElement {
    return element('button', { attributes: { type: 'button', role: 'menuitem', tabindex: '-1' }, text: item.label, on: { click: () => void this.copy(item) } });
  }

  private open(): void {
    this.menu.hidden = false;
    this.button.setAttribute('aria-expanded', 'true');
    this.menu.querySelector('button')?.focus();
  }

  private close(): void {
    this.menu.hidden = true;
    this.button.setAttribute('aria-expanded', 'false');
  }

  private pressed(event: KeyboardEvent): void {
    const all = [...this.menu.querySelectorAll('button')];
    const at = all.findIndex((item) => item === document.activeElement);
    const moves: Readonly<Record<string, number>> = { ArrowDown: at + 1, ArrowUp: at - 1 + all.length, Home: 0, End: all.length - 1 };
    const move = moves[event.key];
    if (move !== undefined) all[move % all.length]?.focus();
    else if (event.key === 'Escape') {
      this.close();
      this.button.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private async copy(item: CopyItem): Promise<void> {
    this.button.focus();
    this.close();
    try {
      await item.copy();
      this.say('Copied');
    } catch (error) {
      this.say(`Not copied: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  private say(text: string): void {
    clearTimeout(this.timer);
    this.said.textContent = text;
    this.timer = setTimeout(() => (this.said.textContent = ''), saidMilliseconds);
  }
}

import { element } from './dom';

/** A row of buttons of which one is pressed. */
export class Segments {
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

  /** Shows these options with one pressed; hides itself without any. */
  update(options: readonly { readonly value: string; readonly text: string; readonly label: string }[], selected: string): void {
    this.element.hidden = options.length === 0;
    const wanted = JSON.stringify(options);
    if (wanted !== this.shown) {
      this.shown = wanted;
      this.group.replaceChildren(
        ...options.map(({ value, text, label }) =>
          element('label', {
            attributes: { title: label },
            children: [element('input', { attributes: { type: 'radio', name: this.label, value, 'aria-label': label }, on: { change: () => this.chosen(value) } }), element('span', { text })],
          }),
        ),
      );
    }
    this.group.querySelectorAll('input').forEach((input) => (input.checked = input.value === selected));
  }
}

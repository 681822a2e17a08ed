import { element } from './dom';

/** One of several that a person can pick. */
export interface Option<V extends string> {
  readonly value: V;
  readonly label: string;
}

/** A labelled list in a figure's row of choices. */
export interface Choice<V extends string> {
  readonly element: HTMLElement;
  /** Shows these options with one of them selected; hides itself when there is nothing to choose. */
  update(options: readonly Option<V>[], selected: V): void;
}

/** Makes a list; `chosen` is called with the value that a person picked. The browser's own list keeps a figure light, and its keys are known. */
export function choice<V extends string>(label: string, chosen: (value: V) => void): Choice<V> {
  let options: readonly Option<V>[] = [];
  const list = element('select', { attributes: { 'aria-label': label } });
  list.addEventListener('change', () => {
    const picked = options.find(({ value }) => value === list.value);
    if (picked) chosen(picked.value);
  });
  const made = element('label', { class: 'choice', children: [element('span', { class: 'label', text: label }), list] });
  return {
    element: made,
    update(now, selected) {
      made.hidden = now.length < 2;
      if (JSON.stringify(now) !== JSON.stringify(options)) {
        options = now;
        list.replaceChildren(...now.map(({ value, label: text }) => element('option', { text, attributes: { value } })));
      }
      if (list.value !== selected) list.value = selected;
    },
  };
}

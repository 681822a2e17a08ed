import { element } from '../ui/dom';
import { button } from '../ui/toolkit';
import type { MessageHooks } from './messages';

/** One line above the figures on what went wrong, with the next steps; out of sight while there is nothing to say. */
export class Notice {
  readonly element: HTMLElement;
  private readonly words = element('span', { class: 'notice-words', attributes: { role: 'status' } });

  private readonly buttons: readonly HTMLElement[];

  constructor(hooks: Pick<MessageHooks, 'openSpec' | 'showLog'>) {
    this.buttons = [button('Open spec', () => hooks.openSpec()), button('Show log', () => hooks.showLog())];
    for (const each of this.buttons) each.classList.add('small');
    this.element = element('div', { class: 'notice', attributes: { hidden: '' }, children: [this.words] });
  }

  /** Shows these sentences, one after the other. */
  show(...sentences: readonly (string | undefined)[]): void {
    const text = sentences.filter((sentence) => sentence !== undefined).join(' ');
    if (this.words.textContent === text) return;
    this.words.textContent = text;
    this.element.hidden = text === '';
    this.element.replaceChildren(this.words, ...(text === '' ? [] : this.buttons));
  }
}

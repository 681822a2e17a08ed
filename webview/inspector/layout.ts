import { element } from '../ui/dom';
import { textField } from '../ui/toolkit';

/** The page's fixed parts, from top to bottom. */
export interface Layout {
  readonly sample: HTMLElement;
  readonly sampleNote: HTMLElement;
  readonly notice: HTMLElement;
  readonly message: HTMLElement;
  readonly columns: HTMLElement;
  readonly side: HTMLElement;
}

/** Builds the page into `root`. */
export function buildLayout(root: HTMLElement, parts: { readonly toolbar: HTMLElement; readonly time: HTMLElement; readonly readout: HTMLElement; readonly loss: HTMLElement }, typed: (text: string) => void): Layout {
  const sample = textField({ class: 'sample-field', attributes: { spellcheck: 'false' } }, (shown) => typed(textOfField(shown)));
  const sampleNote = element('span', { class: 'note' });
  const notice = element('p', { class: 'notice', attributes: { role: 'status' } });
  const message = element('div', { class: 'message-room' });
  const side = element('aside', { class: 'side', attributes: { 'aria-label': 'Numbers' }, children: [parts.readout, parts.loss] });
  const columns = element('div', { class: 'columns', children: [parts.time, side] });
  const sampleRow = element('div', { class: 'sample', children: [element('span', { class: 'label', text: 'Sample' }), sample, sampleNote] });
  root.replaceChildren(element('h1', { class: 'visually-hidden', text: 'Unroll Inspector' }), parts.toolbar, sampleRow, notice, message, columns);
  sample.setAttribute('aria-label', 'Sample text'); // the toolkit names it "Text field" when it is connected
  return { sample, sampleNote, notice, message, columns, side };
}

const lineBreak = '↵';

/** A text in one line: line breaks get their mark. */
export function fieldOfText(text: string): string {
  return text.replaceAll('\n', lineBreak);
}

/** The text that a field shows. */
export function textOfField(shown: string): string {
  return shown.replaceAll(lineBreak, '\n');
}

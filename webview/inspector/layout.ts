import { element } from '../ui/dom';

/** What the page is made of. */
export interface PageParts {
  readonly toolbar: HTMLElement;
  readonly sample: HTMLElement;
  readonly verdict: HTMLElement;
  readonly notice: HTMLElement;
  /** What there is to see before any run. */
  readonly before: HTMLElement;
  readonly time: HTMLElement;
  readonly side: readonly HTMLElement[];
  /** Beneath the time figures, where the side column ends before them or after them. */
  readonly lower: readonly HTMLElement[];
}

/** The page's fixed parts that change. */
export interface Layout {
  readonly message: HTMLElement;
  readonly columns: HTMLElement;
  readonly side: HTMLElement;
}

/** Builds the page into `root`, from top to bottom. */
export function buildLayout(root: HTMLElement, parts: PageParts): Layout {
  const message = element('div', { class: 'message-room' });
  const side = element('aside', { class: 'side', attributes: { 'aria-label': 'Numbers' }, children: parts.side });
  const columns = element('div', { class: 'columns', children: [parts.time, side, element('div', { class: 'lower', children: parts.lower })] });
  root.replaceChildren(element('h1', { class: 'visually-hidden', text: 'Unroll Inspector' }), parts.toolbar, parts.sample, parts.verdict, parts.notice, message, parts.before, columns);
  return { message, columns, side };
}

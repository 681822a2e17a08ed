import type { Theme } from '../theme';
import { tableElement, type DataTable } from './dataTable';
import { element, icon } from './dom';

/** What a figure is called and says about itself. */
export interface FigureText {
  /** Accessible name and title. */
  readonly name: string;
  /** "How to read this": paragraphs, each with a few words in front. */
  readonly howTo: readonly { readonly lead: string; readonly text: string }[];
}

/** A part of a legend: a sample line, band or colour scale with its label. */
export type LegendEntry = HTMLElement;

/**
 * Title, note, legend, "how to read this" and "view as table" round a plot.
 * The figure is a tab stop; keys pressed on it go to `keyboard.ts`.
 */
export class FigureFrame {
  private static readonly frames = new WeakMap<HTMLElement, FigureFrame>();

  /** The frame of a figure's element. */
  static of(figure: HTMLElement): FigureFrame | undefined {
    return FigureFrame.frames.get(figure);
  }

  readonly element: HTMLElement;
  readonly name: string;
  /** The plot goes here; it is hidden while the table is shown. */
  readonly body = element('div', { class: 'figure-body' });
  private readonly note = element('span', { class: 'note' });
  private readonly legend = element('div', { class: 'legend' });
  /** The theme that the legend's samples were drawn in. */
  private legendTheme?: Theme;
  private readonly tables = element('div', { class: 'tables' });
  private readonly howTo: HTMLElement;
  private readonly infoButton: HTMLButtonElement;
  private readonly tableButton: HTMLButtonElement;

  constructor(
    text: FigureText,
    /** Tables from the arrays that the plot draws. */
    private readonly makeTables: () => readonly DataTable[],
    private readonly tableToggled: () => void,
  ) {
    const id = `how-to-${text.name.toLowerCase().replaceAll(' ', '-')}`;
    this.infoButton = iconButton('info', `How to read: ${text.name}`, () => this.toggleHowTo());
    this.infoButton.setAttribute('aria-expanded', 'false');
    this.infoButton.setAttribute('aria-controls', id);
    this.tableButton = iconButton('table', `View as table: ${text.name}`, () => this.toggleTable());
    this.tableButton.setAttribute('aria-pressed', 'false');
    this.howTo = element('div', { class: 'how-to', attributes: { id, hidden: '' } });
    this.howTo.append(element('strong', { text: 'How to read this. ' }));
    for (const { lead, text: sentence } of text.howTo) this.howTo.append(element('p', { children: lead === '' ? [sentence] : [element('strong', { text: `${lead} ` }), sentence] }));
    this.tables.hidden = true;
    const title = element('div', { class: 'figure-title', children: [element('h2', { text: text.name }), this.infoButton] });
    const header = element('header', { class: 'figure-header', children: [title, element('div', { class: 'note-room', children: [this.note] }), this.legend, this.tableButton] });
    this.element = element('div', {
      class: 'figure',
      attributes: { role: 'figure', tabindex: '0', 'aria-label': text.name },
      children: [header, this.howTo, this.body, this.tables],
    });
    this.element.dataset['figure'] = text.name;
    this.name = text.name;
    FigureFrame.frames.set(this.element, this);
  }

  /** What is shown, with units, beside the title. */
  setNote(note: string): void {
    if (this.note.textContent !== note) this.note.textContent = note;
    this.note.title = note;
  }

  /** Puts the legend there, unless it is there already: while a model trains, what is hovered or read aloud stays. */
  setLegend(theme: Theme, ...entries: readonly LegendEntry[]): void {
    const markup = entries.map((entry) => entry.outerHTML).join('');
    if (theme === this.legendTheme && markup === this.legend.innerHTML) return;
    this.legendTheme = theme;
    this.legend.replaceChildren(...entries);
  }

  get showsTable(): boolean {
    return !this.tables.hidden;
  }

  /** Shows the table in place of the plot, or the plot again. */
  toggleTable(): void {
    this.tables.hidden = !this.tables.hidden;
    this.body.hidden = this.showsTable;
    this.legend.hidden = this.showsTable;
    this.tableButton.setAttribute('aria-pressed', String(this.showsTable));
    this.refreshTables();
    this.tableToggled();
  }

  /** Builds the tables anew when they are shown; the place one has scrolled to stays. */
  refreshTables(): void {
    const scrolled = [...this.tables.children].map((child) => child.scrollTop);
    this.tables.replaceChildren(...(this.showsTable ? this.makeTables().map(tableElement) : []));
    [...this.tables.children].forEach((child, index) => (child.scrollTop = scrolled[index] ?? 0));
  }

  /** Closes "how to read this"; says whether it was open. */
  closeHowTo(): 'closed' | 'was-closed' {
    if (this.howTo.hidden) return 'was-closed';
    this.toggleHowTo();
    return 'closed';
  }

  private toggleHowTo(): void {
    this.howTo.hidden = !this.howTo.hidden;
    this.infoButton.setAttribute('aria-expanded', String(!this.howTo.hidden));
  }
}

/** A button that shows an icon and says what it does. */
export function iconButton(name: Parameters<typeof icon>[0], label: string, press: () => void): HTMLButtonElement {
  return element('button', { class: 'icon-button', attributes: { type: 'button', 'aria-label': label, title: label }, children: [icon(name)], on: { click: press } });
}

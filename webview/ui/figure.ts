import { Plot } from '../plots/plot';
import type { Theme } from '../theme';
import { tableElement, type DataTable } from './dataTable';
import { element, icon, iconButton } from './dom';
import { ExportMenu, type CopyItem } from './exportMenu';
import type { ExportedFigure, PlacedPlot } from './figureExport';
import { legendElement, legendKey, type LegendEntry } from './legend';

/** What a figure is called and says about itself. */
export interface FigureText {
  /** Accessible name and title. */
  readonly name: string;
  /** "How to read this": paragraphs, each with a few words in front. */
  readonly howTo: readonly { readonly lead: string; readonly text: string }[];
}

/** Where a figure's numbers come from, and who wants to know what was done with it. */
export interface FigureContent {
  /** Tables from the arrays that the plots draw; "view as table" and "copy data as CSV" both show them. */
  tables(): readonly DataTable[];
  /** It was collapsed, expanded, turned to its table or back: it may need to be drawn. */
  changed(): void;
}

/**
 * The contract of a figure: title with note and units, legend with scale bars, "how to read this", "view as
 * table", and copies as PNG, SVG and CSV, round plots that are made with `plot()`. The figure is a tab stop;
 * keys pressed on it go to `keyboard.ts`.
 */
export class FigureFrame {
  private static readonly frames = new WeakMap<Element, FigureFrame>();

  /** The frame of a figure's element. */
  static of(figure: Element): FigureFrame | undefined {
    return FigureFrame.frames.get(figure);
  }

  readonly element: HTMLElement;
  readonly name: string;
  /** The plots go here; it is hidden while the table is shown. */
  readonly body = element('div', { class: 'figure-body' });
  /** Choices of the figure, in its header: drop-downs from `choices.ts`. */
  readonly choices = element('div', { class: 'choices' });
  private readonly content: HTMLElement;
  private readonly note = element('span', { class: 'note' });
  private readonly legend = element('div', { class: 'legend' });
  private readonly tools = element('div', { class: 'figure-tools', children: [this.choices, this.legend] });
  private readonly tables = element('div', { class: 'tables' });
  private readonly howTo: HTMLElement;
  private readonly title: HTMLButtonElement;
  private readonly infoButton: HTMLButtonElement;
  private readonly tableButton: HTMLButtonElement;
  private readonly menu: ExportMenu;
  private plots: readonly Plot[] = [];
  private legendTheme?: Theme;
  private legendShown = '';
  private legendEntries: readonly LegendEntry[] = [];

  constructor(
    private readonly text: FigureText,
    private readonly figure: FigureContent,
  ) {
    this.name = text.name;
    const id = `figure-${text.name.toLowerCase().replaceAll(/[^a-z]+/g, '-')}-${FigureFrame.count++}`;
    this.title = element('button', { class: 'title-button', attributes: { type: 'button', 'aria-expanded': 'true', 'aria-controls': `${id}-content` }, children: [icon('expanded'), text.name], on: { click: () => this.toggleCollapsed() } });
    this.infoButton = iconButton('info', `How to read: ${text.name}`, () => this.toggleHowTo());
    this.infoButton.setAttribute('aria-expanded', 'false');
    this.infoButton.setAttribute('aria-controls', `${id}-how-to`);
    this.tableButton = iconButton('table', `View as table: ${text.name}`, () => this.toggleTable());
    this.tableButton.setAttribute('aria-pressed', 'false');
    this.howTo = element('div', { class: 'how-to', attributes: { id: `${id}-how-to`, hidden: '' } });
    this.howTo.append(element('strong', { text: 'How to read this. ' }));
    for (const { lead, text: sentence } of text.howTo) this.howTo.append(element('p', { children: lead === '' ? [sentence] : [element('strong', { text: `${lead} ` }), sentence] }));
    this.tables.hidden = true;
    this.menu = new ExportMenu(text.name, () => this.exported());
    const title = element('div', { class: 'figure-title', children: [element('h2', { children: [this.title] }), this.infoButton] });
    const header = element('header', { class: 'figure-header', children: [title, element('div', { class: 'note-room', children: [this.note] }), this.tools, element('div', { class: 'figure-buttons', children: [this.tableButton, this.menu.element] })] });
    this.content = element('div', { attributes: { id: `${id}-content` }, children: [this.body, this.tables] });
    this.element = element('div', { class: 'figure', attributes: { role: 'figure', tabindex: '0', 'aria-label': text.name }, children: [header, this.howTo, this.content] });
    this.element.dataset['figure'] = text.name;
    FigureFrame.frames.set(this.element, this);
  }

  private static count = 0;

  /** A canvas for the body that exports know of; put its element where it belongs. */
  plot(): Plot {
    const plot = new Plot();
    this.plots = [...this.plots, plot];
    return plot;
  }

  /** Forgets plots that were taken off the page. */
  forget(...gone: readonly Plot[]): void {
    this.plots = this.plots.filter((plot) => !gone.includes(plot));
  }

  /** More that can be copied of what the figure shows. */
  offer(...items: readonly CopyItem[]): void {
    this.menu.offer(items);
  }

  /** What is shown, with units, beside the title. */
  setNote(note: string): void {
    if (this.note.textContent !== note) this.note.textContent = note;
    this.note.title = note;
  }

  /** Puts the legend there, unless it is there already: while a model trains, what is hovered or read aloud stays. */
  setLegend(theme: Theme, ...entries: readonly LegendEntry[]): void {
    const keys = entries.map(legendKey).join('\n');
    this.legendEntries = entries;
    if (theme === this.legendTheme && keys === this.legendShown) return;
    this.legendTheme = theme;
    this.legendShown = keys;
    this.legend.replaceChildren(...entries.map(legendElement));
  }

  get showsTable(): boolean {
    return !this.tables.hidden;
  }

  get collapsed(): boolean {
    return this.content.hasAttribute('hidden');
  }

  /** Hides everything but the header, or shows it again. */
  toggleCollapsed(): void {
    this.follow({ collapsed: this.collapsed ? 'expanded' : 'collapsed', shows: this.showsTable ? 'table' : 'plot' });
    this.figure.changed();
  }

  /** Shows the table in place of the plot, or the plot again. */
  toggleTable(): void {
    this.follow({ collapsed: this.collapsed ? 'collapsed' : 'expanded', shows: this.showsTable ? 'plot' : 'table' });
    this.figure.changed();
  }

  /** Shows what a stored choice says, without telling anybody. */
  follow({ collapsed, shows }: { readonly collapsed: 'collapsed' | 'expanded'; readonly shows: 'plot' | 'table' }): void {
    const closed = collapsed === 'collapsed';
    if (closed !== this.collapsed) {
      this.content.hidden = closed;
      this.tools.hidden = closed;
      this.element.classList.toggle('collapsed', closed);
      this.title.setAttribute('aria-expanded', String(!closed));
      this.title.replaceChildren(icon(closed ? 'collapsed' : 'expanded'), this.name);
    }
    if ((shows === 'table') !== this.showsTable) {
      this.tables.hidden = shows === 'plot';
      this.body.hidden = this.showsTable;
      this.tableButton.setAttribute('aria-pressed', String(this.showsTable));
      this.refreshTables();
    }
  }

  /** Builds the tables anew when they are shown; the place one has scrolled to stays. */
  refreshTables(): void {
    const scrolled = [...this.tables.children].map((child) => child.scrollTop);
    this.tables.replaceChildren(...(this.showsTable ? this.figure.tables().map(tableElement) : []));
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

  private exported(): ExportedFigure {
    return { name: this.text.name, note: this.note.textContent ?? '', legend: this.legendEntries, plots: this.placedPlots(), tables: this.figure.tables() };
  }

  /** Where the plots stand; below each other while the body is hidden. */
  private placedPlots(): readonly PlacedPlot[] {
    const origin = this.body.getBoundingClientRect();
    let below = 0;
    return this.plots
      .filter(({ width, element: canvas }) => width > 0 && canvas.isConnected && (this.body.offsetParent === null || canvas.offsetParent !== null))
      .map((plot) => {
        const { left, top } = plot.element.getBoundingClientRect();
        const place = this.body.offsetParent === null ? { x: 0, y: below } : { x: left - origin.left, y: top - origin.top };
        below += plot.height;
        return { plot, ...place };
      });
  }
}

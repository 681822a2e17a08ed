import { formatNumber } from '../format';
import { element } from './dom';

/** The numbers of a plot as rows, for people who cannot see it. */
export interface DataTable {
  /** What the table holds. */
  readonly caption: string;
  readonly columns: readonly string[];
  /** One entry a column; numbers are shortened, the exact value stays in the cell's `data-value`. */
  readonly rows: readonly (readonly (string | number)[])[];
}

/** Builds a table in a box that scrolls and can be reached with the keyboard. */
export function tableElement(table: DataTable): HTMLElement {
  const head = element('tr', { children: table.columns.map((label) => element('th', { text: label, attributes: { scope: 'col' } })) });
  const body = element('tbody', { children: table.rows.map((row) => element('tr', { children: row.map(cell) })) });
  const full = element('table', { children: [element('caption', { text: table.caption }), element('thead', { children: [head] }), body] });
  return element('div', { class: 'table', attributes: { tabindex: '0', role: 'region', 'aria-label': table.caption }, children: [full] });
}

function cell(value: string | number): HTMLElement {
  if (typeof value === 'string') return element('td', { text: value });
  return element('td', { text: formatNumber(value), class: 'number', attributes: { 'data-value': String(value) } });
}

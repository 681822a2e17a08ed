/** One value of a table. */
export interface Cell {
  readonly text: string;
  readonly value?: number;
  readonly goal?: Goal;
}

/** What a value should reach. */
export interface Goal {
  readonly at: 'least' | 'most';
  readonly value: number;
  /** The value with its unit. */
  readonly text?: string;
}

/** A finished table. */
export interface Report {
  readonly title: string;
  /** One object a row, each with the same columns in the order in which they are shown. */
  readonly rows: readonly Readonly<Record<string, Cell>>[];
  /** How it was measured, and what could not be. */
  readonly notes: readonly string[];
}

export const atLeast = (value: number): Goal => ({ at: 'least', value });
export const atMost = (value: number): Goal => ({ at: 'most', value });

/** Plain words. */
export function words(text: string): Cell {
  return { text };
}

/** A number with so many digits behind the point; nothing when it was not measured. */
export function figure(value: number | undefined, digits: number): Cell {
  return value === undefined ? { text: '' } : { text: value.toFixed(digits), value };
}

/** A share as per cent. */
export function share(value: number | undefined, goal?: Goal): Cell {
  return { text: value === undefined ? '' : `${(value * 100).toFixed(0)} %`, value, goal: goal && { ...goal, text: `${Math.round(goal.value * 100)} %` } };
}

/** How many times as fast or as big. */
export function times(value: number | undefined, goal?: Goal): Cell {
  return { text: value === undefined ? '' : `${value.toPrecision(3)} ×`, value, goal: goal && { ...goal, text: `${goal.value} ×` } };
}

/** Milliseconds. */
export function milliseconds(seconds: number | undefined, goal?: Goal): Cell {
  return { text: seconds === undefined ? '' : `${(seconds * 1e3).toPrecision(3)} ms`, value: seconds === undefined ? undefined : seconds * 1e3, goal: goal && { ...goal, text: `${goal.value} ms` } };
}

/** Something that should not be there: how much of it there is. */
export function none(value: number): Cell {
  return { text: value.toFixed(0), value, goal: { at: 'most', value: 0 } };
}

/** Whether a value reaches its goal. */
export function reaches(value: number, { at, value: bound }: Goal): boolean {
  return at === 'least' ? value >= bound : value <= bound;
}

/** The table in Markdown: behind every column with goals stands one that says them and whether they are reached. */
export function markdown({ title, rows, notes }: Report): string {
  if (rows.length === 0) return [`### ${title}`, '', ...notes, ''].join('\n');
  const columns = Object.keys(rows[0] ?? {}).flatMap((name) => [
    { name, text: (row: Report['rows'][number]): string => row[name]?.text ?? '' },
    ...(rows.some((row) => row[name]?.goal) ? [{ name: 'goal', text: (row: Report['rows'][number]): string => goalText(row[name]) }] : []),
  ]);
  const lines = [columns.map(({ name }) => name), ...rows.map((row) => columns.map(({ text }) => text(row)))];
  const widths = columns.map((_, index) => Math.max(3, ...lines.map((line) => line[index]?.length ?? 0)));
  const print = (line: readonly string[]): string => `| ${line.map((text, index) => text.padEnd(widths[index] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = lines;
  return [`### ${title}`, '', print(head), print(widths.map((width) => '-'.repeat(width))), ...body.map(print), ...(notes.length > 0 ? ['', ...notes] : []), ''].join('\n');
}

function goalText(cell: Cell | undefined): string {
  if (cell?.goal === undefined) return '';
  const { value, goal } = cell;
  const bound = goal.at === 'most' && goal.value === 0 ? 'none' : `${goal.at === 'least' ? '≥' : '≤'} ${goal.text ?? goal.value}`;
  return value === undefined ? bound : `${bound} ${reaches(value, goal) ? '✓' : '✗'}`;
}

/**
 * The columns of the time axis. Step t reads token t and predicts the next one, so a text of
 * n tokens has n columns and n − 1 losses; the last column was predicted but not read.
 */
export interface TokenColumns {
  /** Token of each column as the model spells it. */
  readonly tokens: readonly string[];
  /** Steps the model took. */
  readonly steps: number;
  /** Loss in nats of predicting each column's token; NaN for the first, which nothing predicted. */
  readonly surprisal: Float64Array;
}

/** `positionLoss[t]` is the loss of what step t predicts; `targets` are those predictions' right answers. */
export function tokenColumns(tokens: readonly string[], targets: readonly string[], positionLoss: ArrayLike<number>): TokenColumns {
  const last = targets.length >= tokens.length ? targets[tokens.length - 1] : undefined;
  const columns = last === undefined ? [...tokens] : [...tokens, last];
  const surprisal = Float64Array.from(columns, (_, column) => (column === 0 ? Number.NaN : (positionLoss[column - 1] ?? Number.NaN)));
  return { tokens: columns, steps: tokens.length, surprisal };
}

/** The loss position that a click on a column pins: the prediction of its token; the first column has none. */
export function lossOfColumn(column: number): number | undefined {
  return column > 0 ? column - 1 : undefined;
}

const marks: Readonly<Record<string, string>> = { ' ': '·', '\n': '↵', '\t': '⇥', '\r': '␍' };

/** A token as it can be seen: white space gets a mark. */
export function visibleToken(token: string): string {
  return [...token].map((character) => marks[character] ?? (character < ' ' ? '␣' : character)).join('');
}

/** Is it white space only? Its mark is drawn fainter. */
export function isBlank(token: string): boolean {
  return token.trim() === '';
}

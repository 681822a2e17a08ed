import type { AnswerPlace, SampleTrace } from '../../src/shared/run';

/**
 * The columns of the time axis. Step t reads token t. Where it predicts the next token, a text of n tokens has n columns
 * and n − 1 losses, and a known token after the last gets a column of its own: it was predicted but not read.
 */
export interface TokenColumns {
  /** Token of each column as the model spells it. */
  readonly tokens: readonly string[];
  /** Steps the model took. */
  readonly steps: number;
  readonly answer: AnswerPlace;
  /** Loss of each column's answer, in nats or squared units; NaN where there is none. */
  readonly surprisal: Float64Array;
  /** Right answer of each column; empty where there is none. */
  readonly answers: readonly string[];
}

/** What a trace says of its sample. */
type Sample = Pick<SampleTrace, 'tokens' | 'answer' | 'targets' | 'losses'>;

/** Columns of the sample that a trace read. */
export function tokenColumns({ tokens, answer, targets, losses }: Sample): TokenColumns {
  const last = answer === 'next' ? targets[tokens.length - 1] : undefined;
  const columns = last === undefined || last === '' ? [...tokens] : [...tokens, last];
  const step = (column: number): number => (answer === 'next' ? column - 1 : column);
  return {
    tokens: columns,
    steps: tokens.length,
    answer,
    surprisal: Float64Array.from(columns, (_, column) => losses[step(column)] ?? Number.NaN),
    answers: columns.map((_, column) => targets[step(column)] ?? ''),
  };
}

/** Columns of what an encoder reads: no answers stand on them. */
export function sourceColumns(source: readonly string[]): TokenColumns {
  return { tokens: source, steps: source.length, answer: 'here', surprisal: new Float64Array(source.length).fill(Number.NaN), answers: source.map(() => '') };
}

/** The step whose loss a click on a column pins, where it has one: that of the column's answer. */
export function lossOfColumn({ answer, surprisal }: TokenColumns, column: number): number | undefined {
  if (!Number.isFinite(surprisal[column] ?? Number.NaN)) return undefined;
  return answer === 'next' ? column - 1 : column;
}

/** The column on which the answer of step t stands. */
export function columnOfLoss({ answer }: TokenColumns, t: number): number {
  return answer === 'next' ? t + 1 : t;
}

/** Steps up to the last one that has a loss: behind it a forward layer has no gradient at all, which is not a vanishing one. */
export function stepsToLastLoss(losses: SampleTrace['losses']): number {
  let steps = losses.length;
  while (steps > 0 && losses[steps - 1] === null) steps--;
  return steps;
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

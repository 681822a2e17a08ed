import { columnOfLoss, visibleToken } from '../../plots/tokenModel';
import type { Scene } from '../scene';

/** How figures speak of a sample's losses, which depends on where its answers stand. */
export interface AnswerWords {
  /** What one column is. */
  readonly note: string;
  /** What the first row of colours shows, with its unit. */
  readonly loss: { readonly label: string; readonly short: string; readonly title: string; readonly shortTitle: string; readonly name: string; readonly head: string };
  /** What a click asks for. */
  readonly invitation: string;
  /** Of the pinned loss; absent while none is. */
  readonly pinned?: {
    /** The column that its answer stands on; absent where the axis is another than that of the answers. */
    readonly column?: number;
    /** In a sentence, long and short. */
    readonly clicked: string;
    readonly clickedShort: string;
    /** Beside a plot of it alone. */
    readonly only: string;
    /** Whose loss it is. */
    readonly whose: string;
  };
}

const notes = {
  next: 'one column = one step; step t reads token t and predicts token t + 1',
  here: 'one column = one step; what is read there is answered there',
  end: 'one column = one step; the one answer comes after the last',
  source: 'one column = one step of the source; the losses are those of the target',
} as const;

const surprisal = { label: 'surprisal', short: 'surpr.', title: 'surprisal, nats', shortTitle: 'nats', name: 'surprisal in nats', head: 'surprisal' };
const squaredError = { label: 'error²', short: 'error²', title: 'squared error', shortTitle: 'error²', name: 'squared error', head: 'squared error' };

/** The words for what is shown. */
export function answerWords({ columns, layer, pinned, summary }: Pick<Scene, 'columns' | 'layer' | 'pinned' | 'summary'>): AnswerWords {
  const place = layer.reached === 'all' ? 'source' : columns.answer;
  const words = {
    note: notes[place],
    loss: summary.values ? squaredError : surprisal,
    invitation: `click a ${place === 'next' ? 'token' : 'step'} to see which steps would change how well it was ${place === 'next' ? 'predicted' : 'answered'}`,
  };
  if (pinned === undefined) return words;
  const column = columnOfLoss(columns, pinned);
  const token = visibleToken(columns.tokens[column] ?? '');
  switch (place) {
    case 'next':
      return { ...words, pinned: { column, clicked: `clicked: how well ‘${token}’ at ${column} was predicted`, clickedShort: `clicked: ‘${token}’ at ${column}`, only: `token ${column} only`, whose: `loss of ‘${token}’` } };
    case 'here':
      return { ...words, pinned: { column, clicked: `clicked: how well step ${column} was answered`, clickedShort: `clicked: step ${column}`, only: `step ${column} only`, whose: `loss of step ${column}` } };
    case 'end':
      return { ...words, pinned: { column, clicked: 'how well the whole was answered', clickedShort: 'the whole', only: 'the one loss', whose: 'the one loss, at the end' } };
    case 'source': {
      const written = visibleToken(summary.targets[pinned] ?? '');
      return { ...words, pinned: { clicked: `how well ‘${written}’ at ${pinned} of the target was predicted`, clickedShort: `‘${written}’ of the target`, only: `target ${pinned} only`, whose: `loss of ‘${written}’ in the target` } };
    }
  }
}

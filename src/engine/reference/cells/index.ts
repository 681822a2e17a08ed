import type { LayerShape } from '../../../spec/architecture';
import type { Cell } from './cell';
import { gruCell } from './gru';
import { lstmCell } from './lstm';
import { rnnCell } from './rnn';

/** The equations of a layer. */
export function cellOf({ cell, activation, resetAfter }: Pick<LayerShape, 'cell' | 'activation' | 'resetAfter'>): Cell {
  switch (cell) {
    case 'rnn':
      return rnnCell(activation);
    case 'lstm':
      return lstmCell;
    case 'gru':
      return gruCell(resetAfter ? 'after' : 'before');
  }
}

import type { CellState } from '../cells/cell';
import { ReferenceState } from '../state';
import type { Memory, TranslationArchitecture } from './run';

/** The decoder's state, and the encoder's outputs, which stay as they are while the decoder writes. */
export class DecoderState extends ReferenceState {
  constructor(
    architecture: TranslationArchitecture,
    sequences: number,
    readonly memory: Memory,
    initial: readonly (readonly CellState[])[],
  ) {
    super(architecture, sequences);
    this.carry(initial.map(([forward]) => forward).filter((state) => state !== undefined));
  }
}

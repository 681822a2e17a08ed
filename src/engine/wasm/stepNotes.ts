import type { ClippingNotes } from '../clipping';
import type { StepReport } from '../engine';

/** A report that is being written. */
export interface StepNotes {
  loss: number;
  gradNorm: number;
  clipped: boolean;
  readonly clipping: ClippingNotes;
}

/** What a step writes its report into: a spent one, or a new one. */
export function notesFor(spent: StepReport | undefined): StepNotes {
  return spent ?? { loss: 0, gradNorm: 0, clipped: false, clipping: { normBefore: 0, normAfter: 0, engaged: false, angle: undefined, largest: { parameter: '', share: 0 } } };
}

/** Fills in what is known once the clipping has been noted; `lossSum` over so many positions. */
export function finish(notes: StepNotes, lossSum: number, positions: number): StepReport {
  notes.loss = positions > 0 ? lossSum / positions : 0;
  notes.gradNorm = notes.clipping.normBefore;
  notes.clipped = notes.clipping.engaged;
  return notes;
}

/*
 * What the kernels export to `src/engine/wasm/kernels.ts`: programs, which call all the others, and those that are
 * called by themselves. All addresses are bytes in the imported memory; nothing here allocates.
 */
export { breakTeam } from './team';
export { helpTeam, runStretch } from './program';
export { peak, peakOperations } from './peak';
export { outerPieces, outerProduct } from './outerProduct';
export { product, productPieces } from './product';
export { cellStateAdjoint } from './recurrence';
export { silenceEnded } from './scaledRows';

// Called by programs alone. Exported they stay functions of their own, which the compiler would otherwise put into
// the one that chooses among them.
export { attentionBackward, attentionForward } from './attention';
export { attentionAdjoint } from './attentionAdjoint';
export { carryBack, cellJacobian, cellSlopes } from './cellJacobian';
export { crossEntropy, squaredError } from './losses';
export { dropout } from './dropout';
export { gather, scatter } from './lookup';
export { adagrad, adam, clippedDot, clipValues, rmsprop, sgd, sgdMomentum, sumOfSquares } from './optimizers';
export { add, broadcast, clear, copy, highwayBackward, highwayForward, sumRows } from './panels';
export { recurBackward, recurForward } from './recurrence';
export { addScaled, rowNorms } from './scaledRows';
export { transpose } from './transpose';
export { readValues } from './values';

/** The first address that is free: constants lie below. */
export function firstFree(): usize {
  return __heap_base;
}

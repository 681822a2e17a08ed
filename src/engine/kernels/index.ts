/*
 * What the kernels export to `src/engine/wasm/kernels.ts`. All addresses are bytes in the imported memory;
 * nothing here allocates.
 */
export { adagrad, adam, clippedDot, clipValues, rmsprop, sgd, sgdMomentum, sumOfSquares } from './optimizers';
export { attentionBackward, attentionForward } from './attention';
export { attentionAdjoint } from './attentionAdjoint';
export { add, broadcast, clear, copy, copyRow, highwayBackward, highwayForward, sumRows } from './panels';
export { addScaled, clearExponents, rowNorms, silenceEnded } from './scaledRows';
export { awaitHelpers, awaitJob, breakCrew, finishJob, postJob } from './crew';
export { cellDerivatives, cellStateAdjoint, recurBackward, recurForward } from './recurrence';
export { crossEntropy, squaredError } from './losses';
export { dropout } from './dropout';
export { gather, oneHot, scatter } from './lookup';
export { moveColumns } from './moveColumns';
export { outerPieces, outerProduct } from './outerProduct';
export { peak, peakOperations } from './peak';
export { product, productPieces } from './product';
export { transpose } from './transpose';

/** The first address that is free: constants lie below. */
export function firstFree(): usize {
  return __heap_base;
}

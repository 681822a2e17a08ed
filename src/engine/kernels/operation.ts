/**
 * The kernels by number, as instructions name them. Read by both sides: the kernels (`program.ts`) and the engine
 * (`src/engine/wasm/operations.ts`); each is explained where the engine gives its arguments, and at its source.
 */
export enum Operation {
  recurForward,
  recurBackward,

  product,
  outerProduct,
  transpose,

  broadcast,
  clear,
  copy,
  add,
  moveColumns,
  sumRows,
  highwayForward,
  highwayBackward,
  dropout,
  lastRows,
  lastRowsBackward,

  readValues,
  gather,
  scatter,
  oneHot,

  combineBiases,
  splitBiases,

  crossEntropy,
  squaredError,
  sumLosses,

  sumOfSquares,
  clippedDot,
  clipValues,
  sgd,
  sgdMomentum,
  adam,
  rmsprop,
  adagrad,

  attentionForward,
  attentionBackward,
  attentionAdjoint,

  cellDerivatives,
  cellSlopes,
  cellJacobian,
  carryBack,
  productOfPanels,
  addScaled,
  rowNorms,
  clearExponents,
  copyExponents,
}

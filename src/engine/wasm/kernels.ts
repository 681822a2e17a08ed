/** The kernels' exports; each is explained at its source in `src/engine/kernels`. Addresses and strides are bytes. */
export interface Kernels {
  firstFree(): number;

  product(from: number, to: number, rows: number, kPanels: number, a: number, aStride: number, b: number, c: number, cStride: number, panels: number): void;
  productPieces(rows: number, panels: number): number;
  outerProduct(from: number, to: number, rows: number, a: number, aStride: number, aPanels: number, b: number, bStride: number, bPanels: number, c: number, accumulate: number): void;
  outerPieces(aPanels: number, bPanels: number): number;
  transpose(from: number, to: number, w: number, kPanels: number, nPanels: number, wT: number): void;

  postJob(crew: number): void;
  awaitJob(crew: number, seen: number): number;
  finishJob(crew: number): void;
  awaitHelpers(crew: number, done: number): number;
  breakCrew(crew: number): void;

  recurForward(recurrence: number, crew: number, from: number, to: number, u0: number, u1: number): void;
  recurBackward(recurrence: number, crew: number, scratch: number, from: number, to: number, u0: number, u1: number): void;
  cellDerivatives(recurrence: number, adjoints: number, t: number, stage: number, from: number, to: number): void;
  cellStateAdjoint(recurrence: number, adjoints: number, t: number, total: number, totalStride: number): void;

  attentionForward(attention: number, from: number, to: number): void;
  attentionBackward(attention: number, from: number, to: number): void;
  attentionAdjoint(attention: number, t: number, from: number, to: number, exponents: number): void;

  broadcast(rows: number, panels: number, vector: number, out: number, stride: number): void;
  copy(rows: number, panels: number, a: number, aStride: number, out: number, outStride: number): void;
  clear(rows: number, panels: number, out: number, stride: number): void;
  add(rows: number, panels: number, a: number, aStride: number, b: number, bStride: number, out: number, outStride: number): void;
  copyRow(panels: number, a: number, aStride: number, out: number, outStride: number): void;
  moveColumns(rows: number, count: number, a: number, aStride: number, from: number, out: number, outStride: number, to: number, accumulate: number): void;
  sumRows(from: number, to: number, rows: number, a: number, stride: number, vector: number, accumulate: number): void;
  highwayForward(rows: number, panels: number, g: number, y: number, stride: number, h: number, hStride: number, x: number, xStride: number): void;
  highwayBackward(rows: number, panels: number, g: number, gStride: number, h: number, hStride: number, x: number, xStride: number, dy: number, dyStride: number, dh: number, dhStride: number, dx: number, dxStride: number, da: number, daStride: number): void;
  dropout(rows: number, panels: number, column: number, width: number, key: number, threshold: number, scale: number, a: number, aStride: number, out: number, outStride: number): void;

  gather(from: number, to: number, panels: number, table: number, vocabulary: number, tokens: number, bias: number, out: number, stride: number): void;
  scatter(from: number, to: number, rows: number, a: number, stride: number, tokens: number, table: number, vocabulary: number): void;
  oneHot(rows: number, tokens: number, out: number, stride: number): void;

  crossEntropy(from: number, to: number, classes: number, logits: number, stride: number, targets: number, losses: number, gradient: number, gradientStride: number, scale: number): void;
  squaredError(from: number, to: number, columns: number, outputs: number, stride: number, targets: number, targetStride: number, counts: number, losses: number, gradient: number, gradientStride: number, scale: number): void;

  sgd(bytes: number, p: number, g: number, scale: number, learningRate: number, weightDecay: number): void;
  sgdMomentum(bytes: number, p: number, g: number, m: number, scale: number, learningRate: number, weightDecay: number, momentum: number, nesterov: number): void;
  adam(bytes: number, p: number, g: number, m: number, v: number, scale: number, stepSize: number, rootCorrection: number, beta1: number, rest1: number, beta2: number, rest2: number, epsilon: number, weightDecay: number, keep: number): void;
  rmsprop(bytes: number, p: number, g: number, v: number, m: number, scale: number, learningRate: number, weightDecay: number, alpha: number, restAlpha: number, epsilon: number, momentum: number): void;
  adagrad(bytes: number, p: number, g: number, s: number, scale: number, learningRate: number, weightDecay: number, epsilon: number): void;
  sumOfSquares(bytes: number, g: number): number;
  clipValues(bytes: number, g: number, threshold: number): number;
  clippedDot(bytes: number, g: number, threshold: number): number;

  addScaled(from: number, to: number, panels: number, a: number, aStride: number, aExponents: number, b: number, bStride: number, bExponents: number, carry: number, carryStride: number, fold: number): void;
  clearExponents(count: number, exponents: number): void;
  silenceEnded(from: number, to: number, panels: number, t: number, sequences: number, lengths: number, a: number, aStride: number, carry: number, carryStride: number, exponents: number): void;
  rowNorms(from: number, to: number, panels: number, a: number, stride: number, exponents: number, norms: number): void;

  peak(rounds: number, x: number, y: number): number;
  peakOperations(): number;
}

/** The kernels of a compiled module in this memory. */
export function link(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels;
}

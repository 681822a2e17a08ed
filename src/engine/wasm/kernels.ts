/** The kernels' exports that are called from outside programs; each is explained at its source in `src/engine/kernels`. Addresses and strides are bytes. */
export interface Kernels {
  firstFree(): number;

  runStretch(team: number): number;
  helpTeam(team: number, member: number): void;
  breakTeam(team: number): void;

  product(from: number, to: number, rows: number, kPanels: number, a: number, aStride: number, b: number, c: number, cStride: number, panels: number): void;
  productPieces(rows: number, panels: number): number;
  outerProduct(from: number, to: number, rows: number, a: number, aStride: number, aPanels: number, b: number, bStride: number, bPanels: number, c: number, accumulate: number): void;
  outerPieces(bPanels: number): number;

  copy(from: number, to: number, rows: number, a: number, aStride: number, out: number, outStride: number): void;
  sumOfSquares(from: number, to: number, blocks: number): void;

  cellStateAdjoint(recurrence: number, adjoints: number, t: number, total: number, totalStride: number): void;
  silenceEnded(from: number, to: number, panels: number, t: number, sequences: number, lengths: number, a: number, aStride: number, carry: number, carryStride: number, exponents: number): void;

  peak(rounds: number, x: number, y: number): number;
  peakOperations(): number;
}

/** The kernels of a compiled module in this memory. */
export function link(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels;
}

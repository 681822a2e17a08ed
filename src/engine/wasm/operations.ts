import type { Kernels } from './kernels';
import type { Panels } from './memory';
import { piecesInStretch, type Pace } from './pace';

/** A weight matrix in panels, [nPanels][8·kPanels][8]: from 8·kPanels inputs to 8·nPanels outputs. */
export interface Weight {
  readonly address: number;
  readonly kPanels: number;
  readonly nPanels: number;
}

/** Bytes of a weight matrix. */
export function weightBytes(kPanels: number, nPanels: number): number {
  return kPanels * nPanels * 256;
}

/** Operations that one element of cheap elementwise work counts for. */
const elementCost = 10;

/** The kernels on whole matrices, cut into stretches between which `pace` asks whether to go on. */
export class Operations {
  constructor(
    readonly kernels: Kernels,
    readonly pace: Pace,
  ) {}

  /** c += a·w, for `rows` rows. */
  product(rows: number, a: Panels, w: Weight, c: Panels): void {
    const { kernels, pace } = this;
    const each = 128 * w.kPanels * Math.min(rows, 60);
    const pieces = kernels.productPieces(rows, w.nPanels);
    const together = piecesInStretch(each);
    for (let from = 0; from < pieces; from += together) {
      const to = Math.min(from + together, pieces);
      kernels.product(from, to, rows, w.kPanels, a.address, a.stride, w.address, c.address, c.stride, w.nPanels);
      pace.spend(each * (to - from));
    }
  }

  /** dw = aᵀ·b over all rows, or dw += aᵀ·b. */
  outerProduct(rows: number, a: Panels, b: Panels, dw: number, mode: 'set' | 'add'): void {
    const { kernels, pace } = this;
    const each = 128 * rows * Math.min(a.panels, 16);
    const pieces = kernels.outerPieces(a.panels, b.panels);
    const together = piecesInStretch(each);
    for (let from = 0; from < pieces; from += together) {
      const to = Math.min(from + together, pieces);
      kernels.outerProduct(from, to, rows, a.address, a.stride, a.panels, b.address, b.stride, b.panels, dw, mode === 'add' ? 1 : 0);
      pace.spend(each * (to - from));
    }
  }

  /** wT = wᵀ, a weight of the transposed shape at `target`. */
  transpose(w: Weight, target: number): void {
    const together = piecesInStretch(w.nPanels * 64 * elementCost);
    for (let from = 0; from < w.kPanels; from += together) {
      const to = Math.min(from + together, w.kPanels);
      this.kernels.transpose(from, to, w.address, w.kPanels, w.nPanels, target);
      this.pace.spend((to - from) * w.nPanels * 64 * elementCost);
    }
  }

  /** vector = sum of all rows of a, or vector += it. */
  sumRows(rows: number, a: Panels, vector: number, mode: 'set' | 'add'): void {
    const together = piecesInStretch(rows * 8 * elementCost);
    for (let from = 0; from < a.panels; from += together) {
      const to = Math.min(from + together, a.panels);
      this.kernels.sumRows(from, to, rows, a.address, a.stride, vector, mode === 'add' ? 1 : 0);
      this.pace.spend((to - from) * rows * 8 * elementCost);
    }
  }

  /** Every row = vector. */
  broadcast(rows: number, vector: number, out: Panels): void {
    this.kernels.broadcast(rows, out.panels, vector, out.address, out.stride);
    this.#elements(rows, out);
  }

  clear(rows: number, out: Panels): void {
    this.kernels.clear(rows, out.panels, out.address, out.stride);
    this.#elements(rows, out);
  }

  copy(rows: number, a: Panels, out: Panels): void {
    this.kernels.copy(rows, out.panels, a.address, a.stride, out.address, out.stride);
    this.#elements(rows, out);
  }

  /** out = a + b. */
  add(rows: number, a: Panels, b: Panels, out: Panels): void {
    this.kernels.add(rows, out.panels, a.address, a.stride, b.address, b.stride, out.address, out.stride);
    this.#elements(rows, out);
  }

  /** out[row] = bias + table[token of the row]; `bias` 0: none. */
  gather(rows: number, table: Weight, tokens: number, bias: number, out: Panels): void {
    const each = table.nPanels * 8 * elementCost;
    const together = piecesInStretch(each);
    for (let from = 0; from < rows; from += together) {
      const to = Math.min(from + together, rows);
      this.kernels.gather(from, to, table.nPanels, table.address, table.kPanels * 8, tokens, bias, out.address, out.stride);
      this.pace.spend(each * (to - from));
    }
  }

  /** dTable[token of the row] = sum of its rows of a; 0 for tokens that do not occur. */
  scatter(rows: number, a: Panels, tokens: number, dTable: Weight): void {
    const each = (rows + dTable.kPanels * 8) * 8 * elementCost;
    const together = piecesInStretch(each);
    for (let from = 0; from < dTable.nPanels; from += together) {
      const to = Math.min(from + together, dTable.nPanels);
      this.kernels.scatter(from, to, rows, a.address, a.stride, tokens, dTable.address, dTable.kPanels * 8);
      this.pace.spend(each * (to - from));
    }
  }

  #elements(rows: number, { panels }: Panels): void {
    this.pace.spend(rows * panels * 8 * elementCost);
  }
}

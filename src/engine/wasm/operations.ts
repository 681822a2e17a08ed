import type { Crew, Share } from './crew/crew';
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

/** The kernels on whole matrices, shared by all threads and cut into stretches between which `pace` asks whether to go on. */
export class Operations {
  constructor(
    readonly crew: Crew,
    readonly pace: Pace,
  ) {}

  /** For what one thread does alone. */
  get kernels(): Kernels {
    return this.crew.kernels;
  }

  /** Pieces [from, to) of any work, at `each` operations a piece; `run` calls one kernel. */
  pieces(from: number, to: number, each: number, run: Share): void {
    const together = piecesInStretch(each) * this.crew.members;
    for (let first = from; first < to; first += together) {
      const last = Math.min(first + together, to);
      this.crew.share(each * (last - first), first, last, run);
      this.pace.spend(each * (last - first));
    }
  }

  /** c += a·w, for `rows` rows. */
  product(rows: number, a: Panels, w: Weight, c: Panels): void {
    const pieces = this.kernels.productPieces(rows, w.nPanels);
    this.pieces(0, pieces, 128 * w.kPanels * Math.min(rows, 60), (kernels, from, to) => kernels.product(from, to, rows, w.kPanels, a.address, a.stride, w.address, c.address, c.stride, w.nPanels));
  }

  /** dw = aᵀ·b over all rows, or dw += aᵀ·b. */
  outerProduct(rows: number, a: Panels, b: Panels, dw: number, mode: 'set' | 'add'): void {
    const pieces = this.kernels.outerPieces(a.panels, b.panels);
    this.pieces(0, pieces, (128 * rows * a.panels * b.panels) / pieces, (kernels, from, to) => kernels.outerProduct(from, to, rows, a.address, a.stride, a.panels, b.address, b.stride, b.panels, dw, mode === 'add' ? 1 : 0));
  }

  /** wT = wᵀ, a weight of the transposed shape at `target`. */
  transpose(w: Weight, target: number): void {
    this.pieces(0, w.kPanels, w.nPanels * 64 * elementCost, (kernels, from, to) => kernels.transpose(from, to, w.address, w.kPanels, w.nPanels, target));
  }

  /** vector = sum of all rows of a, or vector += it. */
  sumRows(rows: number, a: Panels, vector: number, mode: 'set' | 'add'): void {
    this.pieces(0, a.panels, rows * 8 * elementCost, (kernels, from, to) => kernels.sumRows(from, to, rows, a.address, a.stride, vector, mode === 'add' ? 1 : 0));
  }

  /** Every row = vector. */
  broadcast(rows: number, vector: number, out: Panels): void {
    this.panels(rows, out.panels, 1, (kernels, from, to) => kernels.broadcast(rows, to - from, vector + from * 32, out.address + from * out.stride, out.stride));
  }

  clear(rows: number, out: Panels): void {
    this.panels(rows, out.panels, 1, (kernels, from, to) => kernels.clear(rows, to - from, out.address + from * out.stride, out.stride));
  }

  copy(rows: number, a: Panels, out: Panels): void {
    this.panels(rows, out.panels, 1, (kernels, from, to) => kernels.copy(rows, to - from, a.address + from * a.stride, a.stride, out.address + from * out.stride, out.stride));
  }

  /** out = a + b. */
  add(rows: number, a: Panels, b: Panels, out: Panels): void {
    this.panels(rows, out.panels, 1, (kernels, from, to) => kernels.add(rows, to - from, a.address + from * a.stride, a.stride, b.address + from * b.stride, b.stride, out.address + from * out.stride, out.stride));
  }

  /** out[·][to[i]] = a[·][from[i]] for i < count; `from` and `to` are addresses of i32. */
  moveColumns(rows: number, count: number, a: Panels, from: number, out: Panels, to: number): void {
    this.pieces(0, count, rows * elementCost, (kernels, first, last) => kernels.moveColumns(rows, last - first, a.address, a.stride, from + first * 4, out.address, out.stride, to + first * 4, 0));
  }

  /** out[row] = bias + table[token of the row]; `bias` 0: none. */
  gather(rows: number, table: Weight, tokens: number, bias: number, out: Panels): void {
    this.pieces(0, rows, table.nPanels * 8 * elementCost, (kernels, from, to) => kernels.gather(from, to, table.nPanels, table.address, table.kPanels * 8, tokens, bias, out.address, out.stride));
  }

  /** dTable[token of the row] = sum of its rows of a; 0 for tokens that do not occur. */
  scatter(rows: number, a: Panels, tokens: number, dTable: Weight): void {
    this.pieces(0, dTable.nPanels, (rows + dTable.kPanels * 8) * 8 * elementCost, (kernels, from, to) => kernels.scatter(from, to, rows, a.address, a.stride, tokens, dTable.address, dTable.kPanels * 8));
  }

  /** Element-wise work on panels [0, panels) of matrices of `rows` rows; `weight`: how dear an element is beside a copy. */
  panels(rows: number, panels: number, weight: number, run: Share): void {
    this.pieces(0, panels, rows * 8 * elementCost * weight, run);
  }
}

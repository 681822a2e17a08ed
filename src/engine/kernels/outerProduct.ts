/*
 * C = Aᵀ·B over all rows: the weight gradients. A holds what the weights read (xₜ or hₜ₋₁ of all timesteps
 * and sequences), B the derivatives by their products. C comes out in the panels of the weights themselves,
 * [N/8][K][8], so that the optimizers need not know about panels.
 *
 *     for each group of 48 panels of A            pieces [from, to) are such a group times one panel of B (or two)
 *       for each block of 512 rows                its part of the group stays in the second cache
 *         for each panel of B (or two)            its part of the block stays in the first cache
 *           for each six columns of the group     a tall tile of C
 *             for each row: C[6][8] += A[row][6]ᵀ·B[row][8]
 *
 * Three panels of A have 24 columns, four tiles of six: the second begins in the first panel and ends in the
 * second, the third likewise.
 */
import { BROAD, Column, tall, TALL } from './tallTile';

/** Rows summed at a time. */
const ROWS: i32 = 512;
/** Panels of A in one piece. */
const GROUP: i32 = 48;

/** What a tile of C begins with when nothing is to be added to: six rows, which serve for both of its panels. */
const ZEROS: usize = memory.data<f32>([
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
], 16);

/** C[R][8P] (+)= Σ over `rows` rows of A[·][R]ᵀ·B[·][8P]: `first` columns at `a`, the rest at `next` in the panel after it. */
@inline
function columns(R: i32, P: i32, first: i32, add: bool, rows: i32, a: usize, next: usize, b: usize, bStride: usize, c: usize, cStride: usize): void {
  tall<Column>(R, P, first, 1, <usize>rows << 5, 32, a, 0, next - (first << 2), b, bStride, add ? c : ZEROS, add ? cStride : 0, c, cStride);
}

/** C[24][8P] (+)= AᵀB for three panels of A. */
@inline
function three(P: i32, add: bool, rows: i32, a: usize, aStride: usize, b: usize, bStride: usize, c: usize, cStride: usize): void {
  const a1 = a + aStride;
  const a2 = a1 + aStride;
  columns(6, P, 6, add, rows, a, a, b, bStride, c, cStride);
  columns(6, P, 2, add, rows, a + 24, a1, b, bStride, c + 192, cStride);
  columns(6, P, 4, add, rows, a1 + 16, a2, b, bStride, c + 384, cStride);
  columns(6, P, 6, add, rows, a2 + 8, a, b, bStride, c + 576, cStride);
}

/** C[8][8P] (+)= AᵀB for one panel of A. */
@inline
function one(P: i32, add: bool, rows: i32, a: usize, aStride: usize, b: usize, bStride: usize, c: usize, cStride: usize): void {
  columns(4, P, 4, add, rows, a, a, b, bStride, c, cStride);
  columns(4, P, 4, add, rows, a + 16, a, b, bStride, c + 128, cStride);
}

function three1(add: bool, rows: i32, a: usize, aStride: usize, b: usize, bStride: usize, c: usize, cStride: usize): void {
  three(1, add, rows, a, aStride, b, bStride, c, cStride);
}
function three2(add: bool, rows: i32, a: usize, aStride: usize, b: usize, bStride: usize, c: usize, cStride: usize): void {
  three(BROAD, add, rows, a, aStride, b, bStride, c, cStride);
}
function one1(add: bool, rows: i32, a: usize, aStride: usize, b: usize, bStride: usize, c: usize, cStride: usize): void {
  one(1, add, rows, a, aStride, b, bStride, c, cStride);
}
function one2(add: bool, rows: i32, a: usize, aStride: usize, b: usize, bStride: usize, c: usize, cStride: usize): void {
  one(BROAD, add, rows, a, aStride, b, bStride, c, cStride);
}

/** One block of rows of one piece: C[8·aPanels][8·P] (+)= AᵀB with P ≤ `BROAD`. */
function block(P: i32, add: bool, rows: i32, a: usize, aStride: usize, aPanels: i32, b: usize, bStride: usize, c: usize, cStride: usize): void {
  // Where tiles have four columns (see `TALL`), two of them fill a panel.
  for (; TALL == 6 && aPanels >= 3; aPanels -= 3, a += aStride * 3, c += 768) {
    if (P > 1) three2(add, rows, a, aStride, b, bStride, c, cStride);
    else three1(add, rows, a, aStride, b, bStride, c, cStride);
  }
  for (; aPanels > 0; aPanels--, a += aStride, c += 256) {
    if (P > 1) one2(add, rows, a, aStride, b, bStride, c, cStride);
    else one1(add, rows, a, aStride, b, bStride, c, cStride);
  }
}

/** Pieces for each group of panels of A. */
@inline
function piecesOf(bPanels: i32): i32 {
  return (bPanels + BROAD - 1) / BROAD;
}

/** Number of pieces of `outerProduct`: a group of panels of A times one panel of B each, or two. */
export function outerPieces(aPanels: i32, bPanels: i32): i32 {
  return ((aPanels + GROUP - 1) / GROUP) * piecesOf(bPanels);
}

/** Pieces [from, to) of C = AᵀB, or C += AᵀB when `accumulate` is 1. */
export function outerProduct(from: i32, to: i32, rows: i32, a: usize, aStride: usize, aPanels: i32, b: usize, bStride: usize, bPanels: i32, c: usize, accumulate: i32): void {
  const cStride = <usize>(aPanels << 8);
  const pieces = piecesOf(bPanels);
  while (from < to) {
    const group = from / pieces;
    const first = from - group * pieces;
    const count = min(pieces - first, to - from);
    const skipped = group * GROUP;
    for (let row = 0; row < rows; row += ROWS) {
      for (let n = first * BROAD; n < min(bPanels, (first + count) * BROAD); n += BROAD) {
        const skip = <usize>(row << 5);
        block(min(BROAD, bPanels - n), row > 0 || accumulate != 0, min(ROWS, rows - row), a + skip + aStride * skipped, aStride, min(aPanels - skipped, GROUP), b + skip + bStride * n, bStride, c + cStride * n + <usize>(skipped << 8), cStride);
      }
    }
    from += count;
  }
}

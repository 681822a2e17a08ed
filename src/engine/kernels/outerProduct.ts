/*
 * C = Aᵀ·B over all rows: the weight gradients. A holds what the weights read (xₜ or hₜ₋₁ of all timesteps
 * and sequences), B the derivatives by their products. C comes out in the panels of the weights themselves,
 * [N/8][K][8], so that the optimizers need not know about panels.
 *
 *     for each block of 1024 rows
 *       for each group of 16 panels of B            its part of the block stays in the second cache
 *         for each three panels of A
 *           for each panel of B (or two)            pieces [from, to)
 *             for each six columns of the three     a tall tile of C
 *               for each row: C[6][8] += A[row][6]ᵀ·B[row][8]
 *
 * Three panels of A have 24 columns, four tiles of six: the second begins in the first panel and ends in the
 * second, the third likewise.
 */
import { BROAD, Column, tall, TALL } from './tallTile';

/** Rows summed at a time. */
const ROWS: i32 = 1024;
/** Panels of B that take their turns with the same panels of A. */
const GROUP: i32 = 16;

/** What C begins with when nothing is to be added to: six rows, which serve for both of a tile's panels. */
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

/** C[24][8·bPanels] (+)= AᵀB for three panels of A. */
function allOfThree(add: bool, rows: i32, a: usize, aStride: usize, b: usize, bStride: usize, bPanels: i32, c: usize, cStride: usize): void {
  for (; BROAD == 2 && bPanels > 1; bPanels -= 2, b += bStride * 2, c += cStride * 2) three2(add, rows, a, aStride, b, bStride, c, cStride);
  for (; bPanels > 0; bPanels--, b += bStride, c += cStride) three1(add, rows, a, aStride, b, bStride, c, cStride);
}

/** C[8][8·bPanels] (+)= AᵀB for one. */
function allOfOne(add: bool, rows: i32, a: usize, aStride: usize, b: usize, bStride: usize, bPanels: i32, c: usize, cStride: usize): void {
  for (; BROAD == 2 && bPanels > 1; bPanels -= 2, b += bStride * 2, c += cStride * 2) one2(add, rows, a, aStride, b, bStride, c, cStride);
  for (; bPanels > 0; bPanels--, b += bStride, c += cStride) one1(add, rows, a, aStride, b, bStride, c, cStride);
}

/** Number of pieces of `outerProduct`: a panel of B each, or two. */
export function outerPieces(bPanels: i32): i32 {
  return (bPanels + BROAD - 1) / BROAD;
}

/** Pieces [from, to) of C = AᵀB, or C += AᵀB when `accumulate` is 1. */
export function outerProduct(from: i32, to: i32, rows: i32, a: usize, aStride: usize, aPanels: i32, b: usize, bStride: usize, bPanels: i32, c: usize, accumulate: i32): void {
  const cStride = <usize>(aPanels << 8);
  const end = min(bPanels, to * BROAD);
  for (let row = 0; row < rows; row += ROWS) {
    const count = min(ROWS, rows - row);
    const add = row > 0 || accumulate != 0;
    for (let n = from * BROAD; n < end; n += GROUP) {
      const panels = min(GROUP, end - n);
      let at = a + (<usize>row << 5);
      const against = b + (<usize>row << 5) + bStride * n;
      let target = c + cStride * n;
      let left = aPanels;
      // Where tiles have four columns (see `TALL`), two of them fill a panel.
      for (; TALL == 6 && left >= 3; left -= 3, at += aStride * 3, target += 768) allOfThree(add, count, at, aStride, against, bStride, panels, target, cStride);
      for (; left > 0; left--, at += aStride, target += 256) allOfOne(add, count, at, aStride, against, bStride, panels, target, cStride);
    }
  }
}

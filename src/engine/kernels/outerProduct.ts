/*
 * C = Aᵀ·B over all rows: the weight gradients. A holds what the weights read (xₜ or hₜ₋₁ of all timesteps
 * and sequences), B the derivatives by their products. C comes out in the panels of the weights themselves,
 * [N/8][K][8], so that the optimizers need not know about panels.
 *
 * Each element is summed in blocks of 64 rows in ascending order, however the pieces are shared out.
 */
import { fma } from './simd';

/** Rows summed at a time: this part of a group of A and of a panel of B stays in the nearest caches. */
const ROWS: i32 = 64;
/** Panels of A in one piece. */
const GROUP: i32 = 16;

/** C[4][8] (+)= Σ over `rows` rows of A[·][4]ᵀ·B[·][8]; A points at the first of the four columns. */
@inline
function tile(add: bool, rows: i32, a: usize, b: usize, c: usize): void {
  const zero = f32x4.splat(0);
  let c00 = add ? v128.load(c) : zero;
  let c01 = add ? v128.load(c, 16) : zero;
  let c10 = add ? v128.load(c, 32) : zero;
  let c11 = add ? v128.load(c, 48) : zero;
  let c20 = add ? v128.load(c, 64) : zero;
  let c21 = add ? v128.load(c, 80) : zero;
  let c30 = add ? v128.load(c, 96) : zero;
  let c31 = add ? v128.load(c, 112) : zero;
  const end = a + <usize>(rows << 5);
  while (a < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    c00 = fma(x, b0, c00);
    c01 = fma(x, b1, c01);
    x = v128.load32_splat(a, 4);
    c10 = fma(x, b0, c10);
    c11 = fma(x, b1, c11);
    x = v128.load32_splat(a, 8);
    c20 = fma(x, b0, c20);
    c21 = fma(x, b1, c21);
    x = v128.load32_splat(a, 12);
    c30 = fma(x, b0, c30);
    c31 = fma(x, b1, c31);
    a += 32;
    b += 32;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(c, c10, 32);
  v128.store(c, c11, 48);
  v128.store(c, c20, 64);
  v128.store(c, c21, 80);
  v128.store(c, c30, 96);
  v128.store(c, c31, 112);
}

function addTile(rows: i32, a: usize, b: usize, c: usize): void {
  tile(true, rows, a, b, c);
}
function setTile(rows: i32, a: usize, b: usize, c: usize): void {
  tile(false, rows, a, b, c);
}

/** Number of pieces of `outerProduct`: sixteen panels of A times one panel of B each. */
export function outerPieces(aPanels: i32, bPanels: i32): i32 {
  return ((aPanels + GROUP - 1) / GROUP) * bPanels;
}

/** Pieces [from, to) of C = AᵀB, or C += AᵀB when `accumulate` is 1. */
export function outerProduct(from: i32, to: i32, rows: i32, a: usize, aStride: usize, aPanels: i32, b: usize, bStride: usize, bPanels: i32, c: usize, accumulate: i32): void {
  const cStride = <usize>(aPanels << 8);
  while (from < to) {
    const group = from / bPanels;
    const firstB = from - group * bPanels;
    const lastB = firstB + min(bPanels - firstB, to - from);
    const firstA = group * GROUP;
    const lastA = min(aPanels, firstA + GROUP);
    for (let row = 0; row < rows; row += ROWS) {
      const count = min(ROWS, rows - row);
      const skip = <usize>(row << 5);
      for (let n = firstB; n < lastB; n++) {
        const bn = b + skip + bStride * <usize>n;
        for (let m = firstA; m < lastA; m++) {
          const am = a + skip + aStride * <usize>m;
          const target = c + cStride * <usize>n + <usize>(m << 8);
          if (row > 0 || accumulate != 0) {
            addTile(count, am, bn, target);
            addTile(count, am + 16, bn, target + 128);
          } else {
            setTile(count, am, bn, target);
            setTile(count, am + 16, bn, target + 128);
          }
        }
      }
    }
    from += lastB - firstB;
  }
}

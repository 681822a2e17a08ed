/*
 * C = Aᵀ·B over all rows: the weight gradients. A holds what the weights read (xₜ or hₜ₋₁ of all timesteps
 * and sequences), B the derivatives by their products. C comes out in the panels of the weights themselves,
 * [N/8][K][8], so that the optimizers need not know about panels.
 *
 *     for each group of 48 panels of A            pieces [from, to) are such a group times one panel of B
 *       for each block of 256 rows                its part of the group stays in the second cache
 *         for each panel of B                     its part of the block stays in the first cache
 *           for each six columns of the group     the tile: C[6][8] in twelve registers
 *             for each row: C[6][8] += A[row][6]ᵀ·B[row][8]
 *
 * Three panels of A have 24 columns, four tiles of six: the second begins in the first panel and ends in the
 * second, the third likewise. Each element is summed over all rows in ascending order, however the pieces are
 * shared out.
 */
import { fma } from './simd';

/** Rows summed at a time. */
const ROWS: i32 = 256;
/** Panels of A in one piece. */
const GROUP: i32 = 48;
/** Panels of A that share four tiles. A multiply-add in two instructions needs a register more, so there tiles have four columns. */
const TOGETHER: i32 = ASC_FEATURE_RELAXED_SIMD ? 3 : 1;

/**
 * C[first + second][8] (+)= Σ over `rows` rows of A[·][first + second]ᵀ·B[·][8]: `first` columns at `a`, and
 * `second` at `next`, in the panel after it. Both are known where this is inlined: columns that are not there
 * leave no code.
 */
@inline
function tile(first: i32, second: i32, add: bool, rows: i32, a: usize, next: usize, b: usize, c: usize): void {
  const all = first + second;
  const zero = i32x4.splat(0);
  let c00 = add ? v128.load(c) : zero;
  let c01 = add ? v128.load(c, 16) : zero;
  let c10 = add && all > 1 ? v128.load(c, 32) : zero;
  let c11 = add && all > 1 ? v128.load(c, 48) : zero;
  let c20 = add && all > 2 ? v128.load(c, 64) : zero;
  let c21 = add && all > 2 ? v128.load(c, 80) : zero;
  let c30 = add && all > 3 ? v128.load(c, 96) : zero;
  let c31 = add && all > 3 ? v128.load(c, 112) : zero;
  let c40 = add && all > 4 ? v128.load(c, 128) : zero;
  let c41 = add && all > 4 ? v128.load(c, 144) : zero;
  let c50 = add && all > 5 ? v128.load(c, 160) : zero;
  let c51 = add && all > 5 ? v128.load(c, 176) : zero;
  const end = b + (<usize>rows << 5);
  while (b < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    c00 = fma(x, b0, c00);
    c01 = fma(x, b1, c01);
    if (all > 1) {
      x = v128.load32_splat(a, 4);
      c10 = fma(x, b0, c10);
      c11 = fma(x, b1, c11);
    }
    if (all > 2) {
      x = first > 2 ? v128.load32_splat(a, 8) : v128.load32_splat(next);
      c20 = fma(x, b0, c20);
      c21 = fma(x, b1, c21);
    }
    if (all > 3) {
      x = first > 3 ? v128.load32_splat(a, 12) : v128.load32_splat(next, 4);
      c30 = fma(x, b0, c30);
      c31 = fma(x, b1, c31);
    }
    if (all > 4) {
      x = first > 4 ? v128.load32_splat(a, 16) : first > 2 ? v128.load32_splat(next) : v128.load32_splat(next, 8);
      c40 = fma(x, b0, c40);
      c41 = fma(x, b1, c41);
    }
    if (all > 5) {
      x = first > 5 ? v128.load32_splat(a, 20) : first > 2 ? v128.load32_splat(next, 4) : v128.load32_splat(next, 12);
      c50 = fma(x, b0, c50);
      c51 = fma(x, b1, c51);
    }
    a += 32;
    if (second > 0) next += 32;
    b += 32;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  if (all > 1) {
    v128.store(c, c10, 32);
    v128.store(c, c11, 48);
  }
  if (all > 2) {
    v128.store(c, c20, 64);
    v128.store(c, c21, 80);
  }
  if (all > 3) {
    v128.store(c, c30, 96);
    v128.store(c, c31, 112);
  }
  if (all > 4) {
    v128.store(c, c40, 128);
    v128.store(c, c41, 144);
  }
  if (all > 5) {
    v128.store(c, c50, 160);
    v128.store(c, c51, 176);
  }
}

function setTile6(rows: i32, a: usize, b: usize, c: usize): void {
  tile(6, 0, false, rows, a, a, b, c);
}
function addTile6(rows: i32, a: usize, b: usize, c: usize): void {
  tile(6, 0, true, rows, a, a, b, c);
}
function setTile24(rows: i32, a: usize, next: usize, b: usize, c: usize): void {
  tile(2, 4, false, rows, a, next, b, c);
}
function addTile24(rows: i32, a: usize, next: usize, b: usize, c: usize): void {
  tile(2, 4, true, rows, a, next, b, c);
}
function setTile42(rows: i32, a: usize, next: usize, b: usize, c: usize): void {
  tile(4, 2, false, rows, a, next, b, c);
}
function addTile42(rows: i32, a: usize, next: usize, b: usize, c: usize): void {
  tile(4, 2, true, rows, a, next, b, c);
}
function setTile4(rows: i32, a: usize, b: usize, c: usize): void {
  tile(4, 0, false, rows, a, a, b, c);
}
function addTile4(rows: i32, a: usize, b: usize, c: usize): void {
  tile(4, 0, true, rows, a, a, b, c);
}

/** C[24][8] (+)= AᵀB for three panels of A. */
@inline
function threePanels(add: bool, rows: i32, a: usize, aStride: usize, b: usize, c: usize): void {
  const a1 = a + aStride;
  const a2 = a1 + aStride;
  if (add) {
    addTile6(rows, a, b, c);
    addTile24(rows, a + 24, a1, b, c + 192);
    addTile42(rows, a1 + 16, a2, b, c + 384);
    addTile6(rows, a2 + 8, b, c + 576);
  } else {
    setTile6(rows, a, b, c);
    setTile24(rows, a + 24, a1, b, c + 192);
    setTile42(rows, a1 + 16, a2, b, c + 384);
    setTile6(rows, a2 + 8, b, c + 576);
  }
}

/** Number of pieces of `outerProduct`: a group of panels of A times one panel of B each. */
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
      const add = row > 0 || accumulate != 0;
      for (let n = firstB; n < lastB; n++) {
        const bn = b + skip + bStride * <usize>n;
        let am = a + skip + aStride * <usize>firstA;
        let target = c + cStride * <usize>n + <usize>(firstA << 8);
        let left = lastA - firstA;
        for (; TOGETHER == 3 && left >= 3; left -= 3) {
          threePanels(add, count, am, aStride, bn, target);
          am += aStride * 3;
          target += 768;
        }
        for (; left > 0; left--) {
          if (add) {
            addTile4(count, am, bn, target);
            addTile4(count, am + 16, bn, target + 128);
          } else {
            setTile4(count, am, bn, target);
            setTile4(count, am + 16, bn, target + 128);
          }
          am += aStride;
          target += 256;
        }
      }
    }
    from += lastB - firstB;
  }
}

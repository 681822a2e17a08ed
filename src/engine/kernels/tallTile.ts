/*
 * The tiles: what both matrix products spend their time in. A tile of C stays in registers while everything that
 * is added to it passes. Which rows and panels it has is known where it is inlined: those that are not there leave
 * no code.
 *
 * A multiply-add takes four cycles and two can begin in each, so at least eight sums have to be under way; with
 * twelve none is ever waited for. That takes twelve registers, and three or four more for what passes, of 16 that
 * there are. Where V8 pairs operations (see `pairs.ts`) a register holds two neighbours, so 24 sums fit.
 *
 * Each element of C is summed in ascending order from what it starts with, whatever tile it falls into, so how the
 * work is cut (rows, panels, threads) never changes a bit.
 */
import { PAIRS } from './pairs';
import { fma } from './simd';

/** Rows of the tall tile; a multiply-add in two instructions needs a register for the product, which leaves room for four. */
export const TALL: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 4;
/** Panels of the tall tile. */
export const BROAD: i32 = PAIRS ? 2 : 1;

/** What lies from a row of a panel to the next, and from a column to the next: lengths that the code of a tile is made with. */
@unmanaged
export class Row {
  low: v128;
  high: v128;
}
@unmanaged
export class Column {
  number: f32;
}

/**
 * The tall tile: C[R][8P] = start + A·B with R ≤ 6 and P ≤ 2. A row of B stays in registers while R elements of A pass:
 *
 *     for each of `stretches` stretches of A, `aStride` bytes apart
 *       for each `step` bytes of its `length`
 *         for each r: C[r][·] += A[r]·B[·]
 *         B goes on by a row
 *
 * A[r] lies r·|Apart| bytes behind `a`, from r = `first` on behind `next`. `start` is laid out like C, but for the bytes
 * between its panels.
 */
@inline
export function tall<Apart>(R: i32, P: i32, first: i32, stretches: i32, length: usize, step: usize, a: usize, aStride: usize, next: usize, b: usize, bStride: usize, start: usize, startStride: usize, c: usize, cStride: usize): void {
  const none = i32x4.splat(0);
  let d = b + bStride;
  const t = start + startStride;
  let c00 = v128.load(start);
  let c01 = v128.load(start, 16);
  let c02 = P > 1 ? v128.load(t) : none;
  let c03 = P > 1 ? v128.load(t, 16) : none;
  let c10 = R > 1 ? v128.load(start, 32) : none;
  let c11 = R > 1 ? v128.load(start, 48) : none;
  let c12 = R > 1 && P > 1 ? v128.load(t, 32) : none;
  let c13 = R > 1 && P > 1 ? v128.load(t, 48) : none;
  let c20 = R > 2 ? v128.load(start, 64) : none;
  let c21 = R > 2 ? v128.load(start, 80) : none;
  let c22 = R > 2 && P > 1 ? v128.load(t, 64) : none;
  let c23 = R > 2 && P > 1 ? v128.load(t, 80) : none;
  let c30 = R > 3 ? v128.load(start, 96) : none;
  let c31 = R > 3 ? v128.load(start, 112) : none;
  let c32 = R > 3 && P > 1 ? v128.load(t, 96) : none;
  let c33 = R > 3 && P > 1 ? v128.load(t, 112) : none;
  let c40 = R > 4 ? v128.load(start, 128) : none;
  let c41 = R > 4 ? v128.load(start, 144) : none;
  let c42 = R > 4 && P > 1 ? v128.load(t, 128) : none;
  let c43 = R > 4 && P > 1 ? v128.load(t, 144) : none;
  let c50 = R > 5 ? v128.load(start, 160) : none;
  let c51 = R > 5 ? v128.load(start, 176) : none;
  let c52 = R > 5 && P > 1 ? v128.load(t, 160) : none;
  let c53 = R > 5 && P > 1 ? v128.load(t, 176) : none;
  for (; stretches > 0; stretches--) {
    for (const end = a + length; a < end; a += step) {
      const b0 = v128.load(b);
      const b1 = v128.load(b, 16);
      const b2 = P > 1 ? v128.load(d) : b0;
      const b3 = P > 1 ? v128.load(d, 16) : b0;
      let x = v128.load32_splat(a);
      c00 = fma(x, b0, c00);
      c01 = fma(x, b1, c01);
      if (P > 1) {
        c02 = fma(x, b2, c02);
        c03 = fma(x, b3, c03);
      }
      if (R > 1) {
        x = v128.load32_splat(a, offsetof<Apart>());
        c10 = fma(x, b0, c10);
        c11 = fma(x, b1, c11);
        if (P > 1) {
          c12 = fma(x, b2, c12);
          c13 = fma(x, b3, c13);
        }
      }
      if (R > 2) {
        x = v128.load32_splat(first > 2 ? a : next, 2 * offsetof<Apart>());
        c20 = fma(x, b0, c20);
        c21 = fma(x, b1, c21);
        if (P > 1) {
          c22 = fma(x, b2, c22);
          c23 = fma(x, b3, c23);
        }
      }
      if (R > 3) {
        x = v128.load32_splat(first > 3 ? a : next, 3 * offsetof<Apart>());
        c30 = fma(x, b0, c30);
        c31 = fma(x, b1, c31);
        if (P > 1) {
          c32 = fma(x, b2, c32);
          c33 = fma(x, b3, c33);
        }
      }
      if (R > 4) {
        x = v128.load32_splat(first > 4 ? a : next, 4 * offsetof<Apart>());
        c40 = fma(x, b0, c40);
        c41 = fma(x, b1, c41);
        if (P > 1) {
          c42 = fma(x, b2, c42);
          c43 = fma(x, b3, c43);
        }
      }
      if (R > 5) {
        x = v128.load32_splat(first > 5 ? a : next, 5 * offsetof<Apart>());
        c50 = fma(x, b0, c50);
        c51 = fma(x, b1, c51);
        if (P > 1) {
          c52 = fma(x, b2, c52);
          c53 = fma(x, b3, c53);
        }
      }
      if (first < R) next += step;
      b += 32;
      if (P > 1) d += 32;
    }
    a += aStride - length;
  }
  const e = c + cStride;
  v128.store(c, c00);
  v128.store(c, c01, 16);
  if (P > 1) {
    v128.store(e, c02);
    v128.store(e, c03, 16);
  }
  if (R > 1) {
    v128.store(c, c10, 32);
    v128.store(c, c11, 48);
    if (P > 1) {
      v128.store(e, c12, 32);
      v128.store(e, c13, 48);
    }
  }
  if (R > 2) {
    v128.store(c, c20, 64);
    v128.store(c, c21, 80);
    if (P > 1) {
      v128.store(e, c22, 64);
      v128.store(e, c23, 80);
    }
  }
  if (R > 3) {
    v128.store(c, c30, 96);
    v128.store(c, c31, 112);
    if (P > 1) {
      v128.store(e, c32, 96);
      v128.store(e, c33, 112);
    }
  }
  if (R > 4) {
    v128.store(c, c40, 128);
    v128.store(c, c41, 144);
    if (P > 1) {
      v128.store(e, c42, 128);
      v128.store(e, c43, 144);
    }
  }
  if (R > 5) {
    v128.store(c, c50, 160);
    v128.store(c, c51, 176);
    if (P > 1) {
      v128.store(e, c52, 160);
      v128.store(e, c53, 176);
    }
  }
}

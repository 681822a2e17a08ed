/*
 * The low tile, for the one or two rows that the tall ones leave over, and for products that have no more; see
 * `tallTile.ts` for what tiles are.
 */
import { PAIRS } from './pairs';
import { fma } from './simd';

/** Panels of the low tile of two rows, and of one. */
export const LOW2: i32 = PAIRS ? 6 : ASC_FEATURE_RELAXED_SIMD ? 3 : 2;
export const LOW1: i32 = 6;

/**
 * The low tile: C[R][8P] += A[R][K]·B[K][8P] with one or two rows. Elements of A stay in registers while B passes;
 * of one row, every multiply-add has to read its own numbers of B, which is what takes the time.
 */
@inline
export function low(R: i32, P: i32, kPanels: i32, a: usize, aStride: usize, b: usize, c: usize, cStride: usize): void {
  const none = i32x4.splat(0);
  const bStride = <usize>(kPanels << 8);
  let b1 = P > 1 ? b + bStride : b;
  let b2 = P > 2 ? b1 + bStride : b;
  let b3 = P > 3 ? b2 + bStride : b;
  let b4 = P > 4 ? b3 + bStride : b;
  let b5 = P > 5 ? b4 + bStride : b;
  let s = c;
  let c00 = v128.load(s);
  let c01 = v128.load(s, 16);
  let c02 = R > 1 ? v128.load(s, 32) : none;
  let c03 = R > 1 ? v128.load(s, 48) : none;
  s += cStride;
  let c10 = P > 1 ? v128.load(s) : none;
  let c11 = P > 1 ? v128.load(s, 16) : none;
  let c12 = P > 1 && R > 1 ? v128.load(s, 32) : none;
  let c13 = P > 1 && R > 1 ? v128.load(s, 48) : none;
  s += cStride;
  let c20 = P > 2 ? v128.load(s) : none;
  let c21 = P > 2 ? v128.load(s, 16) : none;
  let c22 = P > 2 && R > 1 ? v128.load(s, 32) : none;
  let c23 = P > 2 && R > 1 ? v128.load(s, 48) : none;
  s += cStride;
  let c30 = P > 3 ? v128.load(s) : none;
  let c31 = P > 3 ? v128.load(s, 16) : none;
  let c32 = P > 3 && R > 1 ? v128.load(s, 32) : none;
  let c33 = P > 3 && R > 1 ? v128.load(s, 48) : none;
  s += cStride;
  let c40 = P > 4 ? v128.load(s) : none;
  let c41 = P > 4 ? v128.load(s, 16) : none;
  let c42 = P > 4 && R > 1 ? v128.load(s, 32) : none;
  let c43 = P > 4 && R > 1 ? v128.load(s, 48) : none;
  s += cStride;
  let c50 = P > 5 ? v128.load(s) : none;
  let c51 = P > 5 ? v128.load(s, 16) : none;
  let c52 = P > 5 && R > 1 ? v128.load(s, 32) : none;
  let c53 = P > 5 && R > 1 ? v128.load(s, 48) : none;
  for (; kPanels > 0; kPanels--) {
    for (const end = a + 32; a < end; a += 4) {
      const x = v128.load32_splat(a);
      const y = R > 1 ? v128.load32_splat(a, 32) : x;
      let w = v128.load(b);
      c00 = fma(x, w, c00);
      if (R > 1) c02 = fma(y, w, c02);
      w = v128.load(b, 16);
      c01 = fma(x, w, c01);
      if (R > 1) c03 = fma(y, w, c03);
      b += 32;
      if (P > 1) {
        w = v128.load(b1);
        c10 = fma(x, w, c10);
        if (R > 1) c12 = fma(y, w, c12);
        w = v128.load(b1, 16);
        c11 = fma(x, w, c11);
        if (R > 1) c13 = fma(y, w, c13);
        b1 += 32;
      }
      if (P > 2) {
        w = v128.load(b2);
        c20 = fma(x, w, c20);
        if (R > 1) c22 = fma(y, w, c22);
        w = v128.load(b2, 16);
        c21 = fma(x, w, c21);
        if (R > 1) c23 = fma(y, w, c23);
        b2 += 32;
      }
      if (P > 3) {
        w = v128.load(b3);
        c30 = fma(x, w, c30);
        if (R > 1) c32 = fma(y, w, c32);
        w = v128.load(b3, 16);
        c31 = fma(x, w, c31);
        if (R > 1) c33 = fma(y, w, c33);
        b3 += 32;
      }
      if (P > 4) {
        w = v128.load(b4);
        c40 = fma(x, w, c40);
        if (R > 1) c42 = fma(y, w, c42);
        w = v128.load(b4, 16);
        c41 = fma(x, w, c41);
        if (R > 1) c43 = fma(y, w, c43);
        b4 += 32;
      }
      if (P > 5) {
        w = v128.load(b5);
        c50 = fma(x, w, c50);
        if (R > 1) c52 = fma(y, w, c52);
        w = v128.load(b5, 16);
        c51 = fma(x, w, c51);
        if (R > 1) c53 = fma(y, w, c53);
        b5 += 32;
      }
    }
    a += aStride - 32;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  if (R > 1) {
    v128.store(c, c02, 32);
    v128.store(c, c03, 48);
  }
  if (P > 1) {
    c += cStride;
    v128.store(c, c10);
    v128.store(c, c11, 16);
    if (R > 1) {
      v128.store(c, c12, 32);
      v128.store(c, c13, 48);
    }
  }
  if (P > 2) {
    c += cStride;
    v128.store(c, c20);
    v128.store(c, c21, 16);
    if (R > 1) {
      v128.store(c, c22, 32);
      v128.store(c, c23, 48);
    }
  }
  if (P > 3) {
    c += cStride;
    v128.store(c, c30);
    v128.store(c, c31, 16);
    if (R > 1) {
      v128.store(c, c32, 32);
      v128.store(c, c33, 48);
    }
  }
  if (P > 4) {
    c += cStride;
    v128.store(c, c40);
    v128.store(c, c41, 16);
    if (R > 1) {
      v128.store(c, c42, 32);
      v128.store(c, c43, 48);
    }
  }
  if (P > 5) {
    c += cStride;
    v128.store(c, c50);
    v128.store(c, c51, 16);
    if (R > 1) {
      v128.store(c, c52, 32);
      v128.store(c, c53, 48);
    }
  }
}

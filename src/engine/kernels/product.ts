/*
 * C += A·B, the product of every forward pass and of every hidden gradient.
 *
 * All three matrices are column panels of 8 (see `src/engine/wasm/panels.ts`): X[rows][F] lies as
 * [F/8][rows][8], a panel's rows 32 bytes apart, panels `stride` bytes apart. So a tile of C reads B
 * straight on, and A in strides of one row; nothing is packed.
 *
 * Each element of C is summed over k in ascending order from what C held before, whatever tile it falls
 * into, so how the work is cut (rows, panels, threads) never changes a bit.
 */
import { fma } from './simd';

/** Rows of the tallest tile: what fits into 16 registers; a multiply-add in two instructions needs one more for the product. */
const TALLEST: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 4;

/** Rows of one block: its part of A stays in the cache while all panels of B pass. A multiple of the tallest tile. */
const BLOCK: i32 = 60;

/**
 * The tile: C[R][8] += A[R][K]·B[K][8] with R ≤ 6 rows held in 2R registers.
 * R is known where it is inlined, so rows that are not there leave no code.
 */
@inline
function tile(R: i32, kPanels: i32, a: usize, aStride: usize, b: usize, c: usize): void {
  const none = i32x4.splat(0);
  let c00 = v128.load(c);
  let c01 = v128.load(c, 16);
  let c10 = R > 1 ? v128.load(c, 32) : none;
  let c11 = R > 1 ? v128.load(c, 48) : none;
  let c20 = R > 2 ? v128.load(c, 64) : none;
  let c21 = R > 2 ? v128.load(c, 80) : none;
  let c30 = R > 3 ? v128.load(c, 96) : none;
  let c31 = R > 3 ? v128.load(c, 112) : none;
  let c40 = R > 4 ? v128.load(c, 128) : none;
  let c41 = R > 4 ? v128.load(c, 144) : none;
  let c50 = R > 5 ? v128.load(c, 160) : none;
  let c51 = R > 5 ? v128.load(c, 176) : none;
  for (let p = 0; p < kPanels; p++) {
    const end = a + 32;
    while (a < end) {
      const b0 = v128.load(b);
      const b1 = v128.load(b, 16);
      let x = v128.load32_splat(a);
      c00 = fma(x, b0, c00);
      c01 = fma(x, b1, c01);
      if (R > 1) {
        x = v128.load32_splat(a, 32);
        c10 = fma(x, b0, c10);
        c11 = fma(x, b1, c11);
      }
      if (R > 2) {
        x = v128.load32_splat(a, 64);
        c20 = fma(x, b0, c20);
        c21 = fma(x, b1, c21);
      }
      if (R > 3) {
        x = v128.load32_splat(a, 96);
        c30 = fma(x, b0, c30);
        c31 = fma(x, b1, c31);
      }
      if (R > 4) {
        x = v128.load32_splat(a, 128);
        c40 = fma(x, b0, c40);
        c41 = fma(x, b1, c41);
      }
      if (R > 5) {
        x = v128.load32_splat(a, 160);
        c50 = fma(x, b0, c50);
        c51 = fma(x, b1, c51);
      }
      a += 4;
      b += 32;
    }
    a += aStride - 32;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  if (R > 1) {
    v128.store(c, c10, 32);
    v128.store(c, c11, 48);
  }
  if (R > 2) {
    v128.store(c, c20, 64);
    v128.store(c, c21, 80);
  }
  if (R > 3) {
    v128.store(c, c30, 96);
    v128.store(c, c31, 112);
  }
  if (R > 4) {
    v128.store(c, c40, 128);
    v128.store(c, c41, 144);
  }
  if (R > 5) {
    v128.store(c, c50, 160);
    v128.store(c, c51, 176);
  }
}

function tile6(kPanels: i32, a: usize, aStride: usize, b: usize, c: usize): void {
  tile(6, kPanels, a, aStride, b, c);
}
function tile5(kPanels: i32, a: usize, aStride: usize, b: usize, c: usize): void {
  tile(5, kPanels, a, aStride, b, c);
}
function tile4(kPanels: i32, a: usize, aStride: usize, b: usize, c: usize): void {
  tile(4, kPanels, a, aStride, b, c);
}
function tile3(kPanels: i32, a: usize, aStride: usize, b: usize, c: usize): void {
  tile(3, kPanels, a, aStride, b, c);
}
function tile2(kPanels: i32, a: usize, aStride: usize, b: usize, c: usize): void {
  tile(2, kPanels, a, aStride, b, c);
}
function tile1(kPanels: i32, a: usize, aStride: usize, b: usize, c: usize): void {
  tile(1, kPanels, a, aStride, b, c);
}

/** The tile of a single row: C[1][32] += A[1][K]·B[K][32], four panels at once, so that eight sums are under way. */
function tile1x32(kPanels: i32, a: usize, aStride: usize, b: usize, bStride: usize, c: usize, cStride: usize): void {
  let bb1 = b + bStride;
  let bb2 = bb1 + bStride;
  let bb3 = bb2 + bStride;
  const cc1 = c + cStride;
  const cc2 = cc1 + cStride;
  const cc3 = cc2 + cStride;
  let c00 = v128.load(c);
  let c01 = v128.load(c, 16);
  let c10 = v128.load(cc1);
  let c11 = v128.load(cc1, 16);
  let c20 = v128.load(cc2);
  let c21 = v128.load(cc2, 16);
  let c30 = v128.load(cc3);
  let c31 = v128.load(cc3, 16);
  for (let p = 0; p < kPanels; p++) {
    const end = a + 32;
    while (a < end) {
      const x = v128.load32_splat(a);
      c00 = fma(x, v128.load(b), c00);
      c01 = fma(x, v128.load(b, 16), c01);
      c10 = fma(x, v128.load(bb1), c10);
      c11 = fma(x, v128.load(bb1, 16), c11);
      c20 = fma(x, v128.load(bb2), c20);
      c21 = fma(x, v128.load(bb2, 16), c21);
      c30 = fma(x, v128.load(bb3), c30);
      c31 = fma(x, v128.load(bb3, 16), c31);
      a += 4;
      b += 32;
      bb1 += 32;
      bb2 += 32;
      bb3 += 32;
    }
    a += aStride - 32;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(cc1, c10);
  v128.store(cc1, c11, 16);
  v128.store(cc2, c20);
  v128.store(cc2, c21, 16);
  v128.store(cc3, c30);
  v128.store(cc3, c31, 16);
}

/** The tile of two rows: C[2][16] += A[2][K]·B[K][16], for the same reason. */
function tile2x16(kPanels: i32, a: usize, aStride: usize, b: usize, bStride: usize, c: usize, cStride: usize): void {
  let bb1 = b + bStride;
  const cc1 = c + cStride;
  let c00 = v128.load(c);
  let c01 = v128.load(c, 16);
  let c02 = v128.load(cc1);
  let c03 = v128.load(cc1, 16);
  let c10 = v128.load(c, 32);
  let c11 = v128.load(c, 48);
  let c12 = v128.load(cc1, 32);
  let c13 = v128.load(cc1, 48);
  for (let p = 0; p < kPanels; p++) {
    const end = a + 32;
    while (a < end) {
      const b0 = v128.load(b);
      const b1 = v128.load(b, 16);
      const b2 = v128.load(bb1);
      const b3 = v128.load(bb1, 16);
      let x = v128.load32_splat(a);
      c00 = fma(x, b0, c00);
      c01 = fma(x, b1, c01);
      c02 = fma(x, b2, c02);
      c03 = fma(x, b3, c03);
      x = v128.load32_splat(a, 32);
      c10 = fma(x, b0, c10);
      c11 = fma(x, b1, c11);
      c12 = fma(x, b2, c12);
      c13 = fma(x, b3, c13);
      a += 4;
      b += 32;
      bb1 += 32;
    }
    a += aStride - 32;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(cc1, c02);
  v128.store(cc1, c03, 16);
  v128.store(c, c10, 32);
  v128.store(c, c11, 48);
  v128.store(cc1, c12, 32);
  v128.store(cc1, c13, 48);
}

/** Rows of the next tile of `left`: the tallest, and at the end fours and fives rather than a lone row or two. */
@inline
function nextTile(left: i32): i32 {
  if (left <= TALLEST || left >= TALLEST + 4) return min(left, TALLEST);
  return (left + 1) >> 1;
}

/**
 * C[rows][8·panels] += A[rows][8·kPanels]·B, for one block of rows.
 * B's panels follow one another without a gap, as weights do.
 */
export function multiply(rows: i32, kPanels: i32, a: usize, aStride: usize, b: usize, c: usize, cStride: usize, panels: i32): void {
  const bStride = <usize>(kPanels << 8);
  if (rows == 1) {
    for (; panels >= 4; panels -= 4) {
      tile1x32(kPanels, a, aStride, b, bStride, c, cStride);
      b += bStride << 2;
      c += cStride << 2;
    }
  } else if (rows == 2) {
    for (; panels >= 2; panels -= 2) {
      tile2x16(kPanels, a, aStride, b, bStride, c, cStride);
      b += bStride << 1;
      c += cStride << 1;
    }
  }
  for (; panels > 0; panels--) {
    let left = rows;
    let ar = a;
    let cr = c;
    while (left > 0) {
      const take = nextTile(left);
      if (take == 6) tile6(kPanels, ar, aStride, b, cr);
      else if (take == 5) tile5(kPanels, ar, aStride, b, cr);
      else if (take == 4) tile4(kPanels, ar, aStride, b, cr);
      else if (take == 3) tile3(kPanels, ar, aStride, b, cr);
      else if (take == 2) tile2(kPanels, ar, aStride, b, cr);
      else tile1(kPanels, ar, aStride, b, cr);
      left -= take;
      ar += <usize>(take << 5);
      cr += <usize>(take << 5);
    }
    b += bStride;
    c += cStride;
  }
}

/** Number of pieces of `product`: a block of rows times one panel of C each. */
export function productPieces(rows: i32, panels: i32): i32 {
  return ((rows + BLOCK - 1) / BLOCK) * panels;
}

/** Pieces [from, to) of C[rows][8·panels] += A[rows][8·kPanels]·B; panels of one block of rows follow one another. */
export function product(from: i32, to: i32, rows: i32, kPanels: i32, a: usize, aStride: usize, b: usize, c: usize, cStride: usize, panels: i32): void {
  while (from < to) {
    const block = from / panels;
    const first = from - block * panels;
    const count = min(panels - first, to - from);
    const row = block * BLOCK;
    const skip = <usize>(row << 5);
    multiply(min(BLOCK, rows - row), kPanels, a + skip, aStride, b + <usize>first * <usize>(kPanels << 8), c + skip + cStride * <usize>first, cStride, count);
    from += count;
  }
}

/*
 * C += A·B, the product of every forward pass and of every hidden gradient.
 *
 * All three matrices are column panels of 8 (see `src/engine/wasm/memory.ts`): X[rows][F] lies as
 * [F/8][rows][8], a panel's rows 32 bytes apart, panels `stride` bytes apart. So a tile of C reads B
 * straight on, and A in strides of one row; nothing is packed.
 *
 *     for each block of 60 rows                   its part of A stays in the cache; pieces [from, to) are
 *       for each panel of B                         such a block times one panel
 *         for each six rows: the tall tile, C[6][8] in twelve registers
 *         for the one to five rows that are left: the tall tile of five, or wide tiles, C[2][24] or C[1][48]
 *           for each k: C += A[·][k]·B[k][·]
 *
 * Twelve sums under way hide that a multiply-add takes four cycles; with eight, every delay is lost for good.
 *
 * Each element of C is summed over k in ascending order from what C held before, whatever tile it falls
 * into, so how the work is cut (rows, panels, threads) never changes a bit.
 */
import { fma } from './simd';

/** Rows of the tallest tile: what fits into 16 registers; a multiply-add in two instructions needs one more for the product. */
const TALLEST: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 4;

/** Panels of the widest tile of two rows. */
const WIDEST: i32 = ASC_FEATURE_RELAXED_SIMD ? 3 : 2;

/** Panels of B for which first the tall and then the wide tiles are computed, so that B is fetched once. */
const TOGETHER: i32 = 12;

/** Rows of one block: its part of A stays in the cache while all panels of B pass. A multiple of the tallest tile. */
const BLOCK: i32 = 60;

/**
 * The tall tile: C[R][8] += A[R][K]·B[K][8] with R ≤ 6 rows held in 2R registers. A row of B stays in two more while A passes.
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
/**
 * The wide tile of one row: C[1][8P] += A[1][K]·B[K][8P] with P ≤ 6 panels held in 2P registers. A's element
 * stays while B passes. Every multiply-add has to read its own four numbers of B, which is what takes the time.
 */
@inline
function wide1(P: i32, kPanels: i32, a: usize, aStride: usize, b: usize, bStride: usize, c: usize, cStride: usize): void {
  const none = i32x4.splat(0);
  let b1 = P > 1 ? b + bStride : b;
  let b2 = P > 2 ? b1 + bStride : b;
  let b3 = P > 3 ? b2 + bStride : b;
  let b4 = P > 4 ? b3 + bStride : b;
  let b5 = P > 5 ? b4 + bStride : b;
  const c1 = c + cStride;
  const c2 = c1 + cStride;
  const c3 = c2 + cStride;
  const c4 = c3 + cStride;
  const c5 = c4 + cStride;
  let c00 = v128.load(c);
  let c01 = v128.load(c, 16);
  let c10 = P > 1 ? v128.load(c1) : none;
  let c11 = P > 1 ? v128.load(c1, 16) : none;
  let c20 = P > 2 ? v128.load(c2) : none;
  let c21 = P > 2 ? v128.load(c2, 16) : none;
  let c30 = P > 3 ? v128.load(c3) : none;
  let c31 = P > 3 ? v128.load(c3, 16) : none;
  let c40 = P > 4 ? v128.load(c4) : none;
  let c41 = P > 4 ? v128.load(c4, 16) : none;
  let c50 = P > 5 ? v128.load(c5) : none;
  let c51 = P > 5 ? v128.load(c5, 16) : none;
  for (let p = 0; p < kPanels; p++) {
    const end = a + 32;
    while (a < end) {
      const x = v128.load32_splat(a);
      a += 4;
      c00 = fma(x, v128.load(b), c00);
      c01 = fma(x, v128.load(b, 16), c01);
      b += 32;
      if (P > 1) {
        c10 = fma(x, v128.load(b1), c10);
        c11 = fma(x, v128.load(b1, 16), c11);
        b1 += 32;
      }
      if (P > 2) {
        c20 = fma(x, v128.load(b2), c20);
        c21 = fma(x, v128.load(b2, 16), c21);
        b2 += 32;
      }
      if (P > 3) {
        c30 = fma(x, v128.load(b3), c30);
        c31 = fma(x, v128.load(b3, 16), c31);
        b3 += 32;
      }
      if (P > 4) {
        c40 = fma(x, v128.load(b4), c40);
        c41 = fma(x, v128.load(b4, 16), c41);
        b4 += 32;
      }
      if (P > 5) {
        c50 = fma(x, v128.load(b5), c50);
        c51 = fma(x, v128.load(b5, 16), c51);
        b5 += 32;
      }
    }
    a += aStride - 32;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  if (P > 1) {
    v128.store(c1, c10);
    v128.store(c1, c11, 16);
  }
  if (P > 2) {
    v128.store(c2, c20);
    v128.store(c2, c21, 16);
  }
  if (P > 3) {
    v128.store(c3, c30);
    v128.store(c3, c31, 16);
  }
  if (P > 4) {
    v128.store(c4, c40);
    v128.store(c4, c41, 16);
  }
  if (P > 5) {
    v128.store(c5, c50);
    v128.store(c5, c51, 16);
  }
}

function row1(kPanels: i32, a: usize, aStride: usize, b: usize, bStride: usize, c: usize, cStride: usize): void {
  wide1(1, kPanels, a, aStride, b, bStride, c, cStride);
}
function row2(kPanels: i32, a: usize, aStride: usize, b: usize, bStride: usize, c: usize, cStride: usize): void {
  wide1(2, kPanels, a, aStride, b, bStride, c, cStride);
}
function row3(kPanels: i32, a: usize, aStride: usize, b: usize, bStride: usize, c: usize, cStride: usize): void {
  wide1(3, kPanels, a, aStride, b, bStride, c, cStride);
}
function row4(kPanels: i32, a: usize, aStride: usize, b: usize, bStride: usize, c: usize, cStride: usize): void {
  wide1(4, kPanels, a, aStride, b, bStride, c, cStride);
}
function row5(kPanels: i32, a: usize, aStride: usize, b: usize, bStride: usize, c: usize, cStride: usize): void {
  wide1(5, kPanels, a, aStride, b, bStride, c, cStride);
}
function row6(kPanels: i32, a: usize, aStride: usize, b: usize, bStride: usize, c: usize, cStride: usize): void {
  wide1(6, kPanels, a, aStride, b, bStride, c, cStride);
}

/** The wide tile of two rows: C[2][8P] += A[2][K]·B[K][8P] with P ≤ 3. */
@inline
function wide2(P: i32, kPanels: i32, a: usize, aStride: usize, b: usize, bStride: usize, c: usize, cStride: usize): void {
  const none = i32x4.splat(0);
  let b1 = P > 1 ? b + bStride : b;
  let b2 = P > 2 ? b1 + bStride : b;
  const c1 = c + cStride;
  const c2 = c1 + cStride;
  let c00 = v128.load(c);
  let c01 = v128.load(c, 16);
  let c02 = v128.load(c, 32);
  let c03 = v128.load(c, 48);
  let c10 = P > 1 ? v128.load(c1) : none;
  let c11 = P > 1 ? v128.load(c1, 16) : none;
  let c12 = P > 1 ? v128.load(c1, 32) : none;
  let c13 = P > 1 ? v128.load(c1, 48) : none;
  let c20 = P > 2 ? v128.load(c2) : none;
  let c21 = P > 2 ? v128.load(c2, 16) : none;
  let c22 = P > 2 ? v128.load(c2, 32) : none;
  let c23 = P > 2 ? v128.load(c2, 48) : none;
  for (let p = 0; p < kPanels; p++) {
    const end = a + 32;
    while (a < end) {
      const x = v128.load32_splat(a);
      const y = v128.load32_splat(a, 32);
      let w = v128.load(b);
      c00 = fma(x, w, c00);
      c02 = fma(y, w, c02);
      w = v128.load(b, 16);
      c01 = fma(x, w, c01);
      c03 = fma(y, w, c03);
      if (P > 1) {
        w = v128.load(b1);
        c10 = fma(x, w, c10);
        c12 = fma(y, w, c12);
        w = v128.load(b1, 16);
        c11 = fma(x, w, c11);
        c13 = fma(y, w, c13);
        b1 += 32;
      }
      if (P > 2) {
        w = v128.load(b2);
        c20 = fma(x, w, c20);
        c22 = fma(y, w, c22);
        w = v128.load(b2, 16);
        c21 = fma(x, w, c21);
        c23 = fma(y, w, c23);
        b2 += 32;
      }
      a += 4;
      b += 32;
    }
    a += aStride - 32;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(c, c02, 32);
  v128.store(c, c03, 48);
  if (P > 1) {
    v128.store(c1, c10);
    v128.store(c1, c11, 16);
    v128.store(c1, c12, 32);
    v128.store(c1, c13, 48);
  }
  if (P > 2) {
    v128.store(c2, c20);
    v128.store(c2, c21, 16);
    v128.store(c2, c22, 32);
    v128.store(c2, c23, 48);
  }
}

function rows3(kPanels: i32, a: usize, aStride: usize, b: usize, bStride: usize, c: usize, cStride: usize): void {
  wide2(3, kPanels, a, aStride, b, bStride, c, cStride);
}
function rows2(kPanels: i32, a: usize, aStride: usize, b: usize, bStride: usize, c: usize, cStride: usize): void {
  wide2(2, kPanels, a, aStride, b, bStride, c, cStride);
}
function rows1(kPanels: i32, a: usize, aStride: usize, b: usize, c: usize): void {
  wide2(1, kPanels, a, aStride, b, 0, c, 0);
}

/** One row times any number of panels. */
function oneRow(kPanels: i32, a: usize, aStride: usize, b: usize, bStride: usize, c: usize, cStride: usize, panels: i32): void {
  while (panels > 0) {
    // Four and three rather than six and a lone one, whose two sums would wait for each other.
    const take = panels == 7 ? 4 : min(panels, 6);
    if (take == 6) row6(kPanels, a, aStride, b, bStride, c, cStride);
    else if (take == 5) row5(kPanels, a, aStride, b, bStride, c, cStride);
    else if (take == 4) row4(kPanels, a, aStride, b, bStride, c, cStride);
    else if (take == 3) row3(kPanels, a, aStride, b, bStride, c, cStride);
    else if (take == 2) row2(kPanels, a, aStride, b, bStride, c, cStride);
    else row1(kPanels, a, aStride, b, bStride, c, cStride);
    panels -= take;
    b += bStride * <usize>take;
    c += cStride * <usize>take;
  }
}

/** Two rows times any number of panels. */
function twoRows(kPanels: i32, a: usize, aStride: usize, b: usize, bStride: usize, c: usize, cStride: usize, panels: i32): void {
  for (; WIDEST == 3 && panels >= 3; panels -= 3, b += bStride * 3, c += cStride * 3) rows3(kPanels, a, aStride, b, bStride, c, cStride);
  for (; panels >= 2; panels -= 2, b += bStride * 2, c += cStride * 2) rows2(kPanels, a, aStride, b, bStride, c, cStride);
  for (; panels > 0; panels--, b += bStride, c += cStride) rows1(kPanels, a, aStride, b, c);
}

/** Any number of tall tiles below each other, times any number of panels; `rest`: 5 for one of five rows behind them. */
function tallTiles(tiles: i32, rest: i32, kPanels: i32, a: usize, aStride: usize, b: usize, bStride: usize, c: usize, cStride: usize, panels: i32): void {
  for (; panels > 0; panels--) {
    let ar = a;
    let cr = c;
    for (let left = tiles; left > 0; left--) {
      if (TALLEST == 6) tile6(kPanels, ar, aStride, b, cr);
      else tile4(kPanels, ar, aStride, b, cr);
      ar += TALLEST << 5;
      cr += TALLEST << 5;
    }
    if (rest == 5) tile5(kPanels, ar, aStride, b, cr);
    b += bStride;
    c += cStride;
  }
}

/**
 * C[rows][8·panels] += A[rows][8·kPanels]·B, for one block of rows.
 * B's panels follow one another without a gap, as weights do.
 */
export function multiply(rows: i32, kPanels: i32, a: usize, aStride: usize, b: usize, c: usize, cStride: usize, panels: i32): void {
  const bStride = <usize>(kPanels << 8);
  const tiles = rows / TALLEST;
  const rest = rows - tiles * TALLEST;
  const wide = rest < 5 ? rest : 0;
  const together = rows < 5 ? panels : TOGETHER;
  for (; panels > 0; panels -= together) {
    const count = min(panels, together);
    if (wide < rows) tallTiles(tiles, rest, kPanels, a, aStride, b, bStride, c, cStride, count);
    let ar = a + <usize>((rows - wide) << 5);
    let cr = c + <usize>((rows - wide) << 5);
    for (let left = wide; left > 1; left -= 2) {
      twoRows(kPanels, ar, aStride, b, bStride, cr, cStride, count);
      ar += 64;
      cr += 64;
    }
    if (wide & 1) oneRow(kPanels, ar, aStride, b, bStride, cr, cStride, count);
    b += bStride * <usize>count;
    c += cStride * <usize>count;
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

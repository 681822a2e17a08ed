/*
 * C += A·B, the product of every forward pass and of every hidden gradient.
 *
 * All matrices are column panels of 8 (see `src/engine/wasm/memory.ts`): X[rows][F] lies as [F/8][rows][8], a
 * panel's rows 32 bytes apart, panels `stride` bytes apart. So a tile of C reads B straight on, and A in strides of
 * one row; nothing is packed.
 *
 *     for each block of 60 rows                   its part of A stays in the cache; pieces [from, to) are
 *       for each panel of B (or two)                such a block times one panel
 *         for each six rows: a tall tile
 *         for the one to five rows that are left: a tall tile of five, or low tiles
 *           for each k: C += A[·][k]·B[k][·]
 */
import { low, LOW1, LOW2 } from './lowTile';
import { PAIRS } from './pairs';
import { BROAD, Row, tall, TALL } from './tallTile';

/** Panels of B for which first the tall and then the low tiles are computed, so that B is fetched once. */
const TOGETHER: i32 = 12;

/** Rows of one block: its part of A stays in the cache while all panels of B pass. A multiple of the tall tile. */
const BLOCK: i32 = 60;

/** `tiles` tall tiles of R rows below each other. */
@inline
function tallTiles(R: i32, P: i32, tiles: i32, kPanels: i32, a: usize, aStride: usize, b: usize, c: usize, cStride: usize): void {
  for (; tiles > 0; tiles--) {
    tall<Row>(R, P, R, kPanels, 32, 4, a, aStride, a, b, <usize>(kPanels << 8), c, cStride, c, cStride);
    a += R << 5;
    c += R << 5;
  }
}
function six1(tiles: i32, kPanels: i32, a: usize, aStride: usize, b: usize, c: usize, cStride: usize): void {
  tallTiles(TALL, 1, tiles, kPanels, a, aStride, b, c, cStride);
}
function six2(tiles: i32, kPanels: i32, a: usize, aStride: usize, b: usize, c: usize, cStride: usize): void {
  tallTiles(TALL, BROAD, tiles, kPanels, a, aStride, b, c, cStride);
}
function five1(kPanels: i32, a: usize, aStride: usize, b: usize, c: usize, cStride: usize): void {
  tallTiles(5, 1, 1, kPanels, a, aStride, b, c, cStride);
}
function five2(kPanels: i32, a: usize, aStride: usize, b: usize, c: usize, cStride: usize): void {
  tallTiles(5, BROAD, 1, kPanels, a, aStride, b, c, cStride);
}
function four1(kPanels: i32, a: usize, aStride: usize, b: usize, c: usize, cStride: usize): void {
  tallTiles(4, 1, 1, kPanels, a, aStride, b, c, cStride);
}
function four2(kPanels: i32, a: usize, aStride: usize, b: usize, c: usize, cStride: usize): void {
  tallTiles(4, BROAD, 1, kPanels, a, aStride, b, c, cStride);
}

function low2x6(kPanels: i32, a: usize, aStride: usize, b: usize, c: usize, cStride: usize): void {
  low(2, 6, kPanels, a, aStride, b, c, cStride);
}
function low2x5(kPanels: i32, a: usize, aStride: usize, b: usize, c: usize, cStride: usize): void {
  low(2, 5, kPanels, a, aStride, b, c, cStride);
}
function low2x4(kPanels: i32, a: usize, aStride: usize, b: usize, c: usize, cStride: usize): void {
  low(2, 4, kPanels, a, aStride, b, c, cStride);
}
function low2x3(kPanels: i32, a: usize, aStride: usize, b: usize, c: usize, cStride: usize): void {
  low(2, 3, kPanels, a, aStride, b, c, cStride);
}
function low2x2(kPanels: i32, a: usize, aStride: usize, b: usize, c: usize, cStride: usize): void {
  low(2, 2, kPanels, a, aStride, b, c, cStride);
}
function low2x1(kPanels: i32, a: usize, aStride: usize, b: usize, c: usize, cStride: usize): void {
  low(2, 1, kPanels, a, aStride, b, c, cStride);
}
function low1x6(kPanels: i32, a: usize, aStride: usize, b: usize, c: usize, cStride: usize): void {
  low(1, 6, kPanels, a, aStride, b, c, cStride);
}
function low1x5(kPanels: i32, a: usize, aStride: usize, b: usize, c: usize, cStride: usize): void {
  low(1, 5, kPanels, a, aStride, b, c, cStride);
}
function low1x4(kPanels: i32, a: usize, aStride: usize, b: usize, c: usize, cStride: usize): void {
  low(1, 4, kPanels, a, aStride, b, c, cStride);
}
function low1x3(kPanels: i32, a: usize, aStride: usize, b: usize, c: usize, cStride: usize): void {
  low(1, 3, kPanels, a, aStride, b, c, cStride);
}
function low1x2(kPanels: i32, a: usize, aStride: usize, b: usize, c: usize, cStride: usize): void {
  low(1, 2, kPanels, a, aStride, b, c, cStride);
}
function low1x1(kPanels: i32, a: usize, aStride: usize, b: usize, c: usize, cStride: usize): void {
  low(1, 1, kPanels, a, aStride, b, c, cStride);
}

/** All rows that tall tiles cover, for one panel of C or two: `tiles` of six and one of `rest`. */
@inline
function tallRows(P: i32, tiles: i32, rest: i32, kPanels: i32, a: usize, aStride: usize, b: usize, c: usize, cStride: usize): void {
  if (P == 1) six1(tiles, kPanels, a, aStride, b, c, cStride);
  else six2(tiles, kPanels, a, aStride, b, c, cStride);
  a += <usize>(TALL * tiles) << 5;
  c += <usize>(TALL * tiles) << 5;
  if (rest == 5) {
    if (P == 1) five1(kPanels, a, aStride, b, c, cStride);
    else five2(kPanels, a, aStride, b, c, cStride);
  } else if (PAIRS && rest == 4) {
    if (P == 1) four1(kPanels, a, aStride, b, c, cStride);
    else four2(kPanels, a, aStride, b, c, cStride);
  }
}

/** The same for any number of panels. */
function tallPanels(tiles: i32, rest: i32, kPanels: i32, a: usize, aStride: usize, b: usize, c: usize, cStride: usize, panels: i32): void {
  const bStride = <usize>(kPanels << 8);
  for (; BROAD == 2 && panels > 1; panels -= 2, b += bStride * 2, c += cStride * 2) tallRows(2, tiles, rest, kPanels, a, aStride, b, c, cStride);
  for (; panels > 0; panels--, b += bStride, c += cStride) tallRows(1, tiles, rest, kPanels, a, aStride, b, c, cStride);
}

/** One or two rows times any number of panels, in low tiles of about equal size. */
function lowRows(rows: i32, kPanels: i32, a: usize, aStride: usize, b: usize, c: usize, cStride: usize, panels: i32): void {
  const widest = rows == 2 ? LOW2 : LOW1;
  for (let tiles = (panels + widest - 1) / widest; tiles > 0; tiles--) {
    const take = (panels + tiles - 1) / tiles;
    if (rows == 2) {
      if (LOW2 > 5 && take == 6) low2x6(kPanels, a, aStride, b, c, cStride);
      else if (LOW2 > 4 && take == 5) low2x5(kPanels, a, aStride, b, c, cStride);
      else if (LOW2 > 3 && take == 4) low2x4(kPanels, a, aStride, b, c, cStride);
      else if (LOW2 > 2 && take == 3) low2x3(kPanels, a, aStride, b, c, cStride);
      else if (take == 2) low2x2(kPanels, a, aStride, b, c, cStride);
      else low2x1(kPanels, a, aStride, b, c, cStride);
    } else if (take == 6) low1x6(kPanels, a, aStride, b, c, cStride);
    else if (take == 5) low1x5(kPanels, a, aStride, b, c, cStride);
    else if (take == 4) low1x4(kPanels, a, aStride, b, c, cStride);
    else if (take == 3) low1x3(kPanels, a, aStride, b, c, cStride);
    else if (take == 2) low1x2(kPanels, a, aStride, b, c, cStride);
    else low1x1(kPanels, a, aStride, b, c, cStride);
    panels -= take;
    b += <usize>(kPanels << 8) * take;
    c += cStride * take;
  }
}

/**
 * C[rows][8·panels] += A[rows][8·kPanels]·B, for one block of rows.
 * B's panels follow one another without a gap, as weights do.
 */
export function multiply(rows: i32, kPanels: i32, a: usize, aStride: usize, b: usize, c: usize, cStride: usize, panels: i32): void {
  const tiles = rows / TALL;
  const rest = rows - tiles * TALL;
  const isTall = rest >= (PAIRS ? 4 : 5);
  const firstLow = isTall ? rows : tiles * TALL;
  const together = rows < 4 ? panels : TOGETHER;
  for (; panels > 0; panels -= together) {
    const count = min(panels, together);
    if (firstLow > 0) tallPanels(tiles, isTall ? rest : 0, kPanels, a, aStride, b, c, cStride, count);
    for (let row = firstLow; row < rows; row += 2) {
      const skip = <usize>(row << 5);
      lowRows(min(2, rows - row), kPanels, a + skip, aStride, b, c + skip, cStride, count);
    }
    b += <usize>(kPanels << 8) * count;
    c += cStride * count;
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
    multiply(min(BLOCK, rows - row), kPanels, a + skip, aStride, b + <usize>(kPanels << 8) * first, c + skip + cStride * first, cStride, count);
    from += count;
  }
}

/** Panels [from, to) of C[rows][8·panels] += A[rows][8·kPanels]·B: shares of equal size also of few rows, and each member of a team reads its part of B alone. */
export function productOfPanels(from: i32, to: i32, rows: i32, kPanels: i32, a: usize, aStride: usize, b: usize, c: usize, cStride: usize): void {
  b += <usize>(kPanels << 8) * from;
  c += cStride * from;
  for (let row = 0; row < rows; row += BLOCK) {
    const skip = <usize>(row << 5);
    multiply(min(BLOCK, rows - row), kPanels, a + skip, aStride, b, c + skip, cStride, to - from);
  }
}

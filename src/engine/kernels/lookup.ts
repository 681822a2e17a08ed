/*
 * Rows of a table by token: embeddings, and one-hot inputs, whose product with W_ih is a row of W_ihᵀ.
 * Tables are panels [N/8][V][8], as weights are, so one kernel serves both.
 */

/** out[row] = bias + table[token of the row]; `bias` 0: none. Rows [from, to). */
export function gather(from: i32, to: i32, panels: i32, table: usize, vocabulary: i32, tokens: usize, bias: usize, out: usize, stride: usize): void {
  const zero = f32x4.splat(0);
  for (let p = 0; p < panels; p++) {
    const rows = table + <usize>p * (<usize>vocabulary << 5);
    const low = bias != 0 ? v128.load(bias + (<usize>p << 5)) : zero;
    const high = bias != 0 ? v128.load(bias + (<usize>p << 5), 16) : zero;
    let at = out + stride * <usize>p + (<usize>from << 5);
    for (let row = from; row < to; row++) {
      const source = rows + (<usize>load<i32>(tokens + (<usize>row << 2)) << 5);
      v128.store(at, f32x4.add(v128.load(source), low));
      v128.store(at, f32x4.add(v128.load(source, 16), high), 16);
      at += 32;
    }
  }
}

/** table = 0, then table[token of row] += a[row], rows in ascending order. Panels [from, to). */
export function scatter(from: i32, to: i32, rows: i32, a: usize, stride: usize, tokens: usize, table: usize, vocabulary: i32): void {
  const size = <usize>vocabulary << 5;
  for (let p = from; p < to; p++) {
    const target = table + size * <usize>p;
    memory.fill(target, 0, size);
    let at = a + stride * <usize>p;
    for (let row = 0; row < rows; row++) {
      const sum = target + (<usize>load<i32>(tokens + (<usize>row << 2)) << 5);
      v128.store(sum, f32x4.add(v128.load(sum), v128.load(at)));
      v128.store(sum, f32x4.add(v128.load(sum, 16), v128.load(at, 16)), 16);
      at += 32;
    }
  }
}

/** out[rows][V] = one-hot rows [from, to), for a connection around a layer that reads tokens; out holds zeros before. */
export function oneHot(from: i32, to: i32, tokens: usize, out: usize, stride: usize): void {
  for (let row = from; row < to; row++) {
    const token = load<i32>(tokens + (<usize>row << 2));
    store<f32>(out + stride * <usize>(token >> 3) + (<usize>row << 5) + (<usize>(token & 7) << 2), 1);
  }
}

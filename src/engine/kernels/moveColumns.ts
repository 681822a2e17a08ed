/**
 * out[·][to[i]] = a[·][from[i]] for i < count, or += when `accumulate` is 1: from one arrangement of padded
 * columns to another, where a connection joins states whose padding lies at different places.
 */
export function moveColumns(rows: i32, count: i32, a: usize, aStride: usize, from: usize, out: usize, outStride: usize, to: usize, accumulate: i32): void {
  for (let i = 0; i < count; i++) {
    const source = load<i32>(from + (<usize>i << 2));
    const target = load<i32>(to + (<usize>i << 2));
    const s = a + aStride * <usize>(source >> 3) + (<usize>(source & 7) << 2);
    const d = out + outStride * <usize>(target >> 3) + (<usize>(target & 7) << 2);
    for (let row = 0; row < rows; row++) {
      const skip = <usize>row << 5;
      const value = load<f32>(s + skip);
      store<f32>(d + skip, accumulate != 0 ? load<f32>(d + skip) + value : value);
    }
  }
}

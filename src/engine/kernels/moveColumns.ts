/**
 * out[·][to[i]] = a[·][from[i]] for i in [first, last): from one arrangement of padded columns to another, where a
 * connection joins states whose padding lies at different places.
 */
export function moveColumns(first: i32, last: i32, rows: i32, a: usize, aStride: usize, from: usize, out: usize, outStride: usize, to: usize): void {
  for (let i = first; i < last; i++) {
    const source = load<i32>(from + (<usize>i << 2));
    const target = load<i32>(to + (<usize>i << 2));
    const s = a + aStride * <usize>(source >> 3) + (<usize>(source & 7) << 2);
    const d = out + outStride * <usize>(target >> 3) + (<usize>(target & 7) << 2);
    for (let row = 0; row < rows; row++) store<f32>(d + (<usize>row << 5), load<f32>(s + (<usize>row << 5)));
  }
}

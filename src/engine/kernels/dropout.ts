/*
 * Inverted dropout (Srivastava et al. 2014). What becomes of an element depends on its place and a key
 * only, by the rule of `src/engine/dropout.ts`, so the backward pass needs no stored mask.
 */

/** The finaliser of MurmurHash3 on four words. */
@inline
function scramble4(word: v128): v128 {
  let h = v128.xor(word, i32x4.shr_u(word, 16));
  h = i32x4.mul(h, i32x4.splat(0x85ebca6b));
  h = v128.xor(h, i32x4.shr_u(h, 13));
  h = i32x4.mul(h, i32x4.splat(0xc2b2ae35));
  return v128.xor(h, i32x4.shr_u(h, 16));
}

/**
 * out = a ⊙ factors, of `panels` panels that hold columns `column` to `column + units` of a row-major
 * [rows][width]. `threshold`: the smallest hash (unsigned) that is kept; out may be a.
 */
export function dropout(rows: i32, panels: i32, column: i32, width: i32, key: i32, threshold: u32, scale: f32, a: usize, aStride: usize, out: usize, outStride: usize): void {
  const keys = i32x4.splat(key);
  const least = i32x4.splat(threshold);
  const scales = f32x4.splat(scale);
  for (let p = 0; p < panels; p++) {
    for (let half = 0; half < 2; half++) {
      let index = i32x4.add(i32x4.splat(column + p * 8 + half * 4), i32x4(0, 1, 2, 3));
      const next = i32x4.splat(width);
      for (let row = 0; row < rows; row++) {
        const hash = scramble4(v128.xor(scramble4(index), keys));
        const at = (<usize>row << 5) + (<usize>half << 4);
        v128.store(out + at, v128.and(f32x4.mul(v128.load(a + at), scales), i32x4.ge_u(hash, least)));
        index = i32x4.add(index, next);
      }
    }
    a += aStride;
    out += outStride;
  }
}

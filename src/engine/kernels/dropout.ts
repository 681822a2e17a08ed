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

/** The same on one word. */
@inline
function scramble(word: u32): u32 {
  let h = (word ^ (word >> 16)) * 0x85ebca6b;
  h = (h ^ (h >> 13)) * 0xc2b2ae35;
  return h ^ (h >> 16);
}

/**
 * out = a ⊙ factors, panels [from, to) of matrices that hold columns `column` to `column` + units of a row-major
 * [rows][width]. `seed`: address of the training step's, which with the layer's number makes the key; `threshold`: the
 * smallest hash (unsigned) that is kept; out may be a.
 */
export function dropout(from: i32, to: i32, rows: i32, column: i32, width: i32, seed: usize, layer: i32, threshold: u32, a: usize, aStride: usize, out: usize, outStride: usize, scale: f32): void {
  const keys = i32x4.splat(scramble(load<u32>(seed) ^ ((<u32>layer + 1) * 0x9e3779b1)));
  const least = i32x4.splat(threshold);
  const scales = f32x4.splat(scale);
  const next = i32x4.splat(width);
  for (let p = from; p < to; p++) {
    for (let half = 0; half < 2; half++) {
      let index = i32x4.add(i32x4.splat(column + p * 8 + half * 4), i32x4(0, 1, 2, 3));
      const first = <usize>half << 4;
      const source = a + aStride * <usize>p + first;
      const target = out + outStride * <usize>p + first;
      for (let row = 0; row < rows; row++) {
        const hash = scramble4(v128.xor(scramble4(index), keys));
        const at = <usize>row << 5;
        v128.store(target + at, v128.and(f32x4.mul(v128.load(source + at), scales), i32x4.ge_u(hash, least)));
        index = i32x4.add(index, next);
      }
    }
  }
}

/*
 * Adjoints whose rows carry a power of two, for traces and flow: the true row is row · 2^exponent. What a
 * tool about vanishing gradients shows may not vanish by the format: f32 ends at 1e-38, these go on.
 * Every step of backpropagation is linear in a row, so a row's exponent simply travels along.
 */
import { fma, flush, sumOfLanes } from './simd';

/** The exponent of a row of zeros: below every other. */
const NONE: i32 = -0x10000000;
/** Elements that are this much smaller than about 1, to which rows are scaled, become 0. */
const NEGLIGIBLE: f32 = 1e-30;

/** 2^n as f32, at most 2^127; 0 where that would be denormal. */
@inline
function powerOfTwo(n: i32): f32 {
  return n < -126 ? 0 : reinterpret<f32>((min(n, 127) + 127) << 23);
}

/** Binary exponent of the largest |element| of a row; `NONE` of a row of zeros, 128 of one with an infinity or NaN. */
function sizeOfRow(panels: i32, row: usize, stride: usize): i32 {
  let most = f32x4.splat(0);
  for (let p = 0; p < panels; p++) {
    most = f32x4.max(most, f32x4.max(f32x4.abs(v128.load(row)), f32x4.abs(v128.load(row, 16))));
    row += stride;
  }
  const largest = max(max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)), max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)));
  return largest == 0 ? NONE : ((reinterpret<i32>(largest) >> 23) & 255) - 127;
}

/** Exponents of `count` rows of zeros. */
export function clearExponents(count: i32, exponents: usize): void {
  for (let i = 0; i < count; i++) store<i32>(exponents + (<usize>i << 2), NONE);
}

/**
 * a += b for rows [from, to), each with its exponent; the sum is scaled to about 1. `carry` (0: none) belongs to
 * a: it has its exponent and is scaled along. When `fold` is 1, it is added to a and cleared (the GRU's, which
 * is a part of dh; an LSTM's dc is not).
 */
export function addScaled(from: i32, to: i32, panels: i32, a: usize, aStride: usize, aExponents: usize, b: usize, bStride: usize, bExponents: usize, carry: usize, carryStride: usize, fold: i32): void {
  const negligible = f32x4.splat(NEGLIGIBLE);
  const zero = f32x4.splat(0);
  for (let row = from; row < to; row++) {
    const skip = <usize>row << 5;
    // 1. The exponent of the larger of the two; a row of zeros has none, whatever is noted for it.
    const exponentA = load<i32>(aExponents + (<usize>row << 2));
    const exponentB = load<i32>(bExponents + (<usize>row << 2));
    let sizeA = sizeOfRow(panels, a + skip, aStride);
    if (carry != 0) sizeA = max(sizeA, sizeOfRow(panels, carry + skip, carryStride));
    const sizeB = sizeOfRow(panels, b + skip, bStride);
    const exponent = max(sizeA == NONE ? NONE : exponentA + sizeA, sizeB == NONE ? NONE : exponentB + sizeB);
    store<i32>(aExponents + (<usize>row << 2), exponent);
    // 2. The sum at that exponent. Factors are powers of two, so nothing is rounded but what is negligible.
    const factorA = f32x4.splat(powerOfTwo(exponentA - exponent));
    const factorB = f32x4.splat(powerOfTwo(exponentB - exponent));
    for (let p = 0; p < panels; p++) {
      for (let half: usize = 0; half < 32; half += 16) {
        const at = a + aStride * <usize>p + skip + half;
        let sum = fma(v128.load(b + bStride * <usize>p + skip + half), factorB, f32x4.mul(v128.load(at), factorA));
        if (carry != 0) {
          const place = carry + carryStride * <usize>p + skip + half;
          const carried = f32x4.mul(v128.load(place), factorA);
          if (fold != 0) sum = f32x4.add(sum, carried);
          v128.store(place, fold != 0 ? zero : flush(carried, negligible));
        }
        v128.store(at, flush(sum, negligible));
      }
    }
  }
}

/** Rows [from, to) of sequences that have ended before timestep t become 0; row r is about sequence r mod B. */
export function silenceEnded(from: i32, to: i32, panels: i32, t: i32, sequences: i32, lengths: usize, a: usize, aStride: usize, carry: usize, carryStride: usize, exponents: usize): void {
  for (let row = from; row < to; row++) {
    if (t < load<i32>(lengths + (<usize>(row % sequences) << 2))) continue;
    const skip = <usize>row << 5;
    for (let p = 0; p < panels; p++) {
      memory.fill(a + aStride * <usize>p + skip, 0, 32);
      memory.fill(carry + carryStride * <usize>p + skip, 0, 32);
    }
    store<i32>(exponents + (<usize>row << 2), NONE);
  }
}

/** norms[row] (f64) = ‖a[row]‖₂ · 2^exponent, for rows [from, to). */
export function rowNorms(from: i32, to: i32, panels: i32, a: usize, stride: usize, exponents: usize, norms: usize): void {
  for (let row = from; row < to; row++) {
    let squares = f32x4.splat(0);
    for (let p = 0; p < panels; p++) {
      const at = a + stride * <usize>p + (<usize>row << 5);
      const low = v128.load(at);
      const high = v128.load(at, 16);
      squares = fma(high, high, fma(low, low, squares));
    }
    const exponent = load<i32>(exponents + (<usize>row << 2));
    const norm = sqrt(<f64>sumOfLanes(squares));
    store<f64>(norms + (<usize>row << 3), exponent == NONE ? 0 : NativeMath.scalbn(norm, exponent));
  }
}

/*
 * Adjoints whose rows carry a power of two, for traces and flow: the true row is row · 2^exponent. What a
 * tool about vanishing gradients shows may not vanish by the format: f32 ends at 1e-38, these go on.
 * Every step of backpropagation is linear in a row, so a row's exponent simply travels along.
 */
import { fma, flush, sumOfLanes } from './simd';

/** The exponent of a row of zeros: below every other. */
const NONE: i32 = -0x10000000;
/** Rows whose largest element leaves 2^±LIMIT are scaled back to about 1. */
const LIMIT: i32 = 20;
/** Elements that are this much smaller than about 1, to which rows are scaled, become 0. */
const NEGLIGIBLE: f32 = 1e-30;

/** 2^n for n ≤ 0, as f32; 0 where that would be denormal. */
@inline
function powerOfTwo(n: i32): f32 {
  return n < -126 ? 0 : reinterpret<f32>((min(n, 127) + 127) << 23);
}

/** Exponents of `count` rows of zeros. */
export function clearExponents(count: i32, exponents: usize): void {
  for (let i = 0; i < count; i++) store<i32>(exponents + (<usize>i << 2), NONE);
}

/**
 * a += b for rows [from, to), each with its exponent; a is scaled back to about 1 where it left the range.
 * `carry` (0: none) belongs to a: it has its exponent and is scaled along. When `fold` is 1, it is added to
 * a and cleared (the GRU's, which is a part of dh; an LSTM's dc is not).
 */
export function addScaled(from: i32, to: i32, panels: i32, a: usize, aStride: usize, aExponents: usize, b: usize, bStride: usize, bExponents: usize, carry: usize, carryStride: usize, fold: i32): void {
  const negligible = f32x4.splat(NEGLIGIBLE);
  for (let row = from; row < to; row++) {
    const skip = <usize>row << 5;
    const exponentA = load<i32>(aExponents + (<usize>row << 2));
    const exponentB = load<i32>(bExponents + (<usize>row << 2));
    let exponent = max(exponentA, exponentB);
    const factorA = f32x4.splat(powerOfTwo(exponentA - exponent));
    const factorB = f32x4.splat(powerOfTwo(exponentB - exponent));
    // 1. The sum, at the larger of the two exponents.
    let most = f32x4.splat(0);
    for (let p = 0; p < panels; p++) {
      for (let half: usize = 0; half < 32; half += 16) {
        const at = a + aStride * <usize>p + skip + half;
        let sum = fma(v128.load(b + bStride * <usize>p + skip + half), factorB, f32x4.mul(v128.load(at), factorA));
        if (carry != 0) {
          const place = carry + carryStride * <usize>p + skip + half;
          let carried = f32x4.mul(v128.load(place), factorA);
          if (fold != 0) {
            sum = f32x4.add(sum, carried);
            carried = f32x4.splat(0);
          }
          v128.store(place, carried);
          most = f32x4.max(most, f32x4.abs(carried));
        }
        v128.store(at, sum);
        most = f32x4.max(most, f32x4.abs(sum));
      }
    }
    // 2. Back to about 1.
    const largest = max(max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)), max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)));
    if (largest == 0) exponent = NONE;
    else {
      const size = ((reinterpret<i32>(largest) >> 23) & 255) - 127;
      if (size != 128 && abs(size) > LIMIT) {
        // In two factors, since 2^-size alone could leave the range of f32.
        const half1 = f32x4.splat(reinterpret<f32>(((-size >> 1) + 127) << 23));
        const half2 = f32x4.splat(reinterpret<f32>((-size - (-size >> 1) + 127) << 23));
        for (let p = 0; p < panels; p++) {
          for (let half: usize = 0; half < 32; half += 16) {
            const at = a + aStride * <usize>p + skip + half;
            v128.store(at, flush(f32x4.mul(f32x4.mul(v128.load(at), half1), half2), negligible));
            if (carry != 0) {
              const place = carry + carryStride * <usize>p + skip + half;
              v128.store(place, flush(f32x4.mul(f32x4.mul(v128.load(place), half1), half2), negligible));
            }
          }
        }
        exponent += size;
      }
    }
    store<i32>(aExponents + (<usize>row << 2), exponent);
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

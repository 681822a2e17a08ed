/*
 * Adjoints whose rows carry a power of two, for traces and flow: the true row is row · 2^exponent. What a
 * tool about vanishing gradients shows may not vanish by the format: f32 ends at 1e-38, these go on.
 * Every step of backpropagation is linear in a row, so a row's exponent simply travels along.
 */
import { fma, flush, sumOfLanes } from './simd';

/** The exponent of a row of zeros: below every other. */
const NONE: i32 = -0x10000000;
/** Elements that are this much smaller than about 1, to which rows are scaled, become 0. */
export const NEGLIGIBLE: f32 = 1e-30;

/** 2^n as f32, at most 2^127; 0 where that would be denormal. */
@inline
function powerOfTwo(n: i32): f32 {
  return n < -126 ? 0 : reinterpret<f32>((min(n, 127) + 127) << 23);
}

/** A row whose largest element is within 2^±8 is about 1 already, and stays as it is. */
const NEAR: i32 = 8;

/** Binary exponent of the largest |element| of a row; `NONE` of a row of zeros, 128 of one with an infinity or NaN. */
function sizeOfRow(panels: i32, row: usize, stride: usize): i32 {
  // Absolute values compare like their bits, and integers have a maximum in one instruction.
  const magnitude = i32x4.splat(0x7fffffff);
  let low = i32x4.splat(0);
  let high = low;
  for (let p = 0; p < panels; p++) {
    low = i32x4.max_s(low, v128.and(v128.load(row), magnitude));
    high = i32x4.max_s(high, v128.and(v128.load(row, 16), magnitude));
    row += stride;
  }
  low = i32x4.max_s(low, high);
  const largest = max(max(i32x4.extract_lane(low, 0), i32x4.extract_lane(low, 1)), max(i32x4.extract_lane(low, 2), i32x4.extract_lane(low, 3)));
  return largest == 0 ? NONE : (largest >> 23) - 127;
}

/** Exponents of rows [from, to) of zeros. */
export function clearExponents(from: i32, to: i32, exponents: usize): void {
  for (let i = from; i < to; i++) store<i32>(exponents + (<usize>i << 2), NONE);
}

/** Rows [from, to) of `out` get the exponents that they have in `exponents`. */
export function copyExponents(from: i32, to: i32, exponents: usize, out: usize): void {
  const skip = <usize>from << 2;
  memory.copy(out + skip, exponents + skip, <usize>(to - from) << 2);
}

/**
 * a += b for rows [from, to), each with its exponent; the sum is scaled to about 1. `carry` (0: none) belongs to
 * a: it has its exponent and is scaled along. When `fold` is 1, it is added to a and cleared (the GRU's, which
 * is a part of dh; an LSTM's dc is not).
 */
export function addScaled(from: i32, to: i32, panels: i32, a: usize, aStride: usize, aExponents: usize, b: usize, bStride: usize, bExponents: usize, carry: usize, carryStride: usize, fold: i32): void {
  for (let row = from; row < to; row++) {
    const skip = <usize>row << 5;
    const note = aExponents + (<usize>row << 2);
    // 1. The exponent of the larger of the two; a row of zeros has none, whatever is noted for it.
    const exponentA = load<i32>(note);
    const exponentB = load<i32>(bExponents + (<usize>row << 2));
    let sizeA = sizeOfRow(panels, a + skip, aStride);
    if (carry != 0) sizeA = max(sizeA, sizeOfRow(panels, carry + skip, carryStride));
    const sizeB = exponentB == NONE ? NONE : sizeOfRow(panels, b + skip, bStride);
    const topB = sizeB == NONE ? NONE : exponentB + sizeB;
    const stays = sizeA >= -NEAR && sizeA <= NEAR && topB <= exponentA + NEAR;
    const exponent = stays ? exponentA : max(sizeA == NONE ? NONE : exponentA + sizeA, topB);
    store<i32>(note, exponent);
    if (exponent == NONE || (stays && topB == NONE && fold == 0)) continue;
    // 2. The sum at that exponent. Factors are powers of two, so nothing is rounded but what is negligible.
    const factorA = f32x4.splat(powerOfTwo(exponentA - exponent));
    const factorB = f32x4.splat(powerOfTwo(exponentB - exponent));
    if (fold != 0) foldRow(panels, a + skip, aStride, carry + skip, carryStride);
    else if (carry != 0 && !stays) scaleRow(panels, carry + skip, carryStride, factorA);
    addRow(panels, a + skip, aStride, factorA, b + skip, bStride, factorB);
  }
}

/** a = a·factorA + b·factorB. */
@inline
function addRow(panels: i32, a: usize, aStride: usize, factorA: v128, b: usize, bStride: usize, factorB: v128): void {
  const negligible = f32x4.splat(NEGLIGIBLE);
  for (let p = 0; p < panels; p++, a += aStride, b += bStride) {
    v128.store(a, flush(fma(v128.load(b), factorB, f32x4.mul(v128.load(a), factorA)), negligible));
    v128.store(a, flush(fma(v128.load(b, 16), factorB, f32x4.mul(v128.load(a, 16), factorA)), negligible), 16);
  }
}

@inline
function scaleRow(panels: i32, a: usize, stride: usize, factor: v128): void {
  const negligible = f32x4.splat(NEGLIGIBLE);
  for (let p = 0; p < panels; p++, a += stride) {
    v128.store(a, flush(f32x4.mul(v128.load(a), factor), negligible));
    v128.store(a, flush(f32x4.mul(v128.load(a, 16), factor), negligible), 16);
  }
}

/** a += carry, which becomes 0. */
@inline
function foldRow(panels: i32, a: usize, stride: usize, carry: usize, carryStride: usize): void {
  const zero = f32x4.splat(0);
  for (let p = 0; p < panels; p++, a += stride, carry += carryStride) {
    v128.store(a, f32x4.add(v128.load(a), v128.load(carry)));
    v128.store(a, f32x4.add(v128.load(a, 16), v128.load(carry, 16)), 16);
    v128.store(carry, zero);
    v128.store(carry, zero, 16);
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

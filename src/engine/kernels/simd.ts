/*
 * Four f32 lanes at a time: the arithmetic that all kernels share.
 *
 * V8 re-creates float constants inside loops, which halved the speed of a kernel; so constants that a loop
 * needs stand in memory and are loaded (a load costs nothing beside the arithmetic).
 */

/** a·b + c, in one rounding where the machine has relaxed SIMD, in two elsewhere. */
@inline
export function fma(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** c − a·b. */
@inline
export function fnma(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_nmadd(a, b, c);
  return f32x4.sub(c, f32x4.mul(a, b));
}

/** x, but 0 where |x| ≤ tiny; NaN stays. Keeps denormal numbers, which wasm cannot flush and which cost a hundred cycles each, out of long products. */
@inline
export function flush(x: v128, tiny: v128): v128 {
  return v128.andnot(x, f32x4.le(f32x4.abs(x), tiny));
}

/** Sum of the four lanes, always in this order. */
@inline
export function sumOfLanes(x: v128): f32 {
  return f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3));
}

/**
 * tanh(x) ≈ x·P(x²)/Q(x²), clamped to |x| ≤ 7.9, where it is 0.9999998. P and Q were fitted for the least
 * relative error on that stretch (5.7e-9 in exact arithmetic); in f32 the error is at most 3.5e-7, relative
 * and absolute. The clamps, P and Q without Q₀ = 1, lowest powers first.
 */
const TANH: usize = memory.data<f32>([
  7.9, -7.9,
  9.999999943e-1, 1.345061971e-1, 3.578990978e-3, 2.202322681e-5, 1.542794473e-8,
  4.678394771e-1, 2.619223401e-2, 3.423648796e-4, 8.598769224e-7,
]);

/** The same for σ(x) − ½ = ½ tanh(x/2): Pₖ/4ᵏ⁺¹ and Qₖ/4ᵏ. Its error is absolute (1.8e-7), which is what a gate needs. */
const SIGMOID: usize = memory.data<f32>([
  15.8, -15.8,
  2.499999986e-1, 8.406637319e-3, 5.592173403e-5, 8.602822973e-8, 1.506635228e-11,
  1.169598693e-1, 1.637014626e-3, 5.349451244e-6, 3.358894228e-9,
]);

const HALF: usize = memory.data<f32>([0.5]);
const ONE: usize = memory.data<f32>([1]);

/** 1 in each lane, from memory. */
@inline
export function one(): v128 {
  return v128.load32_splat(ONE);
}

/** tanh of each lane; NaN stays NaN. */
@inline
export function tanh4(x: v128): v128 {
  return rational4(TANH, x);
}

/** σ of each lane. */
@inline
export function sigmoid4(x: v128): v128 {
  return f32x4.add(rational4(SIGMOID, x), v128.load32_splat(HALF));
}

/** to[8] = tanh of both, a row of a panel: like two `tanh4`, but every coefficient is read once for both. */
@inline
export function tanh8(x0: v128, x1: v128, to: usize): void {
  rational8(TANH, x0, x1, to);
}

/** at[8] = σ(at[8]), a row of a panel. */
@inline
export function sigmoid8(at: usize): void {
  rational8(SIGMOID, v128.load(at), v128.load(at, 16), at);
}

/** x·P(x²)/Q(x²) with the coefficients of a table. */
@inline
function rational4(table: usize, x: v128): v128 {
  // pmin and pmax, unlike min and max, are one instruction, and keep a NaN that is their first operand.
  const y = f32x4.pmin(f32x4.pmax(x, v128.load32_splat(table, 4)), v128.load32_splat(table));
  const s = f32x4.mul(y, y);
  let p = fma(s, v128.load32_splat(table, 24), v128.load32_splat(table, 20));
  p = fma(s, p, v128.load32_splat(table, 16));
  p = fma(s, p, v128.load32_splat(table, 12));
  p = fma(s, p, v128.load32_splat(table, 8));
  let q = fma(s, v128.load32_splat(table, 40), v128.load32_splat(table, 36));
  q = fma(s, q, v128.load32_splat(table, 32));
  q = fma(s, q, v128.load32_splat(table, 28));
  q = fma(s, q, v128.load32_splat(ONE));
  return f32x4.div(f32x4.mul(y, p), q);
}

/** to[8] = `rational4` of both, plus ½ for σ. */
@inline
function rational8(table: usize, x0: v128, x1: v128, to: usize): void {
  let k = v128.load32_splat(table, 4);
  let l = v128.load32_splat(table);
  const y0 = f32x4.pmin(f32x4.pmax(x0, k), l);
  const y1 = f32x4.pmin(f32x4.pmax(x1, k), l);
  const s0 = f32x4.mul(y0, y0);
  const s1 = f32x4.mul(y1, y1);
  k = v128.load32_splat(table, 24);
  l = v128.load32_splat(table, 20);
  let p0 = fma(s0, k, l);
  let p1 = fma(s1, k, l);
  k = v128.load32_splat(table, 40);
  l = v128.load32_splat(table, 36);
  let q0 = fma(s0, k, l);
  let q1 = fma(s1, k, l);
  k = v128.load32_splat(table, 16);
  p0 = fma(s0, p0, k);
  p1 = fma(s1, p1, k);
  k = v128.load32_splat(table, 32);
  q0 = fma(s0, q0, k);
  q1 = fma(s1, q1, k);
  k = v128.load32_splat(table, 12);
  p0 = fma(s0, p0, k);
  p1 = fma(s1, p1, k);
  k = v128.load32_splat(table, 28);
  q0 = fma(s0, q0, k);
  q1 = fma(s1, q1, k);
  k = v128.load32_splat(table, 8);
  p0 = fma(s0, p0, k);
  p1 = fma(s1, p1, k);
  k = v128.load32_splat(ONE);
  q0 = fma(s0, q0, k);
  q1 = fma(s1, q1, k);
  p0 = f32x4.div(f32x4.mul(y0, p0), q0);
  p1 = f32x4.div(f32x4.mul(y1, p1), q1);
  if (table == SIGMOID) {
    k = v128.load32_splat(HALF);
    p0 = f32x4.add(p0, k);
    p1 = f32x4.add(p1, k);
  }
  v128.store(to, p0);
  v128.store(to, p1, 16);
}

/** log₂e, ln 2 in two parts, the lowest argument, and 1/n! for n = 2 … 7. */
const EXP: usize = memory.data<f32>([
  1.44269504, 0.693359375, -2.12194440e-4, -87, 0.5, 1.66666667e-1, 4.16666667e-2, 8.33333333e-3, 1.38888889e-3, 1.98412698e-4,
]);

/**
 * eˣ of each lane for x ≤ 0, relative error 2e-7; below −87 it stays at 1.6e-38.
 * x = n ln 2 + r with |r| ≤ ½ ln 2: eˣ = 2ⁿ eʳ, eʳ by its Taylor series, 2ⁿ by its bits.
 */
@inline
export function exp4(x: v128): v128 {
  const y = f32x4.pmax(x, v128.load32_splat(EXP, 12));
  const n = f32x4.nearest(f32x4.mul(y, v128.load32_splat(EXP)));
  const r = fnma(n, v128.load32_splat(EXP, 8), fnma(n, v128.load32_splat(EXP, 4), y));
  let p = fma(r, v128.load32_splat(EXP, 36), v128.load32_splat(EXP, 32));
  p = fma(r, p, v128.load32_splat(EXP, 28));
  p = fma(r, p, v128.load32_splat(EXP, 24));
  p = fma(r, p, v128.load32_splat(EXP, 20));
  p = fma(r, p, v128.load32_splat(EXP, 16));
  p = fma(f32x4.mul(r, r), p, f32x4.add(r, v128.load32_splat(ONE)));
  const bits = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return f32x4.mul(p, bits);
}

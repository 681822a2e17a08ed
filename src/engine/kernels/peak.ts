/*
 * The machine's limit: multiply-adds that wait for nothing but themselves. What the other kernels reach is
 * measured against this (`test/bench`, `unroll bench`).
 */
import { fma, sumOfLanes } from './simd';

/** Floating-point operations of one round of `peak`: ten multiply-adds of four lanes. */
export function peakOperations(): i32 {
  return 80;
}

/** `rounds` times ten independent multiply-adds a ← a·y + x; |y| < 1 keeps them finite. */
export function peak(rounds: i32, x: f32, y: f32): f32 {
  const add = f32x4.splat(x);
  const factor = f32x4.splat(y);
  let a0 = add;
  let a1 = add;
  let a2 = add;
  let a3 = add;
  let a4 = add;
  let a5 = add;
  let a6 = add;
  let a7 = add;
  let a8 = add;
  let a9 = add;
  for (let i = 0; i < rounds; i++) {
    a0 = fma(a0, factor, add);
    a1 = fma(a1, factor, add);
    a2 = fma(a2, factor, add);
    a3 = fma(a3, factor, add);
    a4 = fma(a4, factor, add);
    a5 = fma(a5, factor, add);
    a6 = fma(a6, factor, add);
    a7 = fma(a7, factor, add);
    a8 = fma(a8, factor, add);
    a9 = fma(a9, factor, add);
  }
  const low = f32x4.add(f32x4.add(a0, a1), f32x4.add(a2, a3));
  const high = f32x4.add(f32x4.add(a4, a5), f32x4.add(a6, a7));
  return sumOfLanes(f32x4.add(f32x4.add(low, high), f32x4.add(a8, a9)));
}

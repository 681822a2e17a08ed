/*
 * Numbers from outside, f64 and row-major, into f32 panels.
 *
 *     for each row                      pieces are rows
 *       for each panel of eight columns: out[p][row][8] = values[row][8p … 8p + 7], 0 past the last column
 */

/** Rows [from, to) of values [rows][columns]; stores 1 at `wrong` when one of them is no finite number. */
export function readValues(from: i32, to: i32, columns: i32, values: usize, out: usize, stride: usize, wrong: usize): void {
  const whole = columns >> 3;
  const rest = columns & 7;
  // x − x is 0 for a finite x and NaN for any other.
  let sum = f64x2.splat(0);
  let at = values + ((<usize>from * <usize>columns) << 3);
  for (let row = from; row < to; row++) {
    let target = out + (<usize>row << 5);
    for (let p = 0; p < whole; p++) {
      const a = v128.load(at);
      const b = v128.load(at, 16);
      const c = v128.load(at, 32);
      const d = v128.load(at, 48);
      v128.store(target, v128.shuffle<f32>(f32x4.demote_f64x2_zero(a), f32x4.demote_f64x2_zero(b), 0, 1, 4, 5));
      v128.store(target, v128.shuffle<f32>(f32x4.demote_f64x2_zero(c), f32x4.demote_f64x2_zero(d), 0, 1, 4, 5), 16);
      const ab = f64x2.add(f64x2.sub(a, a), f64x2.sub(b, b));
      const cd = f64x2.add(f64x2.sub(c, c), f64x2.sub(d, d));
      sum = f64x2.add(sum, f64x2.add(ab, cd));
      at += 64;
      target += stride;
    }
    if (rest == 0) continue;
    memory.fill(target, 0, 32);
    for (let i = 0; i < rest; i++) {
      const x = load<f64>(at);
      sum = f64x2.add(sum, f64x2.splat(x - x));
      store<f32>(target + (<usize>i << 2), <f32>x);
      at += 8;
    }
  }
  if (v128.any_true(f64x2.ne(sum, sum))) store<i32>(wrong, 1);
}

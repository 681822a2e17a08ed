/*
 * The losses of the output layer, one number a row, and their derivatives by the outputs.
 * Columns past the real ones are padding: they count for nothing and their derivative is exactly 0.
 */
import { exp4, fma, sumOfLanes } from './simd';

const LANES: usize = memory.data<i32>([0, 1, 2, 3, 4, 5, 6, 7], 16);

/** Lanes of the last panel that are real: all bits set; `half` 0 or 1. */
@inline
function realLanes(columns: i32, half: usize): v128 {
  const real = ((columns - 1) & 7) + 1;
  return i32x4.gt_s(i32x4.splat(real), v128.load(LANES + (half << 4)));
}

@inline
function largestLane(x: v128): f32 {
  return max(max(f32x4.extract_lane(x, 0), f32x4.extract_lane(x, 1)), max(f32x4.extract_lane(x, 2), f32x4.extract_lane(x, 3)));
}

/**
 * Cross-entropy of rows [from, to), in nats, as torch.nn.functional.cross_entropy:
 *
 *     ℓ = −log softmax(y)[target] = m + log Σ exp(yⱼ − m) − y[target],  m = max y
 *     dyⱼ = scale · (softmax(y)ⱼ − [j = target])
 *
 * A negative target: no loss, ℓ = 0 and dy = 0. `gradient` 0: no derivatives; it may be `logits`.
 * losses: f64 [rows]; `scaleAt`: address of the scale, which differs from batch to batch.
 */
export function crossEntropy(from: i32, to: i32, classes: i32, logits: usize, stride: usize, targets: usize, losses: usize, gradient: usize, gradientStride: usize, scaleAt: usize): void {
  const scale = load<f32>(scaleAt);
  const panels = (classes + 7) >> 3;
  const last = panels - 1;
  const mask0 = realLanes(classes, 0);
  const mask1 = realLanes(classes, 1);
  const lowest = f32x4.splat(-f32.MAX_VALUE);
  for (let row = from; row < to; row++) {
    const target = load<i32>(targets + (<usize>row << 2));
    const y = logits + (<usize>row << 5);
    const dy = gradient + (<usize>row << 5);
    if (target < 0) {
      store<f64>(losses + (<usize>row << 3), 0);
      if (gradient != 0) {
        for (let p = 0; p < panels; p++) memory.fill(dy + gradientStride * <usize>p, 0, 32);
      }
      continue;
    }
    // 1. m: the largest logit, so that no exponential overflows.
    const tail = y + stride * <usize>last;
    let most = f32x4.max(v128.bitselect(v128.load(tail), lowest, mask0), v128.bitselect(v128.load(tail, 16), lowest, mask1));
    for (let p = 0; p < last; p++) {
      const at = y + stride * <usize>p;
      most = f32x4.max(most, f32x4.max(v128.load(at), v128.load(at, 16)));
    }
    const m = largestLane(most);
    const ms = f32x4.splat(m);
    const targetLogit = load<f32>(y + stride * <usize>(target >> 3) + (<usize>(target & 7) << 2));
    // 2. Σ exp(y − m), each term kept where the derivative will stand.
    let sums = v128.and(exp4(f32x4.sub(v128.load(tail), ms)), mask0);
    let sums1 = v128.and(exp4(f32x4.sub(v128.load(tail, 16), ms)), mask1);
    if (gradient != 0) {
      v128.store(dy + gradientStride * <usize>last, sums);
      v128.store(dy + gradientStride * <usize>last, sums1, 16);
    }
    for (let p = 0; p < last; p++) {
      const at = y + stride * <usize>p;
      const e0 = exp4(f32x4.sub(v128.load(at), ms));
      const e1 = exp4(f32x4.sub(v128.load(at, 16), ms));
      sums = f32x4.add(sums, e0);
      sums1 = f32x4.add(sums1, e1);
      if (gradient != 0) {
        v128.store(dy + gradientStride * <usize>p, e0);
        v128.store(dy + gradientStride * <usize>p, e1, 16);
      }
    }
    const sum = sumOfLanes(f32x4.add(sums, sums1));
    store<f64>(losses + (<usize>row << 3), <f64>m - <f64>targetLogit + Math.log(<f64>sum));
    if (gradient == 0) continue;
    // 3. The derivative.
    const factor = f32x4.splat(scale / sum);
    for (let p = 0; p < panels; p++) {
      const at = dy + gradientStride * <usize>p;
      v128.store(at, f32x4.mul(v128.load(at), factor));
      v128.store(at, f32x4.mul(v128.load(at, 16), factor), 16);
    }
    const hit = dy + gradientStride * <usize>(target >> 3) + (<usize>(target & 7) << 2);
    store<f32>(hit, load<f32>(hit) - scale);
  }
}

/**
 * Mean squared error of rows [from, to): ℓ = (1/n) Σ (yⱼ − tⱼ)², dyⱼ = scale · 2(yⱼ − tⱼ)/n, over n columns.
 * `counts` i32 [rows]: 0 where a row has no loss. Targets lie like the outputs. `scaleAt` as above.
 */
export function squaredError(from: i32, to: i32, columns: i32, outputs: usize, stride: usize, targets: usize, targetStride: usize, counts: usize, losses: usize, gradient: usize, gradientStride: usize, scaleAt: usize): void {
  const panels = (columns + 7) >> 3;
  const factor = f32x4.splat((2 * load<f32>(scaleAt)) / <f32>columns);
  for (let row = from; row < to; row++) {
    const skip = <usize>row << 5;
    const counts1 = load<i32>(counts + (<usize>row << 2)) != 0;
    const mask = i32x4.splat(counts1 ? -1 : 0);
    let sum = f32x4.splat(0);
    for (let p = 0; p < panels; p++) {
      const y = outputs + stride * <usize>p + skip;
      const t = targets + targetStride * <usize>p + skip;
      const d0 = v128.and(f32x4.sub(v128.load(y), v128.load(t)), mask);
      const d1 = v128.and(f32x4.sub(v128.load(y, 16), v128.load(t, 16)), mask);
      sum = fma(d1, d1, fma(d0, d0, sum));
      if (gradient != 0) {
        const dy = gradient + gradientStride * <usize>p + skip;
        v128.store(dy, f32x4.mul(d0, factor));
        v128.store(dy, f32x4.mul(d1, factor), 16);
      }
    }
    store<f64>(losses + (<usize>row << 3), <f64>sumOfLanes(sum) / <f64>columns);
  }
}

/** total (f64) = the sum of f64 [rows], in ascending order. */
export function sumLosses(rows: i32, losses: usize, total: usize): void {
  let sum: f64 = 0;
  for (let row = 0; row < rows; row++) sum += load<f64>(losses + (<usize>row << 3));
  store<f64>(total, sum);
}

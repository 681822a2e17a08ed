/*
 * Update rules, elementwise over all parameters at once, which lie one after the other like their gradients
 * and moments. PyTorch's rules (https://pytorch.org/docs/stable/optim.html), for each element with parameter p,
 * gradient g, learning rate η and weight decay λ; except for AdamW, g ← g + λp first. `scale` multiplies g
 * before anything else: clipping by the norm.
 *
 * Pieces [from, to) are lines of 64 bytes. Padding stays exactly 0 in every rule, since there p = g = 0 and ε > 0.
 * Moments that have decayed below 1e-36 become 0, because denormal numbers would make every later step slow.
 */
import { flush, fma, fnma } from './simd';

const GONE: f32 = 1e-36;

@inline
function gradientAt(g: usize, scale: v128, p: v128, weightDecay: v128): v128 {
  return fma(weightDecay, p, f32x4.mul(v128.load(g), scale));
}

/** p ← p − ηg. */
export function sgd(from: i32, to: i32, p: usize, g: usize, scale: f32, learningRate: f32, weightDecay: f32): void {
  const rate = f32x4.splat(learningRate);
  const scales = f32x4.splat(scale);
  const decay = f32x4.splat(weightDecay);
  const skip = <usize>from << 6;
  const bytes = <usize>(to - from) << 6;
  p += skip;
  g += skip;
  for (const end = p + bytes; p < end; p += 16, g += 16) {
    const before = v128.load(p);
    v128.store(p, fnma(rate, gradientAt(g, scales, before, decay), before));
  }
}

/** m ← μm + g, p ← p − ηm; Nesterov: p ← p − η(g + μm). */
export function sgdMomentum(from: i32, to: i32, p: usize, g: usize, m: usize, scale: f32, learningRate: f32, weightDecay: f32, momentum: f32, nesterov: i32): void {
  const rate = f32x4.splat(learningRate);
  const scales = f32x4.splat(scale);
  const decay = f32x4.splat(weightDecay);
  const mu = f32x4.splat(momentum);
  const gone = f32x4.splat(GONE);
  const skip = <usize>from << 6;
  const bytes = <usize>(to - from) << 6;
  p += skip;
  g += skip;
  m += skip;
  for (const end = p + bytes; p < end; p += 16, g += 16, m += 16) {
    const before = v128.load(p);
    const gradient = gradientAt(g, scales, before, decay);
    const velocity = flush(fma(mu, v128.load(m), gradient), gone);
    v128.store(m, velocity);
    v128.store(p, fnma(rate, nesterov != 0 ? fma(mu, velocity, gradient) : velocity, before));
  }
}

/**
 * m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g² (`rest1`, `rest2`: 1 − β, which f32 cannot subtract well), p ← p − stepSize · m/(√v · rootCorrection + ε) with
 * stepSize = η/(1 − β₁ᵗ) and rootCorrection = 1/√(1 − β₂ᵗ). AdamW first takes p ← keep · p, keep = 1 − ηλ.
 */
export function adam(from: i32, to: i32, p: usize, g: usize, m: usize, v: usize, scale: f32, stepSize: f32, rootCorrection: f32, beta1: f32, rest1: f32, beta2: f32, rest2: f32, epsilon: f32, weightDecay: f32, keep: f32): void {
  const scales = f32x4.splat(scale);
  const decay = f32x4.splat(weightDecay);
  const keeps = f32x4.splat(keep);
  const size = f32x4.splat(stepSize);
  const root = f32x4.splat(rootCorrection);
  const b1 = f32x4.splat(beta1);
  const b2 = f32x4.splat(beta2);
  const r1 = f32x4.splat(rest1);
  const r2 = f32x4.splat(rest2);
  const eps = f32x4.splat(epsilon);
  const gone = f32x4.splat(GONE);
  const skip = <usize>from << 6;
  const bytes = <usize>(to - from) << 6;
  p += skip;
  g += skip;
  m += skip;
  v += skip;
  for (const end = p + bytes; p < end; p += 16, g += 16, m += 16, v += 16) {
    const before = v128.load(p);
    const gradient = gradientAt(g, scales, before, decay);
    const first = flush(fma(b1, v128.load(m), f32x4.mul(r1, gradient)), gone);
    const second = flush(fma(b2, v128.load(v), f32x4.mul(r2, f32x4.mul(gradient, gradient))), gone);
    v128.store(m, first);
    v128.store(v, second);
    const step = f32x4.div(f32x4.mul(size, first), fma(f32x4.sqrt(second), root, eps));
    v128.store(p, f32x4.sub(f32x4.mul(before, keeps), step));
  }
}

/** v ← αv + (1 − α)g², d = g/(√v + ε), p ← p − ηd; with momentum (m not 0) m ← μm + d, p ← p − ηm. */
export function rmsprop(from: i32, to: i32, p: usize, g: usize, v: usize, m: usize, scale: f32, learningRate: f32, weightDecay: f32, alpha: f32, restAlpha: f32, epsilon: f32, momentum: f32): void {
  const rate = f32x4.splat(learningRate);
  const scales = f32x4.splat(scale);
  const decay = f32x4.splat(weightDecay);
  const mu = f32x4.splat(momentum);
  const smooth = f32x4.splat(alpha);
  const rest = f32x4.splat(restAlpha);
  const eps = f32x4.splat(epsilon);
  const gone = f32x4.splat(GONE);
  const skip = <usize>from << 6;
  const bytes = <usize>(to - from) << 6;
  p += skip;
  g += skip;
  v += skip;
  if (m != 0) m += skip;
  for (const end = p + bytes; p < end; p += 16, g += 16, v += 16) {
    const before = v128.load(p);
    const gradient = gradientAt(g, scales, before, decay);
    const square = flush(fma(smooth, v128.load(v), f32x4.mul(rest, f32x4.mul(gradient, gradient))), gone);
    v128.store(v, square);
    let direction = f32x4.div(gradient, f32x4.add(f32x4.sqrt(square), eps));
    if (m != 0) {
      direction = flush(fma(mu, v128.load(m), direction), gone);
      v128.store(m, direction);
      m += 16;
    }
    v128.store(p, fnma(rate, direction, before));
  }
}

/** s ← s + g², p ← p − ηg/(√s + ε). */
export function adagrad(from: i32, to: i32, p: usize, g: usize, s: usize, scale: f32, learningRate: f32, weightDecay: f32, epsilon: f32): void {
  const rate = f32x4.splat(learningRate);
  const scales = f32x4.splat(scale);
  const decay = f32x4.splat(weightDecay);
  const eps = f32x4.splat(epsilon);
  const gone = f32x4.splat(GONE);
  const skip = <usize>from << 6;
  const bytes = <usize>(to - from) << 6;
  p += skip;
  g += skip;
  s += skip;
  for (const end = p + bytes; p < end; p += 16, g += 16, s += 16) {
    const before = v128.load(p);
    const gradient = gradientAt(g, scales, before, decay);
    const sum = flush(fma(gradient, gradient, v128.load(s)), gone);
    v128.store(s, sum);
    v128.store(p, f32x4.sub(before, f32x4.div(f32x4.mul(rate, gradient), f32x4.add(f32x4.sqrt(sum), eps))));
  }
}

/** A stretch of gradients that is summed by itself, whoever sums it. */
@unmanaged
class Block {
  address: usize;
  bytes: usize;
  /** What was found. */
  result: f64;
}

@inline
function blockAt(blocks: usize, index: i32): Block {
  return changetype<Block>(blocks + <usize>index * offsetof<Block>());
}

/** Σ g² of blocks [from, to), in f64, so that neither large nor small gradients leave the range of f32. */
export function sumOfSquares(from: i32, to: i32, blocks: usize): void {
  for (let i = from; i < to; i++) {
    const block = blockAt(blocks, i);
    block.result = squaresOf(block.bytes, block.address);
  }
}

/** In four pairs of sums, as each addition waits for the one before; `bytes` is a multiple of 32. */
function squaresOf(bytes: usize, g: usize): f64 {
  let sum0 = f64x2.splat(0);
  let sum1 = sum0;
  let sum2 = sum0;
  let sum3 = sum0;
  for (const end = g + bytes; g < end; g += 32) {
    const low = v128.load(g);
    const high = v128.load(g, 16);
    sum0 = addSquares(sum0, low);
    sum1 = addSquares(sum1, v128.shuffle<f32>(low, low, 2, 3, 2, 3));
    sum2 = addSquares(sum2, high);
    sum3 = addSquares(sum3, v128.shuffle<f32>(high, high, 2, 3, 2, 3));
  }
  const sum = f64x2.add(f64x2.add(sum0, sum1), f64x2.add(sum2, sum3));
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** sum + x², of the lower two lanes of x. */
@inline
function addSquares(sum: v128, x: v128): v128 {
  const wide = f64x2.promote_low_f32x4(x);
  return f64x2.add(sum, f64x2.mul(wide, wide));
}

/** gᵢ ← min(max(gᵢ, −θ), θ) in blocks [from, to); the result is 1 where that changed anything, else 0. */
export function clipValues(from: i32, to: i32, blocks: usize, threshold: f32): void {
  for (let i = from; i < to; i++) {
    const block = blockAt(blocks, i);
    block.result = clip(block.bytes, block.address, threshold);
  }
}

function clip(bytes: usize, g: usize, threshold: f32): i32 {
  const most = f32x4.splat(threshold);
  const least = f32x4.splat(-threshold);
  let changed = i32x4.splat(0);
  for (const end = g + bytes; g < end; g += 16) {
    const x = v128.load(g);
    changed = v128.or(changed, f32x4.gt(f32x4.abs(x), most));
    v128.store(g, f32x4.pmax(f32x4.pmin(x, most), least));
  }
  return v128.any_true(changed) ? 1 : 0;
}

/** Σ gᵢ · min(max(gᵢ, −θ), θ) of blocks [from, to), in f64: what the angle to the clipped gradients is computed from. */
export function clippedDot(from: i32, to: i32, blocks: usize, threshold: f32): void {
  for (let i = from; i < to; i++) {
    const block = blockAt(blocks, i);
    block.result = dotWithClipped(block.bytes, block.address, threshold);
  }
}

function dotWithClipped(bytes: usize, g: usize, threshold: f32): f64 {
  const most = f32x4.splat(threshold);
  const least = f32x4.splat(-threshold);
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (const end = g + bytes; g < end; g += 16) {
    const x = v128.load(g);
    const clipped = f32x4.pmax(f32x4.pmin(x, most), least);
    low = f64x2.add(low, f64x2.mul(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(clipped)));
    high = f64x2.add(high, f64x2.mul(f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 2, 3)), f64x2.promote_low_f32x4(v128.shuffle<f32>(clipped, clipped, 2, 3, 2, 3))));
  }
  const sum = f64x2.add(low, high);
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/*
 * Elementwise work on column panels: `rows` rows of panels [from, to), each matrix with its own stride.
 */
import { fma, fnma, one, sigmoid4 } from './simd';

/** out = the same vector [8·panels] in every row: a bias before the product is added. */
export function broadcast(from: i32, to: i32, rows: i32, vector: usize, out: usize, stride: usize): void {
  for (let p = from; p < to; p++) {
    const low = v128.load(vector + (<usize>p << 5));
    const high = v128.load(vector + (<usize>p << 5), 16);
    let at = out + stride * <usize>p;
    for (const end = at + (<usize>rows << 5); at < end; at += 32) {
      v128.store(at, low);
      v128.store(at, high, 16);
    }
  }
}

/** out = a. */
export function copy(from: i32, to: i32, rows: i32, a: usize, aStride: usize, out: usize, outStride: usize): void {
  for (let p = from; p < to; p++) memory.copy(out + outStride * <usize>p, a + aStride * <usize>p, <usize>rows << 5);
}

/** out = 0. */
export function clear(from: i32, to: i32, rows: i32, out: usize, stride: usize): void {
  for (let p = from; p < to; p++) memory.fill(out + stride * <usize>p, 0, <usize>rows << 5);
}

/** out = a + b; out may be a or b. */
export function add(from: i32, to: i32, rows: i32, a: usize, aStride: usize, b: usize, bStride: usize, out: usize, outStride: usize): void {
  const bytes = <usize>rows << 5;
  for (let p = <usize>from; p < <usize>to; p++) {
    const x = a + aStride * p;
    const y = b + bStride * p;
    const sum = out + outStride * p;
    for (let i: usize = 0; i < bytes; i += 16) v128.store(sum + i, f32x4.add(v128.load(x + i), v128.load(y + i)));
  }
}

/**
 * The last real row of each sequence: out[b] = a[(length of b − 1)·B + b], panels [from, to). `lengths` i32 [B]; 0: all
 * sequences have `steps` timesteps.
 */
export function lastRows(from: i32, to: i32, steps: i32, sequences: i32, lengths: usize, a: usize, aStride: usize, out: usize, outStride: usize): void {
  for (let b = 0; b < sequences; b++) {
    const source = a + lastRow(b, steps, sequences, lengths);
    const target = out + (<usize>b << 5);
    for (let p = <usize>from; p < <usize>to; p++) copyRow(source + aStride * p, target + outStride * p);
  }
}

/** And back: a = 0 but for those rows, a[(length of b − 1)·B + b] = out[b]. */
export function lastRowsBackward(from: i32, to: i32, steps: i32, sequences: i32, lengths: usize, a: usize, aStride: usize, out: usize, outStride: usize): void {
  clear(from, to, steps * sequences, a, aStride);
  for (let b = 0; b < sequences; b++) {
    const target = a + lastRow(b, steps, sequences, lengths);
    const source = out + (<usize>b << 5);
    for (let p = <usize>from; p < <usize>to; p++) copyRow(source + outStride * p, target + aStride * p);
  }
}

/** Bytes to the last real row of sequence b. */
@inline
function lastRow(b: i32, steps: i32, sequences: i32, lengths: usize): usize {
  const length = lengths == 0 ? steps : load<i32>(lengths + (<usize>b << 2));
  return <usize>((length - 1) * sequences + b) << 5;
}

@inline
function copyRow(source: usize, target: usize): void {
  v128.store(target, v128.load(source));
  v128.store(target, v128.load(source, 16), 16);
}

/** vector[8·panels] = (+=, when `accumulate` is 1) the sum of all rows: bias gradients. Panels [from, to), two at a time, as each addition waits for the one before. */
export function sumRows(from: i32, to: i32, rows: i32, a: usize, stride: usize, vector: usize, accumulate: i32): void {
  const zero = f32x4.splat(0);
  for (let p = from; p < to; p += 2) {
    const target = vector + (<usize>p << 5);
    const pair = p + 1 < to;
    const next = pair ? stride : 0;
    let low = accumulate != 0 ? v128.load(target) : zero;
    let high = accumulate != 0 ? v128.load(target, 16) : zero;
    let nextLow = accumulate != 0 && pair ? v128.load(target, 32) : zero;
    let nextHigh = accumulate != 0 && pair ? v128.load(target, 48) : zero;
    let at = a + stride * <usize>p;
    for (const end = at + (<usize>rows << 5); at < end; at += 32) {
      low = f32x4.add(low, v128.load(at));
      high = f32x4.add(high, v128.load(at, 16));
      nextLow = f32x4.add(nextLow, v128.load(at + next));
      nextHigh = f32x4.add(nextHigh, v128.load(at + next, 16));
    }
    v128.store(target, low);
    v128.store(target, high, 16);
    if (!pair) continue;
    v128.store(target, nextLow, 32);
    v128.store(target, nextHigh, 48);
  }
}

/**
 * Highway (Srivastava et al. 2015): g = σ(a) in place, y = g ⊙ h + (1 − g) ⊙ x.
 * g and y have one stride, h and x their own.
 */
export function highwayForward(from: i32, to: i32, rows: i32, g: usize, y: usize, stride: usize, h: usize, hStride: usize, x: usize, xStride: usize): void {
  const bytes = <usize>rows << 5;
  const first = <usize>from;
  g += stride * first;
  y += stride * first;
  h += hStride * first;
  x += xStride * first;
  for (let p = from; p < to; p++) {
    for (let i: usize = 0; i < bytes; i += 16) {
      const gate = sigmoid4(v128.load(g + i));
      const carried = v128.load(x + i);
      v128.store(g + i, gate);
      v128.store(y + i, fma(gate, f32x4.sub(v128.load(h + i), carried), carried));
    }
    g += stride;
    y += stride;
    h += hStride;
    x += xStride;
  }
}

/**
 * And back: dh = dy ⊙ g, dx = dy ⊙ (1 − g), da = dy ⊙ (h − x) ⊙ g(1 − g), to which dx still lacks Wᵀda.
 * dh may stand in the place of dy, da in the place of g.
 */
export function highwayBackward(from: i32, to: i32, rows: i32, g: usize, gStride: usize, h: usize, hStride: usize, x: usize, xStride: usize, dy: usize, dyStride: usize, dh: usize, dhStride: usize, dx: usize, dxStride: usize, da: usize, daStride: usize): void {
  const bytes = <usize>rows << 5;
  const unit = one();
  const first = <usize>from;
  g += gStride * first;
  h += hStride * first;
  x += xStride * first;
  dy += dyStride * first;
  dh += dhStride * first;
  dx += dxStride * first;
  da += daStride * first;
  for (let p = from; p < to; p++) {
    for (let i: usize = 0; i < bytes; i += 16) {
      const gate = v128.load(g + i);
      const d = v128.load(dy + i);
      const transformed = f32x4.mul(d, gate);
      const slope = f32x4.mul(transformed, f32x4.sub(unit, gate));
      v128.store(da + i, f32x4.mul(slope, f32x4.sub(v128.load(h + i), v128.load(x + i))));
      v128.store(dx + i, fnma(d, gate, d));
      v128.store(dh + i, transformed);
    }
    g += gStride;
    h += hStride;
    x += xStride;
    dy += dyStride;
    dh += dhStride;
    dx += dxStride;
    da += daStride;
  }
}

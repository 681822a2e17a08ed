/*
 * Wᵀ of weights in panels, once a step: the backward products read the weights the other way round.
 */

/** dst[8][8] = src[8][8]ᵀ, rows of 32 bytes; in quarters of 4×4. */
function transpose8(src: usize, dst: usize): void {
  for (let quarter = 0; quarter < 4; quarter++) {
    const row = <usize>(quarter >> 1);
    const column = <usize>(quarter & 1);
    const from = src + row * 128 + column * 16;
    const to = dst + column * 128 + row * 16;
    const r0 = v128.load(from);
    const r1 = v128.load(from, 32);
    const r2 = v128.load(from, 64);
    const r3 = v128.load(from, 96);
    const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
    const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
    const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
    const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
    v128.store(to, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5));
    v128.store(to, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7), 32);
    v128.store(to, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5), 64);
    v128.store(to, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7), 96);
  }
}

/** Panels [from, to) of Wᵀ: from W [nPanels][8·kPanels][8] to Wᵀ [kPanels][8·nPanels][8]. */
export function transpose(from: i32, to: i32, w: usize, kPanels: i32, nPanels: i32, wT: usize): void {
  for (let k = from; k < to; k++) {
    for (let n = 0; n < nPanels; n++) {
      transpose8(w + (<usize>(n * kPanels + k) << 8), wT + (<usize>(k * nPanels + n) << 8));
    }
  }
}

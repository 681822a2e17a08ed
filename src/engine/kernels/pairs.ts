/**
 * Whether this build is for a V8 that joins two 128-bit operations on neighbouring numbers into a 256-bit one
 * (`--experimental-wasm-revectorize`). Its tiles hold twice as many sums, which then fill the same registers.
 * `src/build/kernels.mjs` compiles the build `wide` with `true` in the place of this `false`.
 */
export const PAIRS: bool = false;

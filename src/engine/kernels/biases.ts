/*
 * The biases of a layer. PyTorch has two of each gate, b_ih and b_hh; pre-activations begin with their sum, except
 * where a cell keeps them apart (see `cells/gru.ts`): its blocks are others than the gates.
 *
 *     block g          = b_ih[g]  for the gates g that come from xₜ, else 0
 *     block π(g)      += b_hh[g]  with π(g) = (g + shift) mod cycle
 *
 * A block is `panels` panels. Padding is 0 in both.
 */

/** Bytes of the block that gate g of W_hh gives to. */
@inline
function blockOf(gate: i32, shift: i32, cycle: i32, panels: i32): usize {
  return <usize>(((gate + shift) % cycle) * panels) << 5;
}

/** out[blocks] = both biases of `gates` gates, as the pre-activations begin. */
export function combineBiases(panels: i32, blocks: i32, gates: i32, shift: i32, cycle: i32, biasIh: usize, biasHh: usize, out: usize): void {
  const size = <usize>panels << 5;
  memory.copy(out, biasIh, size * <usize>gates);
  memory.fill(out + size * <usize>gates, 0, size * <usize>(blocks - gates));
  for (let gate = 0; gate < gates; gate++) {
    const target = out + blockOf(gate, shift, cycle, panels);
    const source = biasHh + size * <usize>gate;
    for (let i: usize = 0; i < size; i += 16) v128.store(target + i, f32x4.add(v128.load(target + i), v128.load(source + i)));
  }
}

/** And back: the gradients of both biases from those of the blocks. */
export function splitBiases(panels: i32, gates: i32, shift: i32, cycle: i32, sums: usize, biasIh: usize, biasHh: usize): void {
  const size = <usize>panels << 5;
  memory.copy(biasIh, sums, size * <usize>gates);
  for (let gate = 0; gate < gates; gate++) memory.copy(biasHh + size * <usize>gate, sums + blockOf(gate, shift, cycle, panels), size);
}

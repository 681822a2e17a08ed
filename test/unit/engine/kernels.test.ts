import { describe, expect, it } from 'vitest';
import { variants } from '../../engines';
import { Random } from '../../../src/shared/random';
import type { Kernels } from '../../../src/engine/wasm/kernels';
import { instantiate, type KernelVariant } from '../../../src/engine/wasm/variants';
import { Arena, EngineMemory, type Panels } from '../../../src/engine/wasm/memory';

const random = Random.fromSeed(5);

/** A memory with the kernels of a variant, and matrices of numbers or zeros in it. */
function workspace(variant: KernelVariant) {
  const memory = new EngineMemory();
  const kernels = instantiate(variant, memory.memory);
  const arena = new Arena(kernels.firstFree());
  const place = ({ address, stride }: Panels, row: number, column: number) => address / 4 + (column >> 3) * (stride / 4) + row * 8 + (column & 7);
  const matrix = (rows: number, panels: number, number: () => number = () => random.normal()): Panels => {
    const made = arena.panels(rows, panels);
    memory.reserve(arena.end);
    for (let row = 0; row < rows; row++) for (let j = 0; j < panels * 8; j++) memory.f32[place(made, row, j)] = number();
    return made;
  };
  /** A matrix whose panels follow one another, as weights' do: [panels][rows][8]. */
  const weight = (rows: number, panels: number, number: () => number = () => random.normal()): Panels => {
    const made = { address: arena.take(rows * panels * 32), stride: rows * 32, panels };
    memory.reserve(arena.end);
    for (let i = 0; i < rows * panels * 8; i++) memory.f32[made.address / 4 + i] = number();
    return made;
  };
  const at = (m: Panels, row: number, column: number) => memory.f32[place(m, row, column)]!;
  const read = (m: Panels, rows: number) => Array.from({ length: rows * m.panels * 8 }, (_, i) => at(m, Math.floor(i / (m.panels * 8)), i % (m.panels * 8)));
  return { memory, kernels, matrix, weight, at, read };
}

/** Does pieces [0, all) at once, or in cuts of the sizes given, over and over. */
function inCuts(all: number, sizes: readonly number[], run: (from: number, to: number) => void): void {
  for (let from = 0, i = 0; from < all; i++) {
    const to = Math.min(all, from + sizes[i % sizes.length]!);
    run(from, to);
    from = to;
  }
}

function closeTo(actual: readonly number[], expected: readonly number[]): void {
  const worst = actual.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
  expect(worst).toBeLessThan(3e-6 * Math.max(1, ...expected.map(Math.abs)));
}

describe.each(variants)('products of the %s kernels', (variant) => {
  const product = (kernels: Kernels, rows: number, a: Panels, b: Panels, c: Panels, cuts: readonly number[]) => inCuts(kernels.productPieces(rows, c.panels), cuts, (from, to) => kernels.product(from, to, rows, a.panels, a.address, a.stride, b.address, c.address, c.stride, c.panels));

  it.each([...Array.from({ length: 26 }, (_, i) => i + 1), 59, 60, 61, 121, 130])('add A·B to %i rows of C, the same bits however the work is cut', (rows) => {
    const { kernels, matrix, weight, at, read } = workspace(variant);
    for (const [kPanels, panels] of [[1, 1], [3, 7]] as const) {
      const [a, b] = [matrix(rows, kPanels), weight(kPanels * 8, panels)];
      const start = Array.from({ length: rows * panels * 8 }, () => Math.fround(random.normal()));
      const [whole, cut] = [0, 1].map(() => {
        const numbers = start.values();
        return matrix(rows, panels, () => numbers.next().value!);
      });
      product(kernels, rows, a, b, whole!, [Infinity]);
      product(kernels, rows, a, b, cut!, [1, 3, 2]);
      const expected = start.map((value, i) => {
        const [row, column] = [Math.floor(i / (panels * 8)), i % (panels * 8)];
        return Array.from({ length: kPanels * 8 }, (_, k) => at(a, row, k) * at(b, k, column)).reduce((sum, x) => sum + x, value);
      });
      closeTo(read(whole!, rows), expected);
      expect(read(cut!, rows)).toEqual(read(whole!, rows));
    }
  });

  it.each([1, 2, 7, 32, 255, 256, 257, 1100])('sum AᵀB over %i rows, the same bits however the work is cut', (rows) => {
    const { kernels, matrix, weight, at, read } = workspace(variant);
    for (const [aPanels, bPanels] of [[1, 2], [2, 1], [3, 2], [7, 3], [50, 2], [4, 37]] as const) {
      const [a, b] = [matrix(rows, aPanels), matrix(rows, bPanels)];
      const [whole, cut] = [weight(aPanels * 8, bPanels), weight(aPanels * 8, bPanels)];
      const pieces = kernels.outerPieces(bPanels);
      const run = (c: Panels, cuts: readonly number[]) => inCuts(pieces, cuts, (from, to) => kernels.outerProduct(from, to, rows, a.address, a.stride, aPanels, b.address, b.stride, bPanels, c.address, 0));
      run(whole, [Infinity]);
      run(cut, [1, 2]);
      const expected = Array.from({ length: aPanels * bPanels * 64 }, (_, i) => {
        const [k, n] = [Math.floor(i / (bPanels * 8)), i % (bPanels * 8)];
        let sum = 0;
        for (let row = 0; row < rows; row++) sum += at(a, row, k) * at(b, row, n);
        return sum;
      });
      closeTo(read(whole, aPanels * 8), expected);
      expect(read(cut, aPanels * 8)).toEqual(read(whole, aPanels * 8));
    }
  });

  it('add AᵀB to what is there when asked', () => {
    const { kernels, matrix, weight, read } = workspace(variant);
    const [a, b, c] = [matrix(9, 4), matrix(9, 2), weight(32, 2)];
    const outer = (from: number, accumulate: number) => kernels.outerProduct(0, kernels.outerPieces(2), 9, a.address + from, a.stride, 4, b.address, b.stride, 2, c.address, accumulate);
    outer(0, 0);
    const once = read(c, 32);
    outer(0, 1);
    closeTo(read(c, 32), once.map((x) => 2 * x));
  });
});

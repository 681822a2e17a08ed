import { bestVariant, instantiate, tunedVariant } from '../../../src/engine/wasm/variants';
import { joinsOperations } from '../../../src/engineHost/turboFlags';
import { peakRate } from '../measure/peak';
import { answerLines } from '../measure/program';

/*
 * Measures what one core can do at most, each about 10 ms and the best of twenty, because a limit is what is not exceeded.
 */

/** Billions of operations, and of bytes, a second. */
export interface Limits {
  /** Ten independent multiplications and additions of doubles in JavaScript. */
  readonly scalar: number;
  /** Of four floats, multiplied and added. */
  readonly plain: number;
  /** The same in one instruction (relaxed SIMD); undefined where the machine has none. */
  readonly fused: number | undefined;
  /** The engine's matrix product on matrices that the cache holds, with the best instructions. */
  readonly product: number;
  /** Sum of squares over memory that no cache holds. */
  readonly read: number;
  /** Copied, read and written bytes together. */
  readonly copied: number;
}

const best = (measure: () => number): number => Math.max(...Array.from({ length: 20 }, measure));

function scalarRate(): number {
  const rounds = 2e6;
  const y = 0.99 + Number(process.argv.length === 0);
  let [a, b, c, d, e, f, g, h, i, j] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  const start = performance.now();
  for (let round = 0; round < rounds; round++) {
    a = a * y + 0.5;
    b = b * y + 0.5;
    c = c * y + 0.5;
    d = d * y + 0.5;
    e = e * y + 0.5;
    f = f * y + 0.5;
    g = g * y + 0.5;
    h = h * y + 0.5;
    i = i * y + 0.5;
    j = j * y + 0.5;
  }
  const elapsed = performance.now() - start;
  if (!Number.isFinite(a + b + c + d + e + f + g + h + i + j)) throw new Error('the sums must stay finite');
  return (rounds * 20) / elapsed / 1e6;
}

/** 256 MB, read and copied in halves. */
function bandwidth(): { read: number; copied: number } {
  const memory = new WebAssembly.Memory({ initial: 4096, maximum: 65536 });
  const kernels = instantiate('plain', memory);
  const block = Math.ceil(kernels.firstFree() / 64) * 64;
  const start = block + 64;
  const half = Math.floor((memory.buffer.byteLength - start) / 2 / 4096) * 4096;
  new Uint8Array(memory.buffer).fill(0, start);
  new Uint32Array(memory.buffer).set([start, half], block / 4);
  const rate = (bytes: number, work: () => void): number => {
    const begin = performance.now();
    work();
    return bytes / (performance.now() - begin) / 1e6;
  };
  return {
    read: best(() => rate(half, () => void kernels.sumOfSquares(0, 1, block))),
    copied: best(() => rate(2 * half, () => kernels.copy(0, 1, half / 32, start, 0, start + half, 0))),
  };
}

/** [192, 128] · [128, 64]: 160 KB. */
function productRate(): number {
  const [rows, kPanels, nPanels] = [192, 16, 8];
  const memory = new WebAssembly.Memory({ initial: 64, maximum: 65536 });
  const variant = process.execArgv.includes(joinsOperations) ? tunedVariant() : bestVariant();
  const kernels = instantiate(variant ?? 'plain', memory);
  const stride = rows * 32 + 320;
  const a = Math.ceil(kernels.firstFree() / 64) * 64;
  const b = a + kPanels * stride;
  const c = b + kPanels * nPanels * 256;
  const [calls, pieces] = [100, kernels.productPieces(rows, nPanels)];
  const start = performance.now();
  for (let call = 0; call < calls; call++) kernels.product(0, pieces, rows, kPanels, a, stride, b, c, stride, nPanels);
  return (calls * 2 * rows * kPanels * nPanels * 64) / (performance.now() - start) / 1e6;
}

function fusedRate(): number | undefined {
  try {
    return best(() => peakRate('fused'));
  } catch {
    return undefined;
  }
}

void answerLines((): Limits => ({ scalar: best(scalarRate), plain: best(() => peakRate('plain')), fused: fusedRate(), product: best(productRate), ...bandwidth() }));

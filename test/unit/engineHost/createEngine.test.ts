import { expect, it, vi } from 'vitest';
import { createEngine } from '../../../src/engineHost/createEngine';
import { architecture, layer } from '../engine/support';

vi.mock('../../../src/engine/wasm/variants', () => ({ bestVariant: () => undefined }));

it('takes the plain engine, and says so, where WebAssembly SIMD is missing', async () => {
  const logged: string[] = [];
  const engine = await createEngine(architecture([layer('gru', 3)]), { log: (text) => logged.push(text) });
  expect(engine.name).toBe('reference');
  expect(engine.device).toEqual({ threads: 1, simd: 'none' });
  expect(logged).toEqual([expect.stringContaining('WebAssembly SIMD is missing')]);
});

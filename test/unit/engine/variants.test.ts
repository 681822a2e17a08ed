import { beforeEach, describe, expect, it, vi } from 'vitest';
import '../../engines';
import { initialParameters } from '../../../src/engine/initialise';
import type * as Variants from '../../../src/engine/wasm/variants';
import type { KernelVariant } from '../../../src/engine/wasm/variants';
import { createWasmEngine } from '../../../src/engine/wasm/wasmEngine';
import { Random } from '../../../src/shared/random';
import { layerShapes } from '../../../src/spec/architecture';
import type { LayerSpec } from '../../../src/spec/schema';

describe('the choice of kernels', () => {
  // Each test chooses anew.
  let choice: typeof Variants;
  beforeEach(async () => {
    vi.resetModules();
    choice = await import('../../../src/engine/wasm/variants');
  });

  it('takes fused ones where the machine has them, without trying how fast others are', () => {
    expect(choice.bestVariant()).toBe('fused');
  });

  it('finds them where memory cannot be shared', () => {
    const { Memory } = WebAssembly;
    const unshared = vi.spyOn(WebAssembly, 'Memory').mockImplementation((descriptor) => {
      if (descriptor.shared) throw new TypeError('no shared memory here');
      return new Memory(descriptor);
    });
    expect(choice.bestVariant()).toBe('fused');
    expect(unshared).toHaveBeenCalledTimes(2);
    unshared.mockRestore();
  });

  it('takes what a trial found faster, from then on', () => {
    const tuned = choice.tunedVariant();
    expect(['wide', 'fused']).toContain(tuned);
    expect(choice.bestVariant()).toBe(tuned);
    expect(choice.tunedVariant()).toBe(tuned);
  });

  it.each<KernelVariant>(['wide', 'fused', 'plain'])('takes %s ones where another thread found them best', (variant) => {
    choice.preferVariant(variant);
    expect(choice.bestVariant()).toBe(variant);
    expect(choice.tunedVariant()).toBe(variant);
  });
});

it('wide and fused kernels train to the same bits', () => {
  const layer = (cell: LayerSpec['cell'], units: number): LayerSpec => ({ cell, units, activation: 'tanh', resetAfter: true, bidirectional: false, connection: 'none', dropout: 0, forgetBias: 1, init: 'uniform', repeat: 1 });
  const architecture = { input: { kind: 'values', features: 5 }, layers: layerShapes([layer('lstm', 43), layer('gru', 26), layer('rnn', 17)], 5), outputs: 3, loss: 'values' } as const;
  const [steps, sequences] = [11, 13];
  const trained = (variant: KernelVariant): Map<string, unknown> => {
    const random = Random.fromSeed(3);
    const numbers = (count: number): Float64Array => Float64Array.from({ length: count }, () => random.normal());
    const engine = createWasmEngine(architecture, { variant });
    engine.setParameters(initialParameters(architecture, 1));
    const batch = { steps, sequences, inputs: numbers(steps * sequences * 5), targets: numbers(steps * sequences * 3) };
    for (let i = 0; i < 3; i++) engine.step(batch, { optimizer: { kind: 'adam', learningRate: 0.01 } });
    return new Map([...engine.parameters()].map(([name, { data }]) => [name, data]));
  };
  expect(trained('wide')).toEqual(trained('fused'));
});

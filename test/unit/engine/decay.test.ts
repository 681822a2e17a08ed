import { describe, expect, it } from 'vitest';
import { createReferenceEngine } from '../../../src/engine/reference/referenceEngine';
import { createWasmEngine } from '../../../src/engine/wasm/wasmEngine';
import { decayCases, decayNetwork, meanDecay, measureDecay } from '../../bench/decayCases';

describe('gradients at initialisation', () => {
  it.each(decayCases.map((each) => [each.label, each] as const))('decay over 99 steps as PyTorch’s do: %s', (_, decayCase) => {
    const engine = createWasmEngine(decayNetwork(decayCase));
    const decay = meanDecay(engine, decayCase, [1, 2, 3, 4, 5, 6]);
    // Where next to nothing is lost, ten per cent of it is less than seeds differ.
    expect(Math.abs(decay - decayCase.pytorch)).toBeLessThan(Math.max(0.1 * Math.abs(decayCase.pytorch), 0.2));
    engine.dispose();
  });

  it('decay alike on both engines', () => {
    const [tanh] = decayCases;
    const [fast, reference] = [createWasmEngine, createReferenceEngine].map((create) => measureDecay(create(decayNetwork(tanh!)), tanh!, 1));
    expect(fast).toBeCloseTo(reference!, 2);
    expect(fast).toBeLessThan(-20);
  });
});

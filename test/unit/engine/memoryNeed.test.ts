import { describe, expect, it } from 'vitest';
import { bytesNeeded, expectRoom } from '../../../src/engine/memoryNeed';
import { architecture, layer } from './support';

describe('the memory that a training needs', () => {
  it('is parameters and gradients, and what BPTT keeps of every row', () => {
    const network = architecture([layer('lstm', 10)], { features: 4, outputs: 3 });
    const parameters = 40 * 4 + 40 * 10 + 2 * 40 + 3 * 10 + 3;
    expect(bytesNeeded(network, 0)).toBe(4 * 2 * parameters);
    expect(bytesNeeded(network, 6) - bytesNeeded(network, 0)).toBe(4 * 6 * (4 + 7 * 10 + 10));
  });

  it('is refused in plain words when nothing can have that much, before anything is made', () => {
    const network = architecture([layer('lstm', 4096)], { features: 4096, outputs: 2 });
    expect(() => expectRoom(network, 64, 32)).not.toThrow();
    expect(() => expectRoom(network, 64, 65_536)).toThrow(/^this model and batch need 580 GiB of memory, more than the engine can have \(4 GiB, or what is free\); use fewer units, a smaller batch or a shorter window$/);
  });
});

import { describe, expect, it } from 'vitest';
import { setImmediate } from 'node:timers/promises';
import { Turns } from '../../../src/engineHost/turns';

describe('turns', () => {
  it('go round among all that want them, and let others in between', async () => {
    const turns = new Turns(() => setImmediate());
    const order: string[] = [];
    const job = async (name: string, count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        await turns.next();
        order.push(name);
      }
    };
    let pauses = 0;
    let running = true;
    const others = (async () => {
      while (running) {
        await setImmediate();
        pauses++;
      }
    })();
    await Promise.all([job('a', 4), job('b', 2), job('c', 4)]);
    running = false;
    await others;
    expect(order.join('')).toBe('abcabcacac');
    expect(pauses).toBeGreaterThanOrEqual(9);
  });
});

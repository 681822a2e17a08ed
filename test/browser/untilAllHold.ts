import { vi } from 'vitest';

/** Tries these checks together until all of them hold: for numbers that belong together and are read one after the other. */
export const untilAllHold = (checks: () => Promise<void>): Promise<void> => vi.waitFor(checks, { timeout: 30_000, interval: 100 });

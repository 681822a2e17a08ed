import { afterEach } from 'vitest';

// Taken before a test puts clocks of its own in its place.
const { setImmediate: later } = globalThis;

// Tests that never wait leave no turn of the event loop to the runner, which hears nothing for a minute and gives up.
afterEach(() => new Promise<void>((resolve) => void later(resolve)));

import { writeFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { until, workshop } from '../runs/support';

// Each test starts the real worker, on machines that may have other things to do.
vi.setConfig({ testTimeout: 120_000 });

const shop = workshop();

/** A step of this model takes many seconds. */
const huge = { layers: [{ cell: 'lstm', units: 2048 }], training: { batch: 64, window: 200, steps: 10 } };

describe('a training of a huge model', () => {
  it('stops in the middle of a step', async () => {
    writeFileSync(`${shop.folder}/text.txt`, 'call me ishmael some years ago\n'.repeat(1000));
    shop.writeSpec(huge);
    const runs = shop.runs();
    const training = await runs.train(shop.spec);
    await until(() => runs.active()[0]!.checkpoints.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(runs.active()[0]!.step).toBe(0);
    const info = await training.stop();
    // Had it finished its step, there would be one.
    expect(info).toMatchObject({ state: 'stopped', step: 0, checkpoints: [0] });
  });
});

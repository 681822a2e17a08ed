import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { workshop } from './support';

const shop = workshop();
const restricted = { code: 'restricted', message: expect.stringContaining('Restricted Mode') };

describe('runs in Restricted Mode', () => {
  it('neither train nor diagnose, and leave nothing behind', async () => {
    const runs = shop.runs({ data: () => 'restricted' });
    const spec = shop.writeSpec();
    await expect(runs.train(spec)).rejects.toMatchObject(restricted);
    await expect(runs.diagnose({ specPath: spec })).rejects.toMatchObject(restricted);
    expect(existsSync(join(shop.folder, '.unroll'))).toBe(false);
  });

  it('trace typed text in a stored run, and no held-out sample until the workspace is trusted', async () => {
    let data: 'allowed' | 'restricted' = 'allowed';
    const runs = shop.runs({ data: () => data });
    const { folder } = await (await runs.train(shop.writeSpec({ training: { steps: 2 } }))).finished;
    const traced = async (sample: Parameters<typeof runs.trace>[0]['sample']): Promise<number> => (await runs.trace({ run: folder, checkpoint: 'latest', sample })).tokens.length;
    data = 'restricted';
    expect(await traced({ kind: 'text', text: 'call me' })).toBe(7);
    await expect(traced({ kind: 'held-out', index: 0 })).rejects.toMatchObject(restricted);
    data = 'allowed';
    expect(await traced({ kind: 'held-out', index: 0 })).toBeGreaterThan(1);
  });
});

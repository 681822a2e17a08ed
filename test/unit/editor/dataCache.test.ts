import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataCache } from '../../../src/editor/dataCache';
import { nodeDataFiles } from '../../../src/engineHost/nodeFiles';
import type { TaskSpec } from '../../../src/spec/schema';

const task: TaskSpec = { kind: 'language-model', data: 'a.txt', tokens: 'char', validation: 0.1 };

describe('facts about data', () => {
  let folder: string;
  let spec: string;
  let reads: number;
  let cache: DataCache;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'unroll-cache-'));
    spec = join(folder, 'm.rnn.json');
    writeFileSync(join(folder, 'a.txt'), 'abcabc');
    reads = 0;
    cache = new DataCache((of) => {
      reads++;
      return nodeDataFiles(of);
    });
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it('are read once while the file stays the same', async () => {
    expect((await cache.survey(spec, task)).text?.length).toBe(6);
    await Promise.all([cache.survey(spec, task), cache.survey(join(folder, 'other.rnn.json'), task)]);
    expect(reads).toBe(1);
  });

  it('are read again when the file changed, and the old ones shown meanwhile', async () => {
    await cache.survey(spec, task);
    writeFileSync(join(folder, 'a.txt'), 'abcabcd');
    utimesSync(join(folder, 'a.txt'), 1, 1);
    const reading = cache.survey(spec, task);
    expect(cache.known(spec, task)?.text?.length).toBe(6);
    expect((await reading).text?.length).toBe(7);
    expect(cache.known(spec, task)?.text?.length).toBe(7);
  });

  it('are apart for other tokens', async () => {
    await cache.survey(spec, task);
    expect(cache.known(spec, { ...task, tokens: 'byte' })).toBeUndefined();
  });

  it('are not kept when the file could not be used', async () => {
    const missing: TaskSpec = { ...task, data: 'b.txt' };
    await expect(cache.survey(spec, missing)).rejects.toMatchObject({ code: 'data-missing' });
    expect(cache.known(spec, missing)).toBeUndefined();
    writeFileSync(join(folder, 'b.txt'), 'xy');
    expect((await cache.survey(spec, missing)).text?.length).toBe(2);
  });
});

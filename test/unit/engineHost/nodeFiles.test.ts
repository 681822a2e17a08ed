import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeDataFiles } from '../../../src/engineHost/nodeFiles';

describe('data files of a disk', () => {
  const folder = mkdtempSync(join(tmpdir(), 'unroll-files-'));
  mkdirSync(join(folder, 'data'));
  mkdirSync(join(folder, '.unroll'));
  mkdirSync(join(folder, 'node_modules'));
  for (const path of ['a.txt', 'data/b.txt', '.unroll/c.txt', 'node_modules/d.txt', 'm.rnn.json']) writeFileSync(join(folder, path), 'text');
  symlinkSync('circle', join(folder, 'circle'));
  const files = nodeDataFiles(folder);
  afterAll(() => rmSync(folder, { recursive: true }));

  async function read(path: string) {
    let text = '';
    for await (const piece of files.open(path)) text += new TextDecoder().decode(piece);
    return text;
  }

  it("are read from the spec's folder on, or from anywhere by absolute paths", async () => {
    expect(await read('data/b.txt')).toBe('text');
    expect(await read(join(folder, 'a.txt'))).toBe('text');
  });

  it.each([
    ['none.txt', 'data-missing', /none\.txt does not exist/],
    ['a.txt/b', 'data-missing', /does not exist/],
    ['data', 'data-unreadable', /is a folder/],
    ['circle', 'data-unreadable', /leads back to itself/],
    ['/dev/zero', 'data-unreadable', /is a pipe or a device/],
    ['a\0b', 'data-missing', /does not exist/],
  ])('tell why %s cannot be read', async (path, code, message) => {
    await expect(read(path)).rejects.toMatchObject({ code, path, message: expect.stringMatching(message) });
  });

  it('are listed without runs, packages and specs', async () => {
    expect(await files.neighbours?.()).toEqual(['a.txt', 'data/b.txt']);
  });
});

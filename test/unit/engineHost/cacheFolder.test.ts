import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cacheFolder, compileCacheEnvironment } from '../../../src/engineHost/cacheFolder';

describe('the folder for what makes the next start faster', () => {
  const name = `unroll-${userInfo().username}`;
  let parent = '';
  beforeEach(() => (parent = mkdtempSync(join(tmpdir(), 'unroll-test-'))));
  afterEach(() => rmSync(parent, { recursive: true, force: true }));

  it('is made for this user alone, and found again', () => {
    const folder = cacheFolder(parent);
    expect(folder).toBe(join(parent, name));
    expect(cacheFolder(parent)).toBe(folder);
    if (process.platform !== 'win32') expect(statSync(folder!).mode & 0o777).toBe(0o700);
  });

  it.skipIf(process.platform === 'win32')('is not used when others may write into it, because code from it is run', () => {
    mkdirSync(join(parent, name));
    chmodSync(join(parent, name), 0o777);
    expect(cacheFolder(parent)).toBeUndefined();
  });

  it('is done without where there is a file of that name', () => {
    writeFileSync(join(parent, name), '');
    expect(cacheFolder(join(parent, name))).toBeUndefined();
  });

  it('holds compiled code, unless the person has chosen another place', () => {
    expect(compileCacheEnvironment({ HOME: '/home' }, '/cache')).toEqual({ HOME: '/home', NODE_COMPILE_CACHE: join('/cache', 'code') });
    expect(compileCacheEnvironment({ NODE_COMPILE_CACHE: '/own' }, '/cache')).toEqual({ NODE_COMPILE_CACHE: '/own' });
  });
});

import { existsSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createVSIX } from '@vscode/vsce';
import { root } from '../host/root';

const file = join(root, '.cache', 'unroll-rnn.vsix');

/** Makes the `.vsix` as `npm run package` does; returns its path. */
export async function makeVsix(): Promise<string> {
  await mkdir(join(root, '.cache'), { recursive: true });
  await createVSIX({ cwd: root, packagePath: file, dependencies: false, rewriteRelativeLinks: false, allowMissingRepository: true });
  return file;
}

/** The newest `.vsix`, made when there is none or the build is newer. */
export async function newestVsix(): Promise<string> {
  const built = statSync(join(root, 'dist', 'extension.js')).mtimeMs;
  return existsSync(file) && statSync(file).mtimeMs >= built ? file : makeVsix();
}

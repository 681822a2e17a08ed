import { mkdirSync, statSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/**
 * A folder for what makes the next start faster and may be lost at any time: the outcome of the kernels' check, and
 * V8's compiled code. Undefined where there can be none that is this user's alone: code from it is run.
 */
export function cacheFolder(parent = tmpdir()): string | undefined {
  try {
    const { username, uid } = userInfo();
    const folder = join(parent, `unroll-${username}`);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { uid: owner, mode } = statSync(folder);
    // Windows has neither owners nor modes here, and gives each user a folder for temporary files.
    return uid === -1 || (owner === uid && (mode & 0o022) === 0) ? folder : undefined;
  } catch {
    return undefined;
  }
}

/** An environment in which Node, from 22.8 on, keeps compiled code in that folder, unless the person has chosen another. */
export function compileCacheEnvironment(environment: NodeJS.ProcessEnv = process.env, folder = cacheFolder()): NodeJS.ProcessEnv {
  return folder === undefined ? environment : { NODE_COMPILE_CACHE: join(folder, 'code'), ...environment };
}

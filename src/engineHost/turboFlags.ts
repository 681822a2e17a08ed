import { execFile } from 'node:child_process';

/** Pairs of 128-bit operations in 256-bit registers. */
export const joinsOperations = '--experimental-wasm-revectorize';

interface TurboFlag {
  readonly name: string;
  /** Versions of V8 in which it makes the kernels faster; in later ones it is on, or gone. */
  readonly from: readonly [major: number, minor: number];
  readonly before: readonly [major: number, minor: number];
}

/** Flags of V8 that are not its defaults yet and that the kernels gain by. */
const turboFlags: readonly TurboFlag[] = [
  // Multiply-adds in one instruction: Node 20.
  { name: '--experimental-wasm-relaxed-simd', from: [11, 0], before: [11, 4] },
  // The compiler that newer versions use: Node 22.
  { name: '--turboshaft-wasm', from: [12, 0], before: [13, 6] },
  // Node 24 and VS Code 1.139.
  { name: joinsOperations, from: [13, 6], before: [99, 0] },
];

/** The flags that suit a version of V8, whether or not it knows them. */
export function likelyFlags(v8: string): readonly string[] {
  const [major = 0, minor = 0] = v8.split('.').map(Number);
  const atLeast = ([a, b]: readonly [number, number]): boolean => major > a || (major === a && minor >= b);
  return turboFlags.filter(({ from, before }) => atLeast(from) && !atLeast(before)).map(({ name }) => name);
}

/** Those of them that it knows; `options`: what `--v8-options` prints. */
export function chooseFlags(v8: string, options: string): readonly string[] {
  return likelyFlags(v8).filter((name) => new RegExp(`${name}\\b`).test(options));
}

/** The environment in which VS Code's own program is a Node. */
export const nodeEnvironment = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };

/** The flags for the program that runs this; none when it cannot be asked. */
export function knownFlags(): Promise<readonly string[]> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['--v8-options'], { env: nodeEnvironment, maxBuffer: 2 ** 24 }, (error, options) => resolve(error ? [] : chooseFlags(process.versions.v8, options)));
  });
}

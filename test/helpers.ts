import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import type { SpawnHelper } from '../src/engine/wasm/team/team';
import { helperThreads } from '../src/engineHost/helperThreads';

const bundle = buildSync({ entryPoints: [fileURLToPath(new URL('../src/engineHost/helper.ts', import.meta.url))], bundle: true, write: false, platform: 'node', format: 'esm' });

/** Starts helpers of an engine from the sources as they are. */
export const spawn: SpawnHelper = helperThreads(new URL(`data:text/javascript;base64,${Buffer.from(bundle.outputFiles[0]!.contents).toString('base64')}`));

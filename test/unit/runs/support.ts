import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { Runs, type RunsOptions } from '../../../src/runs/runs';

/** A sentence of which texts are made that small models learn fast. */
const sentence = 'call me ishmael some years ago never mind how long precisely having little money\n';

export interface Workshop {
  /** A fresh folder with `text.txt` and `small.rnn.json`, for each test. */
  readonly folder: string;
  readonly spec: string;
  /** Writes a spec over the defaults and returns its path. */
  writeSpec(change?: { training?: object; layers?: readonly object[]; task?: object; inspect?: object; name?: string }, file?: string): string;
  /** Runs with the real worker, disposed of after the test. */
  runs(options?: RunsOptions): Runs;
}

/** Bundles the real worker once for a test file, and gives each test a folder of its own. */
export function workshop(): Workshop {
  let worker = '';
  let bundle = '';
  let folder = '';
  let made: Runs[] = [];

  beforeAll(async () => {
    bundle = mkdtempSync(join(tmpdir(), 'unroll-worker-'));
    worker = join(bundle, 'engineWorker.js');
    await build({ entryPoints: ['src/engineHost/worker.ts'], outfile: worker, bundle: true, platform: 'node', target: 'node20', format: 'cjs', mainFields: ['module', 'main'], logLevel: 'error' });
  });
  afterAll(() => rmSync(bundle, { recursive: true, force: true }));

  const shop: Workshop = {
    get folder() {
      return folder;
    },
    get spec() {
      return join(folder, 'small.rnn.json');
    },
    writeSpec({ training = {}, layers = [{ cell: 'lstm', units: 8 }], task = {}, inspect, name = 'small' } = {}, file = 'small.rnn.json') {
      const spec = {
        version: 1,
        name,
        task: { kind: 'language-model', data: 'text.txt', tokens: 'char', ...task },
        model: { layers },
        training: { batch: 4, window: 10, steps: 30, optimizer: { kind: 'adam', learningRate: 0.01 }, clip: { kind: 'norm', threshold: 1 }, ...training },
        inspect,
      };
      const path = join(folder, file);
      writeFileSync(path, `// A comment that the run keeps\n${JSON.stringify(spec, null, 2)}\n`);
      return path;
    },
    runs(options = {}) {
      const runs = new Runs({ worker, ...options });
      made.push(runs);
      return runs;
    },
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'unroll-runs-'));
    writeFileSync(join(folder, 'text.txt'), sentence.repeat(40));
    shop.writeSpec();
  });
  afterEach(async () => {
    await Promise.all(made.map((runs) => runs.dispose()));
    made = [];
    rmSync(folder, { recursive: true, force: true });
  });
  return shop;
}

/** Resolves when `condition` holds, asked every few milliseconds. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

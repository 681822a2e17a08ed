// Speed of one training step: `npm run bench -- [--cell lstm] [--shapes 32x1x32,…] [--rounds 5] [--json FILE]`.
//
// Measured against two things in the same interleaved run: the machine's own limit of 128-bit multiply-adds, and
// PyTorch on one thread where there is one (UNROLL_PYTHON names the interpreter, default python3). Every shape
// is measured in several fresh processes, because about one start in eight is 20-30 % slower; medians count.
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as esbuild from 'esbuild';
import { build } from '../../src/build/kernels.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const cache = `${here}../../.cache/bench`;
const { values: options } = parseArgs({
  options: {
    cell: { type: 'string', default: 'lstm' },
    shapes: { type: 'string', default: '32x1x32,64x8x64,128x32x64,256x32x100,512x32x100' },
    rounds: { type: 'string', default: '5' },
    processes: { type: 'string', default: '3' },
    json: { type: 'string' },
  },
});

await build();
await esbuild.build({
  entryPoints: { engine: `${here}engineProcess.ts`, shapes: `${here}shapes.ts` },
  outdir: cache,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  mainFields: ['module', 'main'],
  logLevel: 'warning',
});
const { operationsOf } = await import(`${cache}/shapes.mjs`);

/** A process that answers a line of JSON with a line of JSON. */
function start(command, args) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${command} ended before it answered`);
    return JSON.parse(value);
  };
  return { next, ask: (request) => (child.stdin.write(`${JSON.stringify(request)}\n`), next()), stop: () => child.kill() };
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

const python = process.env.UNROLL_PYTHON ?? 'python3';
const hasTorch = spawnSync(python, ['-c', 'import torch'], { stdio: 'ignore' }).status === 0;
const torch = hasTorch ? start(python, [`${here}step_torch.py`]) : undefined;
const torchVersion = torch ? (await torch.next()).torch : undefined;
if (!torch) console.log(`${python} has no torch, so there is nothing to compare with; set UNROLL_PYTHON to an interpreter that has it`);

const results = [];
for (const text of options.shapes.split(',')) {
  const [units, batch, window] = text.split('x').map(Number);
  const shape = { cell: options.cell, units, batch, window };
  // About 50 ms a measurement.
  const steps = Math.max(1, Math.round(2e9 / operationsOf(shape)));
  const [own, peaks, theirs] = [[], [], []];
  let simd;
  for (let process_ = 0; process_ < Number(options.processes); process_++) {
    const engine = start(process.execPath, [`${cache}/engine.mjs`]);
    for (let round = 0; round < Number(options.rounds); round++) {
      const measured = await engine.ask({ shape, steps });
      own.push(measured.seconds);
      peaks.push(measured.peak);
      simd = measured.simd;
      if (torch) theirs.push((await torch.ask({ shape, steps: Math.min(steps, 200) })).seconds);
    }
    engine.stop();
  }
  const gflops = operationsOf(shape) / median(own) / 1e9;
  results.push({ ...shape, simd, milliseconds: median(own) * 1e3, gflops, peak: median(peaks), ofPeak: gflops / median(peaks), ...(torch ? { torchMilliseconds: median(theirs) * 1e3, ofTorch: median(own) / median(theirs) } : {}) });
}
torch?.stop();

const round = (value, digits) => (value === undefined ? undefined : Number(value.toFixed(digits)));
console.log(`one training step, one thread, Node ${process.version}${torchVersion ? `, PyTorch ${torchVersion}` : ''}; milliseconds of processor time`);
console.table(
  results.map(({ cell, units, batch, window, simd, milliseconds, gflops, peak, ofPeak, torchMilliseconds, ofTorch }) => ({
    shape: `${cell} H=${units} B=${batch} T=${window}`,
    simd,
    ms: round(milliseconds, 3),
    'GFLOP/s': round(gflops, 1),
    peak: round(peak, 1),
    'of peak': `${Math.round(ofPeak * 100)} %`,
    'PyTorch ms': round(torchMilliseconds, 3),
    'time / PyTorch': round(ofTorch, 2),
  })),
);
if (options.json) writeFileSync(options.json, `${JSON.stringify({ node: process.version, torch: torchVersion, results }, undefined, 2)}\n`);

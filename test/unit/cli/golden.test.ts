import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeSafetensors } from '../../../src/shared/safetensors';
import { goldenCases, misses } from '../../golden/compare';

/** The built program; `npm run build` makes it. */
const program = join(process.cwd(), 'dist', 'cli.js');
const run = promisify(execFile);
let folder = '';

beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'unroll-golden-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(['f32', 'f64'] as const)('unroll trace --precision %s --updates 3', (precision) => {
  it.each(readdirSync(goldenCases))('writes a trace of %s that agrees with PyTorch', async (name) => {
    const path = (file: string) => join(goldenCases, name, file);
    const out = join(folder, `${name}-${precision}.safetensors`);
    await run(process.execPath, [program, 'trace', path('spec.rnn.json'), '--weights', path('weights.safetensors'), '--input', path('input.safetensors'), '--out', out, '--precision', precision, '--updates', '3']);
    expect(misses(name, precision, decodeSafetensors(readFileSync(out)).tensors)).toEqual([]);
  });
});

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

function bench(...args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [join(process.cwd(), 'dist', 'cli.js'), 'bench', ...args], { encoding: 'utf8' });
}

describe('unroll bench', () => {
  it.each([
    { cell: 'lstm', perRow: 40 },
    { cell: 'gru', perRow: 30 },
    { cell: 'rnn', perRow: 10 },
  ])('trains a layer of $cell and prints one object whose figures belong together', ({ cell, perRow }) => {
    const { status, stdout, stderr } = bench('--cell', cell, '--units', '16', '--batch', '2', '--window', '8');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const result = JSON.parse(stdout) as Record<string, number>;
    expect(result).toMatchObject({ cell, units: 16, batch: 2, window: 8, threads: expect.any(Number), simd: expect.any(String) });
    expect(result.tokensPerSecond).toBeGreaterThan(0);
    expect(result.gflops! / (result.tokensPerSecond! * perRow * 16 ** 2 * 1e-9)).toBeCloseTo(1, 9);
    expect(result.tokensPerSecond! * result.millisecondsPerStep!).toBeCloseTo(2 * 8 * 1000, 3);
  });

  it('refuses a cell that there is none of, and sizes that fit no memory', () => {
    expect(bench('--cell', 'tree')).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('lstm, gru') });
    expect(bench('--units', '64', '--batch', '65536', '--window', '100000')).toMatchObject({ status: 2, stdout: '', stderr: expect.stringMatching(/^error: this model and batch need [\d,.]+ GiB of memory, more than the engine can have .*; use fewer units, a smaller batch or a shorter window \(--units 64 --batch 65536 --window 100000\)$/m) });
  });
});

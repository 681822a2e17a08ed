import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { registerCheck } from '../../../src/commandLine/check';

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = 0;
});

/** Runs `unroll check …` in this process. */
async function check(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const written = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      written[stream] += text as string;
      return true;
    });
  }
  const program = new Command();
  registerCheck(program);
  await program.parseAsync(['node', 'unroll', 'check', ...args]);
  vi.restoreAllMocks();
  return written;
}

const golden = (name: string) => join(__dirname, '../../golden/cases', name, 'spec.rnn.json');

describe('unroll check', () => {
  it.each(['gru-dense-3', 'mixed-bidirectional-stack', 'gru-bidirectional-class'])('finds the gradients of %s right, parameter by parameter', async (name) => {
    const { worstRelativeError, parameters } = JSON.parse((await check(golden(name), '--json')).stdout);
    expect(worstRelativeError).toBeLessThan(1e-6);
    expect(parameters.map((parameter: { name: string }) => parameter.name)).toContain('layers.0.weight_hh_l0');
    for (const { relativeError, checked } of parameters) {
      expect(relativeError).toBeLessThanOrEqual(worstRelativeError);
      expect(checked).toBeGreaterThan(0);
    }
  });

  it('checks both stacks of a translation model', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'unroll-check-'));
    cpSync(join(__dirname, '../../golden/translation/mixed-stack-attention/spec.rnn.json'), join(folder, 'spec.rnn.json'));
    writeFileSync(join(folder, 'pairs.tsv'), `source\ttarget\n${Array.from({ length: 40 }, (_, i) => `${'abcdef'.slice(i % 3, 3 + (i % 4))}\t${'xyz'.slice(i % 2)}`).join('\n')}\n`);
    const { worstRelativeError, parameters } = JSON.parse((await check(join(folder, 'spec.rnn.json'), '--json')).stdout);
    rmSync(folder, { recursive: true });
    expect(worstRelativeError).toBeLessThan(1e-6);
    expect(parameters.map((parameter: { name: string }) => parameter.name)).toEqual(expect.arrayContaining(['encoder.layers.0.weight_hh_l0_reverse', 'decoder.layers.1.weight_hh_l0', 'decoder.output.weight']));
  });

  it('prints a line for each parameter and the worst error for a person', async () => {
    const { stdout } = await check(golden('lstm'));
    expect(stdout).toMatch(/^layers\.0\.weight_ih_l0 +\d\.\de-\d+$/m);
    expect(stdout).toMatch(/^worst relative error +\d\.\de-\d+$/m);
  });

  it('explains what is wrong with the spec', async () => {
    const { stderr } = await check('no-such.rnn.json');
    expect(stderr).toContain('no-such.rnn.json:1:1: error: The spec no-such.rnn.json does not exist.');
    expect(process.exitCode).toBe(1);
  });

  it('says at once that a model is too large to be checked, and what to do', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'unroll-check-'));
    const path = join(folder, 'huge.rnn.json');
    writeFileSync(path, JSON.stringify({ version: 1, name: 'huge', task: { kind: 'synthetic', problem: 'recall', length: 8, lag: 2 }, model: { layers: [{ cell: 'lstm', units: 4096, repeat: 64 }] } }));
    const { stdout, stderr } = await check(path);
    rmSync(folder, { recursive: true });
    expect(stderr).toMatch(/huge\.rnn\.json:1:1: error: Checking 8,[\d,]+ parameters in f64 needs about \d+ GiB of memory, more than the 4 GiB that a check may take\. Check a copy of the spec with fewer units or layers/);
    expect([stdout, process.exitCode]).toEqual(['', 1]);
  });
});

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
});

import { Command } from 'commander';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { registerDiagnose } from '../../../src/commandLine/diagnose';
import type { DiagnoseRunRequest } from '../../../src/runs/api';

/** A diagnosis that tells that it has begun, and then only ends when it is stopped. */
let began = (): void => undefined;
vi.mock('../../../src/runs/runs', () => ({
  Runs: class {
    diagnose({ signal, onProgress }: DiagnoseRunRequest): Promise<never> {
      onProgress?.({ stage: 'carry', done: 0.4 });
      began();
      return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('abandoned'))));
    }
    dispose = async (): Promise<void> => undefined;
  },
}));

const terminal = Object.getOwnPropertyDescriptor(process.stderr, 'isTTY');

afterEach(() => {
  vi.restoreAllMocks();
  if (terminal) Object.defineProperty(process.stderr, 'isTTY', terminal);
  else Reflect.deleteProperty(process.stderr, 'isTTY');
  process.exitCode = 0;
});

/** Runs `unroll diagnose` in this process and stops it with Ctrl+C in the middle. */
async function interrupted(stderrIs: 'terminal' | 'file', ...flags: string[]): Promise<{ stdout: string; stderr: string; status: typeof process.exitCode }> {
  Object.defineProperty(process.stderr, 'isTTY', { value: stderrIs === 'terminal', configurable: true });
  const written = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      written[stream] += String(text);
      return true;
    });
  }
  const begun = new Promise<void>((resolve) => (began = resolve));
  const program = new Command();
  registerDiagnose(program);
  const ended = program.parseAsync(['node', 'unroll', 'diagnose', 'any.rnn.json', ...flags]);
  await begun;
  process.emit('SIGINT', 'SIGINT');
  await ended;
  vi.restoreAllMocks();
  return { ...written, status: process.exitCode };
}

describe('unroll diagnose', () => {
  it('shows on a terminal how far it is and what it is at', async () => {
    expect((await interrupted('terminal')).stderr).toContain('measures what the weights can carry');
  });

  it.each([['file'], ['terminal', '--json']] as const)('shows no progress: %s %s', async (stderrIs, ...flags) => {
    expect((await interrupted(stderrIs, ...flags)).stderr).toBe('Interrupted.\n');
  });

  it('ends with 130 when it is interrupted, and prints no verdict', async () => {
    expect(await interrupted('file')).toMatchObject({ status: 130, stdout: '' });
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { registerValidate } from '../../../src/commandLine/validate';

const spec = '{ "version": 1, "name": "m",\n  "task": { "kind": "language-model", "data": "text.txt", "tokens": "char" },\n  "model": { "layers": [{ "cell": "lstm", "units": 8 }] },\n  "training": { "batch": 2, "window": 4 } }\n';

describe('unroll validate', () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'unroll-validate-'));
    path = join(folder, 'm.rnn.json');
    writeFileSync(join(folder, 'text.txt'), 'the quick brown fox jumps over the lazy dog');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
    process.exitCode = undefined;
  });

  async function validate(text: string | Uint8Array, ...options: string[]) {
    writeFileSync(path, text);
    return run(path, ...options);
  }

  async function run(...args: string[]) {
    const out: string[] = [];
    const write = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => out.push(String(chunk)) > 0);
    const program = new Command();
    registerValidate(program);
    await program.parseAsync(['validate', ...args], { from: 'user' }).finally(() => write.mockRestore());
    return { lines: out.join('').split('\n').filter(Boolean), status: process.exitCode ?? 0 };
  }

  it('says nothing and succeeds when all is right', async () => {
    expect(await validate(spec)).toEqual({ lines: [], status: 0 });
  });

  it('writes each problem as file:line:column: error: message and fails', async () => {
    const { lines, status } = await validate(spec.replace('"lstm"', '"lsmt"').replace('"units": 8', '"units": 0'));
    expect(lines).toEqual([
      `${path}:3:35: error: cell must be one of "rnn", "lstm" or "gru" (got "lsmt"). Did you mean "lstm"?`,
      `${path}:3:52: error: units must be at least 1 (got 0).`,
    ]);
    expect(status).toBe(1);
  });

  it('writes one JSON object a line with --json', async () => {
    const { lines } = await validate(spec.replace('text.txt', 'test.txt'), '--json');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { severity: 'error', code: 'data-missing', line: 2, column: 47, message: 'The data file test.txt does not exist. Its path starts at the folder of the spec. Did you mean "text.txt"?' },
    ]);
  });

  it('succeeds with warnings', async () => {
    const { lines, status } = await validate(spec.replace('"units": 8', '"units": 8, "resetAfter": false'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/m\.rnn\.json:3:55: warning: resetAfter has no effect/);
    expect(status).toBe(0);
  });

  it.each([
    ['an empty spec', '', /1:1: error: The spec is empty\. .*New Model/],
    ['a spec that is no UTF-8', Uint8Array.of(0x7b, 0xff), /1:1: error: The spec is not UTF-8/],
  ])('tells what to do about %s', async (_, content, message) => {
    const { lines, status } = await validate(content);
    expect(lines.join()).toMatch(message);
    expect(status).toBe(1);
  });

  it('tells when there is no such spec, or when it is a folder', async () => {
    expect((await run(join(folder, 'none.rnn.json'))).lines.join()).toMatch(/1:1: error: The spec .*none.rnn.json does not exist/);
    expect((await run(folder)).lines.join()).toMatch(/1:1: error: .* is a folder. Name the .rnn.json file in it/);
  });
});

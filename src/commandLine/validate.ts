import type { Command } from 'commander';
import { checkSpec } from '../data/check';
import type { Problem } from '../shared/position';
import { problemJson, problemLine } from './problemOutput';
import { readSpec } from './readSpec';

/** Adds `unroll validate SPEC [--json]`: all problems of a spec and its data; exit status 1 when one is an error. */
export function registerValidate(program: Command): void {
  program
    .command('validate')
    .description('show all problems of a spec and its data')
    .argument('<spec>', 'a .rnn.json file')
    .option('--json', 'one JSON object a line: {"severity","message","line","column","code"}')
    .action(async (path: string, { json }: { json?: true }) => {
      const { text, problems } = await validate(path);
      for (const problem of problems) process.stdout.write(`${json ? problemJson(text, problem) : problemLine(path, text, problem)}\n`);
      if (problems.some(({ severity }) => severity === 'error')) process.exitCode = 1;
      else if (problems.length === 0 && !json && process.stdout.isTTY) process.stdout.write(`${path}: no problems\n`);
    });
}

async function validate(path: string): Promise<{ readonly text: string; readonly problems: readonly Problem[] }> {
  const { text, files, problem } = await readSpec(path);
  if (problem) return { text, problems: [problem] };
  const { problems } = await checkSpec(text, files);
  return { text, problems };
}

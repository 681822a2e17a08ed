import type { Command } from 'commander';
import { initialParameters } from '../engine/initialise';
import { createReferenceEngine } from '../engine/reference/referenceEngine';
import { gradientCheck, randomCheckBatch, sampledElements, tooLargeToCheck, type GradientCheck } from '../training/check';
import { FileError, printJson, report } from './output';
import { shareBar } from './progressBar';
import { readSizedSpec } from './sizedSpec';

/** Adds `unroll check SPEC [--json]`: backpropagation against finite differences in f64, parameter by parameter. */
export function registerCheck(program: Command): void {
  program
    .command('check')
    .description('compare the gradients of a model with finite differences, in f64')
    .argument('<spec>', 'a .rnn.json file')
    .option('--json', 'one JSON object: {"worstRelativeError","parameters":[{"name","relativeError","checked"}]}')
    .action(async (spec: string, { json }: { json?: true }) => {
      await check(spec, json ? 'hidden' : 'shown')
        .then((result) => (json ? printJson(result) : printTable(result)))
        .catch((error: unknown) => report(error, spec));
    });
}

/** With the initial weights of the spec's seed, on a small random batch. */
async function check(path: string, progress: 'shown' | 'hidden'): Promise<GradientCheck> {
  const { spec, architecture } = await readSizedSpec(path);
  const tooLarge = tooLargeToCheck(architecture);
  if (tooLarge !== undefined) throw new FileError(path, tooLarge);
  const { seed } = spec.training;
  const engine = createReferenceEngine(architecture);
  engine.setParameters(initialParameters(architecture, seed));
  const bar = shareBar(progress);
  try {
    const work = gradientCheck(engine, randomCheckBatch(architecture, seed), { perParameter: sampledElements, seed });
    let next = work.next();
    for (; next.done !== true; next = work.next()) bar.show(next.value, 'compares gradients with finite differences');
    return next.value;
  } finally {
    bar.end();
  }
}

function printTable({ worstRelativeError, parameters }: GradientCheck): void {
  const width = Math.max(...parameters.map(({ name }) => name.length));
  const line = (name: string, error: number): string => `${name.padEnd(width)}  ${error.toExponential(1)}\n`;
  for (const { name, relativeError } of parameters) process.stdout.write(line(name, relativeError));
  process.stdout.write(line('worst relative error', worstRelativeError));
}

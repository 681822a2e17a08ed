import type { Command } from 'commander';
import { initialParameters } from '../engine/initialise';
import { createReferenceEngine } from '../engine/reference/referenceEngine';
import { checkGradients, randomCheckBatch, sampledElements, type GradientCheck } from '../training/check';
import { printJson, report } from './output';
import { readSizedSpec } from './sizedSpec';

/** Adds `unroll check SPEC [--json]`: backpropagation against finite differences in f64, parameter by parameter. */
export function registerCheck(program: Command): void {
  program
    .command('check')
    .description('compare the gradients of a model with finite differences, in f64')
    .argument('<spec>', 'a .rnn.json file')
    .option('--json', 'one JSON object: {"worstRelativeError","parameters":[{"name","relativeError","checked"}]}')
    .action(async (spec: string, { json }: { json?: true }) => {
      await check(spec)
        .then((result) => (json ? printJson(result) : printTable(result)))
        .catch((error: unknown) => report(error, spec));
    });
}

/** With the initial weights of the spec's seed, on a small random batch. */
async function check(path: string): Promise<GradientCheck> {
  const { spec, architecture } = await readSizedSpec(path);
  const { seed } = spec.training;
  const engine = createReferenceEngine(architecture);
  engine.setParameters(initialParameters(architecture, seed));
  return checkGradients(engine, randomCheckBatch(architecture, seed), { perParameter: sampledElements, seed });
}

function printTable({ worstRelativeError, parameters }: GradientCheck): void {
  const width = Math.max(...parameters.map(({ name }) => name.length));
  const line = (name: string, error: number): string => `${name.padEnd(width)}  ${error.toExponential(1)}\n`;
  for (const { name, relativeError } of parameters) process.stdout.write(line(name, relativeError));
  process.stdout.write(line('worst relative error', worstRelativeError));
}

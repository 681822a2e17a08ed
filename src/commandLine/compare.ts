import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { checkSpec } from '../data/check';
import { RunComparer } from '../runs/compare';
import { RunError, SpecProblemsError } from '../runs/api';
import { finishedRun } from '../runs/finishedRun';
import { Runs } from '../runs/runs';
import type { RunInfo } from '../shared/run';
import { cellKinds, cellNames, cellVariants } from '../spec/cellVariants';
import { isUsable } from '../spec/parse';
import type { CellKind } from '../spec/schema';
import { cellVerdict } from '../training/cellVerdict';
import { comparisonText } from './compareText';
import { wholeNumber } from './options';
import { exitStatus, printJson, report, tell, UsageError, warn } from './output';
import { progressBar } from './progressBar';
import { readSpec } from './readSpec';
import { stopOnSignals } from './signals';
import { engineFlags, turboHelp } from './turbo';

interface CompareFlags {
  readonly steps?: number;
  readonly seed?: number;
  readonly threads?: number;
  readonly turbo?: true;
  readonly cells?: true;
  readonly fresh?: true;
  readonly text?: string;
  readonly json?: true;
}

/** Adds `unroll compare SPEC SPEC… [--steps N] [--seed N] [--threads N] [--turbo] [--cells] [--fresh] [--text S] [--json]`. */
export function registerCompare(program: Command): void {
  program
    .command('compare')
    .description('train specs (or take their finished runs) and print them side by side')
    .argument('<specs...>', '.rnn.json files, or folders of runs')
    .option('--steps <n>', 'updates in all, in place of what each spec says', wholeNumber(1))
    .option('--seed <n>', 'seed of every training, in place of what each spec says', wholeNumber(0, 2 ** 32 - 1))
    .option('--threads <n>', 'threads of the engine; the answers do not depend on it', wholeNumber(1, 64))
    .option('--turbo', turboHelp)
    .option('--cells', 'compare one spec with itself: LSTM, GRU and vanilla RNN in every layer')
    .option('--fresh', 'train even where a finished run of the same training is there')
    .option('--text <string>', 'what the models read for the gradient by lag; default: the sample of the first language model, for other tasks the first 8 held-out samples')
    .option('--json', 'one JSON object a line for each model')
    .action(async (specs: string[], flags: CompareFlags) => compare(specs, flags));
}

/** What is compared: a run that is there, or a spec that is trained unless it has been. */
interface Contender {
  /** As the person wrote it. */
  readonly path: string;
  /** The cell of every layer, when a spec is compared with itself. */
  readonly cell?: CellKind;
  readonly run?: string;
  readonly text?: string;
}

async function compare(paths: readonly string[], flags: CompareFlags): Promise<void> {
  const runs = new Runs(engineFlags(flags));
  const interrupt = new AbortController();
  const stop = stopOnSignals(interrupt);
  try {
    const folders: string[] = [];
    const labels = new Map<string, string>();
    for (const contender of await contendersOf(paths, flags)) {
      const folder = contender.run ?? (await trained(runs, contender, flags, interrupt.signal));
      if (folder === undefined) return;
      folders.push(folder);
      if (contender.cell !== undefined) labels.set(folder, cellNames[contender.cell]);
    }
    const rank = (folder: string): number => cellKinds.findIndex((cell) => cellNames[cell] === labels.get(folder));
    const shown = flags.cells ? [...folders].sort((a, b) => rank(a) - rank(b)) : folders;
    const { models, text } = await new RunComparer(runs).compare({ runs: shown, labels: Object.fromEntries(labels), text: flags.text, signal: interrupt.signal });
    if (flags.json) for (const model of models) printJson({ ...model, text });
    else process.stdout.write(comparisonText(models) + (flags.cells ? `\n${cellVerdict(models)}\n` : ''));
  } catch (error) {
    if (interrupt.signal.aborted) {
      warn('Interrupted.');
      process.exitCode = exitStatus.interrupted;
    } else report(error);
  } finally {
    stop();
    await runs.dispose();
  }
}

/** Everything is read and checked before anything is trained. */
async function contendersOf(paths: readonly string[], { cells }: CompareFlags): Promise<Contender[]> {
  if (cells && paths.length > 1) throw new UsageError('--cells compares one spec with itself. Name one, or leave --cells out.');
  if (!cells && paths.length < 2) throw new UsageError('There is nothing to compare with. Name at least two specs, or add --cells to compare LSTM, GRU and vanilla RNN.');
  const contenders: Contender[] = [];
  for (const path of paths) {
    if (existsSync(join(path, 'run.json'))) {
      if (cells) throw new UsageError('--cells needs a spec, not a run.');
      contenders.push({ path, run: resolve(path) });
      continue;
    }
    const { text, files, problem } = await readSpec(path);
    if (problem) throw new SpecProblemsError(path, text, [problem]);
    const { parsed, problems } = await checkSpec(text, files);
    if (!isUsable(parsed) || problems.some(({ severity }) => severity === 'error')) throw new SpecProblemsError(path, text, problems);
    if (cells) contenders.push(...cellVariants(parsed).map(({ cell, text: variant }) => ({ path, cell, text: variant })));
    else contenders.push({ path, text });
  }
  return contenders;
}

/**
 * Folder of a finished run of this training, made now unless it is there. Trained one after the other, so
 * that each has the machine for itself and speeds can be compared. Undefined when it was interrupted.
 */
async function trained(runs: Runs, contender: Contender, flags: CompareFlags, signal: AbortSignal): Promise<string | undefined> {
  const { path, text = '' } = contender;
  const { steps, seed, threads, fresh } = flags;
  const finished = fresh ? undefined : await finishedRun(runs, path, text, { steps, seed, threads });
  const { folder, state, step, name, reason } = finished ?? (await train(runs, contender, flags, signal));
  switch (state) {
    case 'done':
      return folder;
    case 'stopped':
      warn(`Interrupted at step ${step} of ${name}; nothing is lost. Go on with: unroll train ${path} --resume --run ${folder}`);
      process.exitCode = exitStatus.interrupted;
      return undefined;
    case 'diverged':
      warn(`${path}: ${reason ?? 'The training diverged.'}`);
      process.exitCode = exitStatus.diverged;
      return folder;
    default:
      throw new RunError(`${path} was not trained. ${reason ?? 'Its training failed.'}`, 'run-failed');
  }
}

async function train(runs: Runs, { path, cell, text }: Contender, { steps, seed, threads, json }: CompareFlags, signal: AbortSignal): Promise<RunInfo> {
  const bar = progressBar(json ? 'hidden' : 'shown');
  try {
    const training = await runs.train(path, { steps, seed, threads, text, signal, onEvent: (event) => bar.show(event) });
    const { info } = training;
    if (!json) tell(`Training ${cell ? cellNames[cell] : info.name}: ${info.parameters.toLocaleString('en-US')} parameters, ${info.steps.toLocaleString('en-US')} steps → ${info.folder}`);
    training.warnings.forEach(warn);
    return await training.finished;
  } finally {
    bar.end();
  }
}

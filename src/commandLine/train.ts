import type { Command } from 'commander';
import type { RunEvent, Training } from '../runs/api';
import { Runs } from '../runs/runs';
import type { RunInfo } from '../shared/run';
import { wholeNumber } from './options';
import { exitStatus, printJson, report, tell, UsageError, warn } from './output';
import { progressBar } from './progressBar';
import { stopOnSignals } from './signals';
import { engineFlags, turboHelp } from './turbo';

interface TrainFlags {
  readonly steps?: number;
  readonly seed?: number;
  readonly threads?: number;
  readonly turbo?: true;
  readonly resume?: true;
  readonly run?: string;
  readonly json?: true;
}

/** Adds `unroll train SPEC [--steps N] [--seed N] [--threads N] [--turbo] [--resume] [--run DIR] [--json]`. */
export function registerTrain(program: Command): void {
  program
    .command('train')
    .description('train a spec; Ctrl+C stops it so that it can be resumed')
    .argument('<spec>', 'a .rnn.json file')
    .option('--steps <n>', 'updates in all, in place of the spec’s steps or epochs', wholeNumber(1))
    .option('--seed <n>', 'seed of the initial weights and of everything random', wholeNumber(0, 2 ** 32 - 1))
    .option('--threads <n>', 'threads of the engine; the answers do not depend on it', wholeNumber(1, 64))
    .option('--turbo', turboHelp)
    .option('--resume', 'go on with the newest run of this spec, or with the one of --run')
    .option('--run <dir>', 'folder of the run, in place of .unroll/<name>/<time> beside the spec')
    .option('--json', 'one JSON event a line: start, step, evaluation, checkpoint, done')
    .action(async (spec: string, flags: TrainFlags) => train(spec, flags));
}

async function train(spec: string, { json, resume, run, turbo, ...given }: TrainFlags): Promise<void> {
  if (resume && given.seed !== undefined) return report(new UsageError('--seed is for a new training: a resumed one goes on with the random numbers of its own. Leave out --seed or --resume.'));
  const runs = new Runs(engineFlags({ turbo }));
  const interrupt = new AbortController();
  const stop = stopOnSignals(interrupt);
  const bar = progressBar(json ? 'hidden' : 'shown');
  const onEvent = json ? printJson : (event: RunEvent): void => bar.show(event);
  try {
    const training = await runs.train(spec, { ...given, folder: run, resume: resume ? 'resume' : 'fresh', signal: interrupt.signal, onEvent });
    training.warnings.forEach(warn);
    const info = await finish(training);
    bar.end();
    conclude(spec, info);
  } catch (error) {
    bar.end();
    if (interrupt.signal.aborted) {
      warn('Interrupted before the training had started.');
      process.exitCode = exitStatus.interrupted;
    } else report(error, spec);
  } finally {
    stop();
    await runs.dispose();
  }
}

async function finish({ info, finished }: Training): Promise<RunInfo> {
  tell(`Training ${info.name}: ${info.parameters.toLocaleString('en')} parameters, ${info.steps.toLocaleString('en')} steps → ${info.folder}`);
  return finished;
}

function conclude(spec: string, { state, step, loss, validationLoss, folder, reason }: RunInfo): void {
  const losses = [loss !== undefined && `loss ${loss.toFixed(4)}`, validationLoss !== undefined && `validation loss ${validationLoss.toFixed(4)}`].filter(Boolean).join(', ');
  switch (state) {
    case 'done':
      tell(`Done after ${step.toLocaleString('en')} steps: ${losses}.`);
      return;
    case 'stopped':
      warn(`Interrupted at step ${step}; nothing is lost. Go on with: unroll train ${quoted(spec)} --resume --run ${quoted(folder)}`);
      process.exitCode = exitStatus.interrupted;
      return;
    case 'diverged':
      warn(reason ?? 'The training diverged.');
      process.exitCode = exitStatus.diverged;
      return;
    default:
      warn(`error: ${reason ?? 'The training failed.'}`);
      process.exitCode = exitStatus.wrong;
  }
}

function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : JSON.stringify(path);
}

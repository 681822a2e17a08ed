import type { Command } from 'commander';
import { RunError, SpecProblemsError } from '../runs/api';
import { Runs } from '../runs/runs';
import { savedSpec } from '../runs/savedModel';
import { whyNoText } from '../training/writesText';
import { numberWithin, wholeNumber } from './options';
import { exitStatus, printJson, report, UsageError, warn } from './output';
import { readSpec } from './readSpec';
import { stopOnSignals } from './signals';
import { engineFlags, turboHelp } from './turbo';

interface GenerateFlags {
  readonly run?: string;
  readonly prompt: string;
  readonly length: number;
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly beam?: number;
  readonly seed: number;
  readonly turbo?: true;
  readonly json?: true;
}

/** Adds `unroll generate SPEC [--run DIR] [--prompt S] [--length N] [--temperature X] [--top-k K] [--top-p P] [--beam N] [--seed N] [--turbo] [--json]`. */
export function registerGenerate(program: Command): void {
  program
    .command('generate')
    .description('write text with a trained language model, or translate the prompt with a translation model')
    .argument('<spec>', 'a .rnn.json file')
    .option('--run <dir>', 'folder of the run; default: the newest run of this spec')
    .option('--prompt <text>', 'what the model reads first; what a translation model translates', '')
    .option('--length <n>', 'tokens to write', wholeNumber(1, 10_000_000), 500)
    .option('--temperature <x>', '0 always takes the most likely token; 1 samples as the model predicts (default: 0.8 for texts, 0 for translations)', numberWithin(0, 100))
    .option('--top-k <k>', 'only the k most likely tokens', wholeNumber(1))
    .option('--top-p <p>', 'only the most likely tokens that together reach this probability', numberWithin(0, 1))
    .option('--beam <n>', 'search for the most probable text with a beam of this width, in place of drawing; 1 is greedy, as translation is without it', wholeNumber(1, 1000))
    .option('--seed <n>', 'the same seed writes the same text', wholeNumber(0, 2 ** 32 - 1), 1)
    .option('--turbo', turboHelp)
    .option('--json', 'one JSON object: {"prompt","text"}')
    .action(async (spec: string, flags: GenerateFlags, command: Command) => {
      const drawing = ['temperature', 'topK', 'topP'].filter((name) => command.getOptionValueSource(name) === 'cli');
      if (flags.beam !== undefined && drawing.length > 0) warn('--beam looks for the most probable text; --temperature, --top-k and --top-p, which are for drawing, have no effect.');
      await generate(spec, flags);
    });
}

async function generate(spec: string, { run, json, turbo, ...settings }: GenerateFlags): Promise<void> {
  const runs = new Runs(engineFlags({ turbo }));
  const interrupt = new AbortController();
  const stop = stopOnSignals(interrupt);
  try {
    const folder = run ?? (await newestRun(runs, spec));
    const { task } = (await savedSpec(folder)).spec;
    const reason = whyNoText(task);
    if (reason !== undefined) throw new RunError(reason, 'no-text');
    const translates = task.kind === 'translation';
    if (translates && settings.prompt.trim() === '') throw new UsageError('There is nothing to translate. Give the text with --prompt.');
    // The prompt stands before the first piece, so that nothing is written when nothing comes.
    let before = translates ? `${settings.prompt} → ` : settings.prompt;
    const write = (piece: string): void => {
      process.stdout.write(`${before}${piece}`);
      before = '';
    };
    const text = await runs.generate({ ...settings, run: folder, onText: json ? undefined : write, signal: interrupt.signal });
    if (json) printJson({ prompt: settings.prompt, text });
    else write('\n');
  } catch (error) {
    if (interrupt.signal.aborted) process.exitCode = exitStatus.interrupted;
    else report(error, spec);
  } finally {
    stop();
    await runs.dispose();
  }
}

async function newestRun(runs: Runs, spec: string): Promise<string> {
  const { text, problem } = await readSpec(spec);
  if (problem) throw new SpecProblemsError(spec, text, [problem]);
  const [newest] = (await runs.list(spec)).filter(({ checkpoints }) => checkpoints.length > 0);
  if (!newest) throw new RunError(`${spec} has no trained run. Train it first: unroll train ${spec}`, 'run-missing');
  return newest.folder;
}

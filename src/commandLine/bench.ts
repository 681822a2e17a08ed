import type { Command } from 'commander';
import { createEngine } from '../engineHost/createEngine';
import { initialParameters } from '../engine/initialise';
import { expectRoom } from '../engine/memoryNeed';
import type { CellKind } from '../spec/schema';
import { benchmarkArchitecture, benchmarkBatch, measureTraining, type TrainingSpeed } from '../training/benchmark';
import { wholeNumber } from './options';
import { printJson, report, UsageError } from './output';

/** Milliseconds of training that are measured, after half as many to warm up. */
const duration = 1000;

interface BenchFlags {
  readonly cell: CellKind;
  readonly units: number;
  readonly batch: number;
  readonly window: number;
  readonly threads?: number;
}

/** What `unroll bench` prints. */
interface BenchResult extends Omit<BenchFlags, 'threads'>, TrainingSpeed {
  readonly threads: number;
  /** Instructions of the kernels; see `Device`. */
  readonly simd: string;
}

/** Adds `unroll bench [--cell …] [--units N] [--batch N] [--window N] [--threads N]`. */
export function registerBench(program: Command): void {
  program
    .command('bench')
    .description('measure how fast this machine trains one layer; prints a JSON object')
    .addOption(program.createOption('--cell <kind>', 'recurrent cell').choices(['rnn', 'lstm', 'gru']).default('lstm'))
    .option('--units <n>', 'size of the hidden state and of the inputs', wholeNumber(1, 4096), 128)
    .option('--batch <n>', 'sequences side by side', wholeNumber(1, 65_536), 32)
    .option('--window <n>', 'timesteps of backpropagation', wholeNumber(1, 100_000), 64)
    .option('--threads <n>', 'threads of the engine', wholeNumber(1, 64))
    .option('--json', 'as without')
    .action(async (flags: BenchFlags) => {
      await bench(flags)
        .then(printJson)
        // Sizes that do not fit into memory.
        .catch((error: unknown) => report(error instanceof RangeError ? new UsageError(`${error.message} (--units ${flags.units} --batch ${flags.batch} --window ${flags.window})`) : error));
    });
}

async function bench({ cell, units, batch, window, threads }: BenchFlags): Promise<BenchResult> {
  const network = { layers: [{ cell, units }], features: units };
  const architecture = benchmarkArchitecture(network);
  expectRoom(architecture, window, batch);
  const engine = await createEngine(architecture, { threads });
  try {
    engine.setParameters(initialParameters(architecture, 1));
    const trained = benchmarkBatch(network, window, batch);
    measureTraining(engine, trained, duration / 2);
    return { cell, units, batch, window, ...measureTraining(engine, trained, duration), ...engine.device };
  } finally {
    engine.dispose();
  }
}

import { Option, type Command } from 'commander';
import { createReferenceEngine } from '../engine/reference/referenceEngine';
import type { Engine } from '../engine/engine';
import type { ProcessingOrder } from '../engine/order';
import { createEngine } from '../engineHost/createEngine';
import { writeAtomically } from '../runs/atomicWrite';
import { encodeSafetensors } from '../shared/safetensors';
import type { Architecture } from '../spec/architecture';
import { traceBatch } from '../training/batchTrace';
import { wholeNumber } from './options';
import { FileError, printJson, report, tell } from './output';
import { readTraceSource, type TraceSources } from './traceSource';

interface TraceOptions extends TraceSources {
  readonly out: string;
  readonly precision: 'f32' | 'f64';
  readonly updates: number;
  readonly json?: true;
}

/** Adds `unroll trace SPEC … --out FILE`: every gate, state and gradient of one batch as a safetensors file. */
export function registerTrace(program: Command): void {
  program
    .command('trace')
    .description('write every gate, state and gradient of one batch or text to a safetensors file')
    .argument('<spec>', 'a .rnn.json file')
    .requiredOption('--out <file>', 'where the trace goes')
    .addOption(new Option('--run <folder>', 'take the newest checkpoint of this run (default: of the newest run of the spec)').conflicts('weights'))
    .option('--weights <file>', 'take these parameters (safetensors, with the names of PyTorch)')
    .addOption(new Option('--input <file>', 'trace this batch: safetensors with inputs and targets').conflicts('text'))
    .option('--text <string>', 'trace this text (default: inspect.text of the spec)')
    .addOption(new Option('--precision <precision>', 'f32: the fast engine; f64: the reference engine').choices(['f32', 'f64']).default('f32'))
    .option('--updates <n>', 'then make n updates on the same batch and add what they lead to', wholeNumber(0, 1_000_000), 0)
    .option('--json', 'tell what was written as one JSON object')
    .action(async (spec: string, options: TraceOptions) => {
      await trace(spec, options).catch((error: unknown) => report(error, spec));
    });
}

async function trace(path: string, { out, precision, updates, json, ...sources }: TraceOptions): Promise<void> {
  const { spec, architecture, parameters, batch } = await readTraceSource(path, sources);
  const engine = await engineOf(precision, architecture, spec.training.order);
  try {
    engine.setParameters(parameters);
    const { optimizer, clip } = spec.training;
    const tensors = traceBatch(engine, batch, { updates, rule: { optimizer, clip } });
    await writeAtomically(out, encodeSafetensors(tensors)).catch((error: Error) => {
      throw new FileError(out, `The trace could not be written: ${error.message}.`);
    });
    const summary = { out, tensors: tensors.size, steps: batch.steps, sequences: batch.sequences, loss: Number(tensors.get('loss')?.data[0]) };
    if (json) printJson(summary);
    else tell(`${out}: ${summary.tensors} tensors, ${summary.steps} steps × ${summary.sequences} sequences, loss ${summary.loss.toFixed(4)}`);
  } finally {
    engine.dispose();
  }
}

function engineOf(precision: TraceOptions['precision'], architecture: Architecture, order: ProcessingOrder): Promise<Engine> {
  return precision === 'f64' ? Promise.resolve(createReferenceEngine(architecture, { order })) : createEngine(architecture, { order });
}

import { dirname } from 'node:path';
import { Option, type Command } from 'commander';
import { createReferenceEngine } from '../engine/reference/referenceEngine';
import type { Engine } from '../engine/engine';
import type { ProcessingOrder } from '../engine/order';
import { createEngine } from '../engineHost/createEngine';
import { storageMessage, writeAtomically } from '../runs/atomicWrite';
import { encodeSafetensors } from '../shared/safetensors';
import type { Architecture } from '../spec/architecture';
import { traceBatch } from '../training/batchTrace';
import type { ChosenSample } from '../training/samples/traceSample';
import { wholeNumber } from './options';
import { FileError, printJson, report, tell } from './output';
import { readTracedBatch, readTracedModel, type TraceSources } from './traceSource';

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
    .description('write every gate, state and gradient of one sample to a safetensors file, whatever the task')
    .argument('<spec>', 'a .rnn.json file')
    .requiredOption('--out <file>', 'where the trace goes')
    .addOption(new Option('--run <folder>', 'take the newest checkpoint of this run (default: of the newest run of the spec)').conflicts('weights'))
    .addOption(new Option('--step <n>', 'take the checkpoint of this step of the run').argParser(wholeNumber(0)).conflicts('weights'))
    .option('--weights <file>', 'take these parameters (safetensors, with the names of PyTorch)')
    .addOption(new Option('--input <file>', 'trace this batch: safetensors with inputs and targets').conflicts('text'))
    .addOption(new Option('--sample <n>', 'trace this held-out sample of the data, counted from 1; a fresh sequence for "synthetic" (default: inspect.text of the spec, else 1)').argParser(wholeNumber(1)).conflicts(['input', 'text']))
    .option('--text <string>', 'trace this text; what it should answer (a label, a tag for each token, a translation) may stand behind a tab, else it is the model’s own answer. Not for models that read values')
    .addOption(new Option('--precision <precision>', 'f32: the fast engine; f64: the reference engine').choices(['f32', 'f64']).default('f32'))
    .option('--updates <n>', 'then make n updates on the same batch and add what they lead to', wholeNumber(0, 1_000_000), 0)
    .option('--json', 'tell what was written as one JSON object')
    .action(async (spec: string, options: TraceOptions) => {
      await trace(spec, options).catch((error: unknown) => report(error, spec));
    });
}

async function trace(path: string, { out, precision, updates, json, ...sources }: TraceOptions): Promise<void> {
  const model = await readTracedModel(path, sources);
  const { optimizer, clip, order } = model.spec.training;
  const engine = await engineOf(precision, model.architecture, order);
  try {
    engine.setParameters(model.parameters);
    const { batch, sample } = await readTracedBatch(path, engine, model, sources);
    const tensors = traceBatch(engine, batch, { updates, rule: { optimizer, clip } });
    await writeAtomically(out, encodeSafetensors(tensors, sample && sampleMetadata(sample))).catch((error: NodeJS.ErrnoException) => {
      throw unwritten(out, error);
    });
    const summary = { out, tensors: tensors.size, steps: batch.steps, sequences: batch.sequences, loss: Number(tensors.get('loss')?.data[0]), ...(sample && { sample: sample.sentence }) };
    if (json) printJson(summary);
    else tell(`${sample ? `${sample.sentence}\n` : ''}${out}: ${summary.tensors} tensors, ${summary.steps} steps × ${summary.sequences} sequences, loss ${summary.loss.toFixed(4)}`);
  } finally {
    engine.dispose();
  }
}

function unwritten(out: string, error: NodeJS.ErrnoException): FileError {
  switch (error.code) {
    case 'ENOENT':
      return new FileError(out, `The trace could not be written: there is no folder ${dirname(out)}. Make it, or name another file.`);
    case 'EISDIR':
    case 'EBUSY':
      return new FileError(out, 'The trace could not be written: this is a folder. Name a file in it.');
    default:
      return new FileError(out, storageMessage(error, 'The trace', 'trace again'));
  }
}

/** What the file's timesteps are, for programs that read it: a sentence, and JSON lists of texts. */
function sampleMetadata({ sentence, sample: { inputs, targets, source } }: ChosenSample): Record<string, string> {
  return { sample: sentence, tokens: JSON.stringify(inputs), targets: JSON.stringify(targets), ...(source && { source: JSON.stringify(source) }) };
}

function engineOf(precision: TraceOptions['precision'], architecture: Architecture, order: ProcessingOrder): Promise<Engine> {
  return precision === 'f64' ? Promise.resolve(createReferenceEngine(architecture, { order })) : createEngine(architecture, { order });
}

import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { DataError } from '../data/files';
import { parseStoredData, sizesOfStored } from '../data/stored';
import type { Batch } from '../engine/engine';
import { checkParameters } from '../engine/checks';
import { SpecProblemsError } from '../runs/api';
import { checkpointPath, runFolders, storedSteps } from '../runs/folder';
import { savedWeights } from '../runs/savedModel';
import { decodeSafetensors, SafetensorsError } from '../shared/safetensors';
import type { Tensors } from '../shared/tensor';
import { architectureOf, type Architecture } from '../spec/architecture';
import { parseSpec } from '../spec/parse';
import type { Spec } from '../spec/schema';
import { batchOf } from '../training/batchFile';
import { sampleBatch, SampleError } from '../training/inspectText';
import { FileError } from './output';
import { readSpec } from './readSpec';
import { readSizedSpec, type SizedSpec } from './sizedSpec';

/** What a trace is made from, as options of the command line. */
export interface TraceSources {
  /** A run's folder. */
  readonly run?: string;
  /** A safetensors file of parameters; a checkpoint will do. */
  readonly weights?: string;
  /** A safetensors file of a batch. */
  readonly input?: string;
  readonly text?: string;
}

/** A network with weights, and the batch to trace. */
export interface TraceSource {
  readonly spec: Spec;
  readonly architecture: Architecture;
  readonly parameters: Tensors;
  readonly batch: Batch;
}

/**
 * Finds weights and batch: the weights of a file, or the newest checkpoint of a run (by default the spec's
 * newest run that has one); the batch of a file, or a text (by default the spec's `inspect.text`).
 * Throws SpecProblemsError, FileError, RunError.
 */
export async function readTraceSource(specPath: string, sources: TraceSources): Promise<TraceSource> {
  const { weights } = sources;
  const model = weights === undefined ? await fromRun(specPath, sources.run) : await fromWeights(specPath, weights);
  return { ...model, batch: await readBatch(specPath, model, sources) };
}

async function fromWeights(specPath: string, weights: string): Promise<SizedSpec & { readonly parameters: Tensors }> {
  const sized = await readSizedSpec(specPath);
  return { ...sized, parameters: await readParameters(weights, sized.architecture) };
}

/** What a training keeps in a checkpoint beside the parameters. */
const notParameters = /^(optimizer|state|random|training|schedule)\./;

async function readParameters(path: string, architecture: Architecture): Promise<Tensors> {
  const parameters = new Map([...(await readTensors(path))].filter(([name]) => !notParameters.test(name)));
  return inFile(path, () => {
    checkParameters(architecture, parameters);
    return parameters;
  });
}

async function fromRun(specPath: string, run: string | undefined): Promise<SizedSpec & { readonly parameters: Tensors }> {
  const folder = run ?? (await newestRun(specPath));
  const { spec, vocabulary: json, step } = await savedWeights(folder, 'latest');
  const stored = json === '' ? undefined : inFile(folder, () => parseStoredData(json));
  const architecture = architectureOf(spec, inFile(folder, () => sizesOfStored(spec.task, stored)));
  const vocabulary = stored && 'tokens' in stored && spec.task.kind === 'language-model' ? stored : undefined;
  return { spec, architecture, vocabulary, parameters: await readParameters(checkpointPath(folder, step), architecture) };
}

/** Folder of the spec's newest run that has a checkpoint. */
async function newestRun(specPath: string): Promise<string> {
  const { text, problem } = await readSpec(specPath);
  const { spec, problems } = parseSpec(text);
  if (problem || !spec) throw new SpecProblemsError(specPath, text, problem ? [problem] : problems);
  const own = (await runFolders(specPath)).filter((folder) => basename(dirname(folder)) === spec.name).sort();
  for (const folder of own.reverse()) if ((await storedSteps(folder)).length > 0) return folder;
  throw new FileError(specPath, `There is no run of "${spec.name}" with a checkpoint yet. Train it with \`unroll train ${specPath}\`, or give --weights FILE.`);
}

async function readBatch(specPath: string, { spec, architecture, vocabulary }: SizedSpec, { input, text = spec.inspect?.text }: TraceSources): Promise<Batch> {
  if (input !== undefined) {
    const tensors = await readTensors(input);
    return inFile(input, () => batchOf(architecture, tensors));
  }
  if (text === undefined) throw new FileError(specPath, 'There is nothing to trace. Give --input FILE or --text STRING, or write "inspect": { "text": … } into the spec.');
  if (!vocabulary) throw new FileError(specPath, `A text does not tell the targets of the task "${spec.task.kind}". Give --input FILE with a batch.`);
  return inFile(specPath, () => sampleBatch(text, vocabulary));
}

async function readTensors(path: string): Promise<Tensors> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new FileError(path, reasons[error.code ?? ''] ?? `The file cannot be read: ${error.message}.`);
  });
  return inFile(path, () => decodeSafetensors(bytes).tensors);
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'There is no such file. Check the path.',
  ENOTDIR: 'There is no such file. Check the path.',
  EISDIR: 'This is a folder. Name the safetensors file in it.',
  EACCES: 'The file may not be read. Change its permissions.',
};

/** Failures of reading a file's content, with the file's name. */
function inFile<R>(path: string, read: () => R): R {
  try {
    return read();
  } catch (error) {
    const about = error instanceof RangeError || error instanceof SafetensorsError || error instanceof DataError || error instanceof SampleError;
    throw about ? new FileError(path, sentence(error.message)) : error;
  }
}

function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}${/[.!?]$/.test(message) ? '' : '.'}`;
}

import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { DataError } from '../data/files';
import { loadData } from '../data/load';
import { parseStoredData } from '../data/parseStored';
import { loadOptionsOf, sizesOfStored, storedData, type StoredData } from '../data/stored';
import type { TaskData } from '../data/task';
import type { Batch, Engine } from '../engine/engine';
import { checkParameters } from '../engine/checks';
import { nodeDataFiles } from '../engineHost/nodeFiles';
import { RunError, SpecProblemsError } from '../runs/api';
import { checkpointPath, runFolders, storedSteps } from '../runs/folder';
import { savedWeights } from '../runs/savedModel';
import { decodeSafetensors, SafetensorsError } from '../shared/safetensors';
import type { SampleChoice } from '../shared/run';
import type { Tensors } from '../shared/tensor';
import { architectureOf, type Architecture } from '../spec/architecture';
import { parseSpec } from '../spec/parse';
import type { Spec } from '../spec/schema';
import { batchOf } from '../training/batchFile';
import { readsTokens, sampleContext } from '../training/samples/context';
import { SampleError } from '../training/samples/sampleError';
import { chooseSample, type ChosenSample } from '../training/samples/traceSample';
import { FileError } from './output';
import { readSpec } from './readSpec';
import { readSizedSpec } from './sizedSpec';

/** What a trace is made from, as options of the command line. */
export interface TraceSources {
  /** A run's folder. */
  readonly run?: string;
  /** A stored step of the run; absent: its newest. */
  readonly step?: number;
  /** A safetensors file of parameters; a checkpoint will do. */
  readonly weights?: string;
  /** A safetensors file of a batch. */
  readonly input?: string;
  readonly text?: string;
  /** Number of a held-out sample, from 1. */
  readonly sample?: number;
}

/** A network with weights. */
export interface TracedModel {
  readonly spec: Spec;
  readonly architecture: Architecture;
  readonly parameters: Tensors;
  /** Folder that the spec's data paths are relative to. */
  readonly dataFolder: string;
  /** What its run stored about its data; absent for weights of a file. */
  readonly stored?: StoredData;
}

/** A batch to trace and, where it was not read from a file, the sample that it is. */
export interface TracedBatch {
  readonly batch: Batch;
  readonly sample?: ChosenSample;
}

/**
 * A network with the weights of a file, or of a checkpoint of a run: by default the newest one of the spec's newest run
 * that has one. Throws SpecProblemsError, FileError, RunError.
 */
export async function readTracedModel(specPath: string, { weights, run, step }: TraceSources): Promise<TracedModel> {
  return weights === undefined ? fromRun(specPath, run, step ?? 'latest') : fromWeights(specPath, weights);
}

async function fromWeights(specPath: string, weights: string): Promise<TracedModel> {
  const { spec, architecture } = await readSizedSpec(specPath);
  return { spec, architecture, dataFolder: dirname(resolve(specPath)), parameters: await readParameters(weights, architecture) };
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

async function fromRun(specPath: string, run: string | undefined, wanted: number | 'latest'): Promise<TracedModel> {
  const folder = run ?? (await newestRun(specPath));
  const { spec, vocabulary: json, step } = await savedWeights(folder, wanted);
  const stored = json === undefined ? undefined : inFile(folder, () => parseStoredData(json));
  const architecture = architectureOf(spec, inFile(folder, () => sizesOfStored(spec.task, stored)));
  return { spec, architecture, stored, dataFolder: dirname(resolve(specPath)), parameters: await readParameters(checkpointPath(folder, step), architecture) };
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

/**
 * The batch of a file, a typed text, or a held-out sample; by default the spec's `inspect.text` where the model
 * reads tokens, else the first held-out sample. Throws FileError.
 */
export async function readTracedBatch(specPath: string, engine: Engine, model: TracedModel, { input, text, sample }: TraceSources): Promise<TracedBatch> {
  if (input !== undefined) {
    const tensors = await readTensors(input);
    return { batch: inFile(input, () => batchOf(model.architecture, tensors)) };
  }
  const { task, inspect } = model.spec;
  const typed = text ?? (sample === undefined && readsTokens(task) ? inspect?.text : undefined);
  const choice: SampleChoice = typed === undefined ? { kind: 'held-out', index: (sample ?? 1) - 1 } : { kind: 'text', text: typed };
  if (task.kind === 'batch') throw new FileError(specPath, 'A model of the task "batch" has no samples of its own. Give --input FILE with a batch.');
  // A typed text does without the data of a run, whose words are stored with it.
  const data = choice.kind === 'held-out' || model.stored === undefined ? await loadedData(specPath, model) : undefined;
  const context = sampleContext(task, model.stored ?? (data && storedData(data)));
  const given = text === undefined ? (sample === undefined ? undefined : '--sample') : '--text';
  const chosen = inFile(given ?? specPath, () => chooseSample({ engine, context, choice, data }), given === undefined ? inItsFile : ofOption);
  return { batch: chosen.sample.batch, sample: chosen };
}

async function loadedData(specPath: string, { spec, dataFolder, stored }: TracedModel): Promise<TaskData> {
  return loadData(spec.task, nodeDataFiles(dataFolder), stored && loadOptionsOf(stored)).catch((error: unknown) => {
    throw error instanceof DataError ? new FileError(specPath, error.message) : error;
  });
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

const inItsFile = (path: string, message: string): Error => new FileError(path, message);
const ofOption = (option: string, message: string): Error => new RunError(`${option}: ${message}`, 'sample');

/** Failures of reading a file's content, with the file's name; or of what an option gives, with the option's. */
function inFile<R>(path: string, read: () => R, failure = inItsFile): R {
  try {
    return read();
  } catch (error) {
    const about = error instanceof RangeError || error instanceof SafetensorsError || error instanceof DataError || error instanceof SampleError;
    throw about ? failure(path, sentence(error.message)) : error;
  }
}

function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}${/[.!?]$/.test(message) ? '' : '.'}`;
}

import { parseStoredData } from '../data/parseStored';
import { sizesOfStored, type StoredData } from '../data/stored';
import { decodeSafetensors } from '../shared/safetensors';
import type { Tensors } from '../shared/tensor';
import { architectureOf, type Architecture } from '../spec/architecture';
import type { TaskSpec } from '../spec/schema';
import { parametersOf } from '../training/sessionState';
import type { StoredWeights } from './service';

/** A network with its weights, and what its run knows about its data. */
export interface StoredModel {
  readonly task: TaskSpec;
  readonly stored: StoredData | undefined;
  readonly architecture: Architecture;
  readonly parameters: Tensors;
}

/** Reads a stored checkpoint. Throws a DataError or CheckpointError when a file of the run is damaged. */
export function storedModel({ spec, vocabulary, file }: StoredWeights): StoredModel {
  const stored = vocabulary === undefined ? undefined : parseStoredData(vocabulary);
  const architecture = architectureOf(spec, sizesOfStored(spec.task, stored));
  return { task: spec.task, stored, architecture, parameters: parametersOf(decodeSafetensors(file).tensors, architecture) };
}

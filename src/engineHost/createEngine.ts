import type { Engine } from '../engine/engine';
import { createReferenceEngine } from '../engine/reference/referenceEngine';
import type { Architecture } from '../spec/architecture';

/** The engine that trainings and traces use. */
export async function createEngine(architecture: Architecture): Promise<Engine> {
  return Promise.resolve(createReferenceEngine(architecture));
}

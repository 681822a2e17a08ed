import type { Architecture } from '../../spec/architecture';
import { dropoutKey } from '../dropout';
import type { Batch, Checkpointed } from '../engine';
import type { CellState } from './cells/cell';
import { embeddingGradient, readInputs } from './input';
import { runLayer, type LayerAdjoints, type LayerRun } from './layer';
import type { Matrix } from './matrix';
import type { StackParameters } from './parameters';

/** What a stack of layers reads. */
export type StackBatch = Pick<Batch, 'steps' | 'sequences' | 'inputs' | 'lengths'>;

/** A forward pass through embedding and layers. */
export interface StackRun {
  readonly layers: readonly LayerRun[];
  /** [B,O] at each timestep, of the top layer (of the inputs, without layers). */
  readonly outputs: readonly Matrix[];
  /**
   * The way back from the adjoints of the outputs and, for each layer and direction, of its last state; adds
   * to `gradients` when they are given. Layers from the lowest.
   */
  backward(dOutputs: readonly Matrix[], gradients?: StackParameters, dFinal?: readonly (readonly CellState[] | undefined)[]): readonly LayerAdjoints[];
}

/** How a forward pass runs. */
export interface RunOptions {
  /** State before the first timestep of each layer and direction. */
  readonly initial: readonly (readonly CellState[])[];
  /** Seed of this step's dropout; absent: none, as in evaluation. */
  readonly dropoutSeed?: number;
  /** Number of the lowest layer among all that draw dropout from this seed; 0 when absent. */
  readonly firstLayer?: number;
  readonly alive: Checkpointed;
}

/** Inputs, then layer upon layer (all timesteps of one before the next, as PyTorch). */
export function runStack({ input, layers: shapes }: Pick<Architecture, 'input' | 'layers'>, parameters: StackParameters, batch: StackBatch, { initial, dropoutSeed, firstLayer = 0, alive }: RunOptions): StackRun {
  let top = readInputs(input, batch, parameters.embedding);
  const layers = shapes.map((shape, l): LayerRun => {
    const own = parameters.layers[l];
    if (!own) throw new RangeError(`layer ${l} has no parameters`);
    const dropout = dropoutSeed !== undefined && shape.dropout > 0 ? { rate: shape.dropout, key: dropoutKey(dropoutSeed, firstLayer + l) } : undefined;
    const run = runLayer(shape, own, top, { initial: initial[l] ?? [], lengths: batch.lengths, dropout, alive });
    top = [...run.outputs];
    return run;
  });

  return {
    layers,
    outputs: top,
    backward(dTop, gradients, dFinal) {
      let dOutputs = dTop;
      const found: LayerAdjoints[] = new Array(layers.length);
      for (let l = layers.length - 1; l >= 0; l--) {
        const adjoint = layers[l]?.backward(dOutputs, gradients?.layers[l], alive, dFinal?.[l]);
        if (!adjoint) continue;
        found[l] = adjoint;
        if (l > 0) dOutputs = adjoint.inputs();
      }
      if (gradients?.embedding) embeddingGradient(found[0]?.inputs() ?? dOutputs, batch, gradients.embedding);
      return found;
    },
  };
}

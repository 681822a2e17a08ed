import type { Architecture } from '../../spec/architecture';
import { dropoutKey } from '../dropout';
import type { Batch, Checkpointed } from '../engine';
import type { CellState } from './cells/cell';
import { embeddingGradient, readInputs } from './input';
import { cellSequence, type ProcessingOrder } from '../order';
import { walkLayer, type LayerAdjoints, type LayerRun } from './layer';
import { zeros, type Matrix } from './matrix';
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
  /** `layer-major` when absent. */
  readonly order?: ProcessingOrder;
  readonly alive: Checkpointed;
}

/** Inputs, then cell after cell in the given order. */
export function runStack({ input, layers: shapes }: Pick<Architecture, 'input' | 'layers'>, parameters: StackParameters, batch: StackBatch, { initial, dropoutSeed, firstLayer = 0, order = 'layer-major', alive }: RunOptions): StackRun {
  const xs = readInputs(input, batch, parameters.embedding);
  const walks = shapes.map((shape, l) => {
    const own = parameters.layers[l];
    if (!own) throw new RangeError(`layer ${l} has no parameters`);
    const dropout = dropoutSeed !== undefined && shape.dropout > 0 ? { rate: shape.dropout, key: dropoutKey(dropoutSeed, firstLayer + l) } : undefined;
    return walkLayer(shape, own, xs.length, { initial: initial[l] ?? [], lengths: batch.lengths, dropout });
  });
  for (const { layer, direction, t } of cellSequence(shapes, xs.length, order)) {
    alive();
    walks[layer]?.step(direction, t, walks[layer - 1]?.output(t) ?? xs[t] ?? zeros(0, 0));
  }
  const layers = walks.map((walk): LayerRun => walk.finish());

  return {
    layers,
    outputs: layers.at(-1)?.outputs ?? xs,
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

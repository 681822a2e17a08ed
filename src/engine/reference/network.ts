import { headInputSize, type Architecture } from '../../spec/architecture';
import { dropoutKey } from '../dropout';
import type { Batch, Checkpointed } from '../engine';
import type { CellState } from './cells/cell';
import { Head } from './head';
import { embeddingGradient, readInputs } from './input';
import { runLayer, type LayerAdjoints, type LayerRun } from './layer';
import { linear, linearBackward, linearGradient } from './linear';
import { zeros, type Matrix } from './matrix';
import type { NetworkParameters } from './parameters';

/** The adjoint of the logits of one position, for one of the n adjoints that travel back together. */
export interface LogitsAdjoint {
  readonly position: number;
  /** Which of the n; its rows are `copy`·B onwards. */
  readonly copy: number;
  /** [B,outputs]. */
  readonly dLogits: Matrix;
}

/** A forward pass through the whole network. */
export interface NetworkRun {
  readonly layers: readonly LayerRun[];
  /** [B,outputs] of each position: every timestep, or one when the loss is taken once. */
  readonly logits: readonly Matrix[];
  /** The way back with `copies` adjoints a sequence; adds to `gradients` when they are given (then `copies` must be 1). Layers from the lowest. */
  backward(adjoints: readonly LogitsAdjoint[], copies: number, gradients?: NetworkParameters): readonly LayerAdjoints[];
}

/** How a forward pass runs. */
export interface RunOptions {
  /** State before the first timestep of each layer and direction. */
  readonly initial: readonly (readonly CellState[])[];
  /** Seed of this step's dropout; absent: none, as in evaluation. */
  readonly dropoutSeed?: number;
  readonly alive: Checkpointed;
}

/** Inputs, layer upon layer (all timesteps of one before the next, as PyTorch), output layer. */
export function runNetwork(architecture: Architecture, parameters: NetworkParameters, batch: Batch, { initial, dropoutSeed, alive }: RunOptions): NetworkRun {
  const { embedding, output } = parameters;
  let top = readInputs(architecture.input, batch, embedding);
  const layers: LayerRun[] = [];
  architecture.layers.forEach((shape, l) => {
    const own = parameters.layers[l];
    if (!own) throw new RangeError(`layer ${l} has no parameters`);
    const dropout = dropoutSeed !== undefined && shape.dropout > 0 ? { rate: shape.dropout, key: dropoutKey(dropoutSeed, l) } : undefined;
    const run = runLayer(shape, own, top, { initial: initial[l] ?? [], lengths: batch.lengths, dropout, alive });
    layers.push(run);
    top = [...run.outputs];
  });
  const size = headInputSize(architecture);
  const head = new Head(architecture, batch, size);
  const reads = Array.from({ length: head.positions }, (_, position) => head.read(top, position));

  return {
    layers,
    logits: reads.map((read) => linear(read, output)),
    backward(adjoints, copies, gradients) {
      let dOutputs = top.map(({ rows }) => zeros(copies * rows, size));
      for (const { position, copy, dLogits } of adjoints) {
        const read = reads[position];
        if (gradients && read) linearGradient(dLogits, read, gradients.output);
        head.readBackward(linearBackward(dLogits, output), position, dOutputs, copy);
      }
      const found: LayerAdjoints[] = new Array(layers.length);
      for (let l = layers.length - 1; l >= 0; l--) {
        const adjoint = layers[l]?.backward(dOutputs, gradients?.layers[l], alive);
        if (!adjoint) continue;
        found[l] = adjoint;
        if (l > 0) dOutputs = adjoint.inputs();
      }
      if (gradients?.embedding) embeddingGradient(found[0]?.inputs() ?? dOutputs, batch, gradients.embedding);
      return found;
    },
  };
}

import { headInputSize, type Architecture, type LayerShape, type ParameterPrefix } from '../../spec/architecture';
import type { Batch } from '../engine';
import { Head } from './head';
import type { LayerAdjoints, LayerRun } from './layer';
import { linear, linearBackward, linearGradient } from './linear';
import { zeros, type Matrix } from './matrix';
import type { Lengths } from './padding';
import { arrange, type ParameterData } from './parameters';
import { runStack, type RunOptions } from './stack';

/** The adjoint of the logits of one position, for one of the n adjoints that travel back together. */
export interface LogitsAdjoint {
  readonly position: number;
  /** Which of the n; its rows are `copy`·B onwards. */
  readonly copy: number;
  /** [B,outputs]. */
  readonly dLogits: Matrix;
}

/** One stack of layers in a forward pass. */
export interface NetworkStack {
  /** What stands before the names of its tensors in a trace. */
  readonly prefix: ParameterPrefix;
  readonly shapes: readonly LayerShape[];
  readonly lengths: Lengths;
  /** From the lowest. */
  readonly layers: readonly LayerRun[];
}

/** A forward pass through the whole network. */
export interface NetworkRun {
  /** A plain network has one, a translation model its encoder and then its decoder; the last one's states go on to the next batch. */
  readonly stacks: readonly NetworkStack[];
  /** How much of each source step a decoder with attention read at each timestep, [B,S]. */
  readonly attention?: readonly Matrix[];
  /** [B,outputs] of each position: every timestep, or one when the loss is taken once. */
  readonly logits: readonly Matrix[];
  /** The way back with `copies` adjoints a sequence; adds to `gradients` when they are given (then `copies` must be 1). By stack, layers from the lowest. */
  backward(adjoints: readonly LogitsAdjoint[], copies: number, gradients?: ParameterData): readonly (readonly LayerAdjoints[])[];
}

/** Inputs, layers, output layer. */
export function runNetwork(architecture: Architecture, data: ParameterData, batch: Batch, options: RunOptions): NetworkRun {
  const parameters = arrange(architecture, data);
  const { output } = parameters;
  const stack = runStack(architecture, parameters, batch, options);
  const size = headInputSize(architecture);
  const head = new Head(architecture, batch, size);
  const reads = Array.from({ length: head.positions }, (_, position) => head.read(stack.outputs, position));

  return {
    stacks: [{ prefix: '', shapes: architecture.layers, lengths: batch.lengths, layers: stack.layers }],
    logits: reads.map((read) => linear(read, output)),
    backward(adjoints, copies, gradients) {
      const own = gradients && arrange(architecture, gradients);
      const dOutputs = stack.outputs.map(({ rows }) => zeros(copies * rows, size));
      for (const { position, copy, dLogits } of adjoints) {
        const read = reads[position];
        if (own && read) linearGradient(dLogits, read, own.output);
        head.readBackward(linearBackward(dLogits, output), position, dOutputs, copy);
      }
      return [stack.backward(dOutputs, own)];
    },
  };
}

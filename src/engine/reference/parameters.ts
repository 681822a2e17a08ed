import { gateCount, headInputSize, ownPrefix, parameterShapes, type Architecture, type ParameterPrefix } from '../../spec/architecture';
import { sizeOf } from '../../shared/tensor';
import type { CellParameters } from './cells/cell';
import type { LayerParameters } from './layer';
import type { Linear } from './linear';
import type { Matrix } from './matrix';

/** Every parameter (or its gradient, or one of its moments) by its name in the files. */
export type ParameterData = ReadonlyMap<string, Float64Array>;

/** A stack's parameters, or the gradients of them, by their place: views of one `ParameterData`. */
export interface StackParameters {
  /** [V,E]; absent when tokens are one-hot, or inputs are values. */
  readonly embedding?: Matrix;
  readonly layers: readonly LayerParameters[];
}

/** A network's: those of its layers (of a translation model the decoder's) and of its output layer. */
export interface NetworkParameters extends StackParameters {
  readonly output: Linear;
}

/** Zeros of every parameter's size, in file order. */
export function zeroParameters(architecture: Architecture): ParameterData {
  return new Map(parameterShapes(architecture).map(({ name, shape }) => [name, new Float64Array(sizeOf(shape))]));
}

/** Arranges the data by place. */
export function arrange(architecture: Architecture, data: ParameterData): NetworkParameters {
  const prefix = ownPrefix(architecture);
  const size = headInputSize(architecture);
  return {
    ...arrangeStack(architecture, data, prefix),
    output: { weight: { rows: architecture.outputs, columns: size, data: vectorOf(data, `${prefix}output.weight`) }, bias: vectorOf(data, `${prefix}output.bias`) },
  };
}

/** Those of one stack of layers, whose names begin with `prefix`. */
export function arrangeStack({ input, layers }: Pick<Architecture, 'input' | 'layers'>, data: ParameterData, prefix: ParameterPrefix): StackParameters {
  const vector = (name: string): Float64Array => vectorOf(data, `${prefix}${name}`);
  const matrix = (name: string, rows: number, columns: number): Matrix => ({ rows, columns, data: vector(name) });
  return {
    embedding: input.kind === 'tokens' && input.embedding > 0 ? matrix('embedding.weight', input.vocabulary, input.embedding) : undefined,
    layers: layers.map(({ cell, units, directions, connection, inputSize, outputSize }, l) => ({
      directions: directions.map((direction): CellParameters => {
        const suffix = direction === 'reverse' ? '_reverse' : '';
        const rows = gateCount[cell] * units;
        return {
          input: { weight: matrix(`layers.${l}.weight_ih_l0${suffix}`, rows, inputSize), bias: vector(`layers.${l}.bias_ih_l0${suffix}`) },
          recurrent: { weight: matrix(`layers.${l}.weight_hh_l0${suffix}`, rows, units), bias: vector(`layers.${l}.bias_hh_l0${suffix}`) },
        };
      }),
      highway: connection === 'highway' ? { weight: matrix(`connections.${l}.weight`, outputSize, inputSize), bias: vector(`connections.${l}.bias`) } : undefined,
    })),
  };
}

function vectorOf(data: ParameterData, name: string): Float64Array {
  return data.get(name) ?? new Float64Array(0);
}

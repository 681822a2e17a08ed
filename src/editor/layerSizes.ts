import type { DataFacts } from '../data/facts';
import { inputSize, layerParameterShapes, layerShapes, type DataSizes, type LayerShape } from '../spec/architecture';
import { layerStacks } from '../spec/layerStacks';
import type { LayerSpec, Spec } from '../spec/schema';
import type { SpecPath } from '../spec/schemaAt';
import { sizeOf } from '../shared/tensor';

/** A layer of a spec and, as far as known, its sizes. */
export interface SizedLayer {
  readonly path: SpecPath;
  readonly layer: LayerSpec;
  /** One shape for each repetition; empty while the input size is unknown or does not fit. */
  readonly shapes: readonly LayerShape[];
  /** Trained parameters of all repetitions; absent with the shapes. */
  readonly parameters?: number;
}

/** Sizes of the data, of both stacks where there are two; undefined until they were read. */
export function sizesOf(facts: DataFacts | undefined): DataSizes | undefined {
  return facts?.sizes ?? facts?.pairSizes;
}

/** The layers of a spec with sizes; those of one-hot inputs need the data's. */
export function sizedLayers(spec: Spec, sizes: DataSizes | undefined): SizedLayer[] {
  return layerStacks(spec).flatMap(({ path, layers }) => {
    let input = firstInput(spec, sizes, path);
    return layers.map((layer, index) => {
      const shapes = input === undefined ? [] : fittingShapes(layer, input);
      input = shapes.at(-1)?.outputSize ?? outputWithoutInput(layer);
      const parameters = shapes.length > 0 ? { parameters: shapes.reduce((sum, shape) => sum + parametersOf(shape), 0) } : {};
      return { path: [...path, index], layer, shapes, ...parameters };
    });
  });
}

function firstInput({ model, task }: Spec, sizes: DataSizes | undefined, stack: SpecPath): number | undefined {
  const read = stack.includes('encoder') ? sizes?.sourceVocabulary : undefined;
  if (read !== undefined) return inputSize({ kind: 'tokens', vocabulary: read, embedding: model.embedding });
  if (sizes) return inputSize(sizes.input.kind === 'tokens' ? { ...sizes.input, embedding: model.embedding } : sizes.input);
  if (task.kind === 'forecast') return task.inputs.length;
  return model.embedding > 0 ? model.embedding : undefined;
}

function fittingShapes(layer: LayerSpec, input: number): readonly LayerShape[] {
  try {
    return layerShapes([layer], input);
  } catch {
    return []; // The diagnostics tell why the connection does not fit.
  }
}

/** What leaves a layer whatever enters it; only a dense connection depends on that. */
function outputWithoutInput({ units, bidirectional, connection }: LayerSpec): number | undefined {
  return connection === 'dense' ? undefined : units * (bidirectional ? 2 : 1);
}

/** Trained parameters of one layer. */
export function parametersOf(shape: LayerShape): number {
  return layerParameterShapes(shape, 0).reduce((sum, parameter) => sum + sizeOf(parameter.shape), 0);
}

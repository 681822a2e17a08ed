import { inputSize, layerShapes, type InputShape, type LayerShape } from '../../spec/architecture';
import { layerStacks } from '../../spec/layerStacks';
import type { InitialNetwork, InitialStack } from '../../shared/initialNetwork';
import type { Spec, TaskSpec } from '../../spec/schema';

/** Kinds of token where only the data know how many there are: of one-hot inputs a single column counts, however many there be. */
const someTokens = 32;

/** The stacks of a spec as they begin: one, or those of a translation model's encoder and decoder. Nothing is read from the data. */
export function initialNetworks(spec: Spec): readonly InitialStack[] {
  const input = inputOf(spec);
  return layerStacks(spec)
    .filter(({ layers }) => layers.length > 0)
    .map(({ path, layers }) => ({ path, network: { input, layers, seed: spec.training.seed } }));
}

function inputOf({ task, model }: Spec): InputShape {
  const features = featuresOf(task);
  return features === undefined ? { kind: 'tokens', vocabulary: (task.kind === 'batch' && task.vocabulary) || someTokens, embedding: model.embedding } : { kind: 'values', features };
}

/** Numbers that enter at each timestep; undefined for tasks that read tokens. */
function featuresOf(task: TaskSpec): number | undefined {
  if (task.kind === 'forecast') return task.inputs.length;
  if (task.kind === 'synthetic') return task.problem === 'adding' ? 2 : undefined;
  return task.kind === 'batch' && task.features > 0 ? task.features : undefined;
}

/** The layers with sizes, `repeat` unrolled. Throws a RangeError when a connection does not fit. */
export function initialLayers({ input, layers }: InitialNetwork): LayerShape[] {
  return layerShapes(layers, inputSize(input));
}

import type { Problem } from '../shared/position';
import { inputSize, type DataSizes } from './architecture';
import { layerStacks } from './layerStacks';
import type { SpecRanges } from './ranges';
import type { Spec } from './schema';

/** Residual and highway connections add what enters a layer to what leaves it, so both must have the same size. */
export function connectionProblems(spec: Spec, ranges: SpecRanges, sizes: DataSizes | undefined): Problem[] {
  const first = firstSize(spec, sizes);
  const problems: Problem[] = [];
  for (const { path, layers } of layerStacks(spec)) {
    /** Size of what enters the layer; undefined while only the data know it. */
    let input = first;
    layers.forEach((layer, index) => {
      const output = layer.units * (layer.bidirectional ? 2 : 1);
      for (let copy = 0; copy < layer.repeat; copy++) {
        const adds = layer.connection === 'residual' || layer.connection === 'highway';
        if (adds && input !== undefined && input !== output && copy === 0) {
          problems.push({
            severity: 'error',
            code: 'connection-size',
            message: misfit(layer.connection, input, layer.units, layer.bidirectional ? 'both' : 'forward'),
            range: ranges.rangeOf([...path, index, 'units']) ?? ranges.headOf([...path, index]),
            ...suggestion(input, layer.bidirectional ? 2 : 1),
          });
        }
        if (layer.connection === 'dense') input = input === undefined ? undefined : input + output;
        else input = output;
      }
    });
  }
  return problems;
}

function misfit(connection: string, input: number, units: number, directions: 'forward' | 'both'): string {
  if (directions === 'forward') return `units must equal the input size ${input} for a ${connection} connection (got ${units})`;
  return `2 × units must equal the input size ${input} for a ${connection} connection around a bidirectional layer (got 2 × ${units} = ${2 * units})`;
}

function suggestion(input: number, directions: number): Pick<Problem, 'suggestion'> {
  const units = input / directions;
  return Number.isInteger(units) && units <= 4096 ? { suggestion: { title: `Change units to ${units}`, text: String(units) } } : {};
}

/** Size of what enters the lowest layer, as far as spec and data sizes tell. */
function firstSize({ model, task }: Spec, sizes: DataSizes | undefined): number | undefined {
  if (sizes) return inputSize(sizes.input.kind === 'tokens' ? { ...sizes.input, embedding: model.embedding } : sizes.input);
  if (task.kind === 'forecast') return task.inputs.length;
  if (task.kind === 'batch' && task.vocabulary === 0) return task.features;
  if (model.embedding > 0) return model.embedding;
  return task.kind === 'batch' ? task.vocabulary : undefined;
}

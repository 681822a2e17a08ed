import { gateCount, type DataSizes, type LayerShape } from '../spec/architecture';
import type { LayerSpec, Spec } from '../spec/schema';
import type { SpecPath } from '../spec/schemaAt';
import { countText } from '../views/runText';
import { sizedLayers } from './layerSizes';

/** What follows from a field of a layer: equations, parameter count, initial memory. */
export function layerHover(spec: Spec, path: SpecPath, sizes: DataSizes | undefined): string | undefined {
  const [field, ...within] = path.slice(path.lastIndexOf('layers') + 2);
  const sized = sizedLayers(spec, sizes).find((candidate) => candidate.path.length === path.lastIndexOf('layers') + 2 && candidate.path.every((key, index) => key === path[index]));
  if (!sized) return undefined;
  const { layer, shapes } = sized;
  const [shape] = shapes;
  switch (field) {
    case 'cell':
      return [equations(layer), ...(shape ? [parameterFormula(shape)] : [])].join('\n\n');
    case 'units':
      return shape && parameterFormula(shape);
    case 'forgetBias':
      return layer.cell === 'lstm' ? forgetting(layer.forgetBias) : undefined;
    case 'gateBias':
      return gateStart(layer.gateBias, within[0]);
    case 'connection':
      return shape && connectionSizes(shape);
    case 'dropout':
      return layer.dropout > 0 ? `While training, each of the ${shape?.outputSize ?? layer.units} outputs is 0 with probability ${layer.dropout} and is multiplied by 1/(1 − ${layer.dropout}) otherwise.` : undefined;
    default:
      return undefined;
  }
}

function equations({ cell, activation, resetAfter }: LayerSpec): string {
  switch (cell) {
    case 'rnn':
      return code([`h′ = ${activation}(W_ih x + b_ih + W_hh h + b_hh)`]);
    case 'lstm':
      return code(['i, f, o = σ(W x + b + W h + b)      g = tanh(W x + b + W h + b)', 'c′ = f ⊙ c + i ⊙ g', 'h′ = o ⊙ tanh(c′)']);
    case 'gru':
      return code(['r, z = σ(W x + b + W h + b)', resetAfter ? 'n = tanh(W x + b + r ⊙ (W h + b))' : 'n = tanh(W x + b + W (r ⊙ h) + b)', 'h′ = (1 − z) ⊙ n + z ⊙ h']);
  }
}

function code(lines: readonly string[]): string {
  return ['```text', ...lines, '```'].join('\n');
}

/** Blocks of the weight matrices: an LSTM's i, f, g, o and a GRU's r, z, n. */
const blockWords = { rnn: '', gru: '3 blocks × ', lstm: '4 blocks × ' } as const;

/** `4 blocks × 128 × (64 inputs + 128 states + 2 biases) = 99,328 parameters`. */
function parameterFormula(shape: LayerShape): string {
  const { cell, units, inputSize, directions, connection, outputSize } = shape;
  const one = gateCount[cell] * units * (inputSize + units + 2);
  const both = directions.length > 1 ? '2 directions × ' : '';
  const lines = [`${both}${blockWords[cell]}${units} × (${inputSize} inputs + ${units} states + 2 biases) = **${countText(one * directions.length)} parameters**`];
  if (connection === 'highway') lines.push(`and for the highway gate ${outputSize} × (${inputSize} inputs + 1 bias) = **${countText(outputSize * (inputSize + 1))}**`);
  return lines.join('\n\n');
}

/** How long an LSTM's cell state lasts at the start: f = σ(forgetBias), time constant −1/ln f. */
function forgetting(bias: number): string {
  const gate = sigmoid(bias);
  const constant = -1 / Math.log(gate);
  return `Every forget gate starts near σ(${bias}) = ${gate.toPrecision(3)}: without training, a cell state falls to 1/e in about **${constant >= 100 ? countText(constant) : constant.toPrecision(2)} steps**.`;
}

/** How open a gate with an initial bias starts. */
function gateStart(gateBias: LayerSpec['gateBias'], gate: string | number | undefined): string | undefined {
  const bias = Object.entries(gateBias ?? {}).find(([name]) => name === gate)?.[1];
  return bias === undefined ? undefined : `Every ${gate} gate starts near σ(${bias}) = **${sigmoid(bias).toPrecision(3)}**.`;
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

function connectionSizes({ connection, inputSize, cellSize, outputSize }: LayerShape): string | undefined {
  switch (connection) {
    case 'none':
      return undefined;
    case 'dense':
      return `[x, h]: ${inputSize} + ${cellSize} = **${outputSize} outputs**`;
    default:
      return `Input and output both have size **${outputSize}**.`;
  }
}

import { describe, expect, it } from 'vitest';
import type { Batch } from '../../../../src/engine/engine';
import { initialParameters } from '../../../../src/engine/initialise';
import type { CellState } from '../../../../src/engine/reference/cells/cell';
import { linear } from '../../../../src/engine/reference/linear';
import { positionLoss } from '../../../../src/engine/reference/losses';
import { sideBySide, zeros, type Matrix } from '../../../../src/engine/reference/matrix';
import { arrange, arrangeStack, type ParameterData, type StackParameters } from '../../../../src/engine/reference/parameters';
import { createReferenceEngine } from '../../../../src/engine/reference/referenceEngine';
import { runStack } from '../../../../src/engine/reference/stack';
import { attend } from '../../../../src/engine/reference/translation/attention';
import { isTranslation, type TranslationArchitecture } from '../../../../src/engine/reference/translation/run';
import { layer, numbersOf } from '../support';
import { pairOf, randomPairs, translationModel, type ModelParts } from './support';

/** One number of a state, and what is added to it after the outputs at that timestep have been read. */
interface Nudge {
  readonly stack: 'encoder' | 'decoder';
  readonly layer: number;
  readonly t: number;
  readonly part: 'h' | 'c';
  readonly unit: number;
  readonly by: number;
}

/** Forward layers timestep by timestep, and one of the states nudged on the way. */
function walk(name: Nudge['stack'], shape: Pick<TranslationArchitecture, 'input' | 'layers'>, parameters: StackParameters, tokens: ArrayLike<number>, from: readonly CellState[], nudge?: Nudge) {
  let states = from;
  const outputs: Matrix[] = [];
  for (let t = 0; t < tokens.length; t++) {
    const run = runStack(shape, parameters, { steps: 1, sequences: 1, inputs: Int32Array.of(tokens[t]!) }, { initial: states.map((state) => [state]), alive: () => undefined });
    outputs.push(run.outputs[0]!);
    states = run.layers.map(({ directions }) => directions[0]!.final);
    if (nudge?.stack !== name || nudge.t !== t) continue;
    const data = states[nudge.layer]![nudge.part]!.data;
    data[nudge.unit] = data[nudge.unit]! + nudge.by;
  }
  return { outputs, states };
}

/** The mean loss of one pair of sentences by nothing but forward steps. */
function lossOf(architecture: TranslationArchitecture, data: ParameterData, batch: Batch, nudge?: Nudge): number {
  const { encoder, layers } = architecture;
  const empty = (shapes: typeof layers): CellState[] => shapes.map(({ cell, units }) => (cell === 'lstm' ? { h: zeros(1, units), c: zeros(1, units) } : { h: zeros(1, units) }));
  const read = walk('encoder', encoder, arrangeStack(encoder, data, 'encoder.'), batch.source!.inputs, empty(encoder.layers), nudge);
  const first = empty(layers).map(({ h, c }, l): CellState => {
    const handed = read.states[encoder.handOver[l] ?? -1];
    return handed ? { h: handed.h, c: c && (handed.c ?? c) } : { h, c };
  });
  const parameters = arrange(architecture, data);
  const { outputs } = walk('decoder', architecture, parameters, batch.inputs, first, nudge);
  const logits = outputs.map((h) => linear(encoder.attention === 'dot' ? sideBySide([h, attend(h, read.outputs, undefined).context]) : h, parameters.output));
  return logits.reduce((sum, answer, t) => sum + positionLoss('tokens', answer, batch, t).losses[0]!, 0) / logits.length;
}

const models: [string, ModelParts][] = [
  ['LSTM and GRU, no attention', { encoder: [layer('lstm', 4), layer('gru', 3)], decoder: [layer('lstm', 4), layer('gru', 3)] }],
  ['mixed, connections, attention', { embedding: 3, encoder: [layer('gru', 3, { connection: 'residual' }), layer('lstm', 3, { connection: 'highway' })], decoder: [layer('lstm', 3, { connection: 'residual' }), layer('lstm', 3)], attention: 'dot' }],
  ['RNN, an encoder deeper than the decoder, attention', { encoder: [layer('rnn', 4), layer('rnn', 3)], decoder: [layer('rnn', 3)], attention: 'dot' }],
];

describe.each(models)('total derivatives of the mean loss by the states of both stacks: %s', (_, parts) => {
  const network = translationModel(parts);
  if (!isTranslation(network)) throw new Error('this is a translation model');
  const parameters = initialParameters(network, 5);
  const data: ParameterData = new Map([...parameters].map(([name, tensor]) => [name, Float64Array.from(tensor.data, Number)]));
  const pair = pairOf(randomPairs(network, [[4, 3]], 7), 0);
  const engine = createReferenceEngine(network);
  engine.setParameters(parameters);
  const trace = engine.trace(pair, { flow: 'without-flow' });
  const read = (name: string) => numbersOf(trace.get(name)!);

  it('are of the same loss', () => expect(lossOf(network, data, pair)).toBeCloseTo(read('loss')[0]!, 12));

  describe.each([['encoder', network.encoder.layers, 4], ['decoder', network.layers, 3]] as const)('%s', (stack, layers, steps) => {
    it.each([...layers.keys()])('agree with finite differences in layer %s, at every timestep and in every unit', (l) => {
      const { cell, units } = layers[l]!;
      const place = `${stack}.layer${l}.forward`;
      for (const part of cell === 'lstm' ? (['h', 'c'] as const) : (['h'] as const)) {
        // What comes back from later: all of ∂L/∂h but what came from above, all of ∂L/∂c but what came through hₜ = o ⊙ tanh(cₜ).
        const total = read(`${place}.grad.${part}`);
        const here = part === 'h' ? read(`${place}.grad.h.partial`) : read(`${place}.grad.h`).map((dh, i) => dh * read(`${place}.gate.output`)[i]! * (1 - Math.tanh(read(`${place}.c`)[i]!) ** 2));
        const largest = Math.max(...total.map(Math.abs));
        expect(largest).toBeGreaterThan(1e-4);
        for (let t = 0; t < steps; t++) {
          for (let unit = 0; unit < units; unit++) {
            const at = (by: number) => lossOf(network, data, pair, { stack, layer: l, t, part, unit, by });
            const delta = 2e-4;
            const quotient = (at(-2 * delta) - 8 * at(-delta) + 8 * at(delta) - at(2 * delta)) / (12 * delta);
            expect(Math.abs(total[t * units + unit]! - here[t * units + unit]! - quotient) / largest, `${place}.${part}, step ${t}, unit ${unit}`).toBeLessThan(1e-8);
          }
        }
      }
    });
  });
});

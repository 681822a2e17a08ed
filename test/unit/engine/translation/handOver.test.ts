import { describe, expect, it } from 'vitest';
import { initialParameters } from '../../../../src/engine/initialise';
import { createReferenceEngine } from '../../../../src/engine/reference/referenceEngine';
import { checkGradients } from '../../../../src/training/check';
import { layer } from '../support';
import { randomPairs, translationModel, type ModelParts } from './support';

const cells = { 'tanh RNN': layer('rnn', 2), LSTM: layer('lstm', 2), GRU: layer('gru', 2), 'GRU, reset before': layer('gru', 2, { resetAfter: false }) };
const pairs = Object.entries(cells).flatMap(([read, encoder]) => Object.entries(cells).map(([written, decoder]) => [read, written, encoder, decoder] as const));

const stacks: Record<string, ModelParts> = {
  'a bidirectional encoder': { encoder: [layer('lstm', 2, { bidirectional: true })], decoder: [layer('lstm', 4)] },
  'an encoder deeper than the decoder': { encoder: [layer('gru', 3), layer('lstm', 3)], decoder: [layer('lstm', 3)] },
  'a decoder deeper than the encoder': { encoder: [layer('lstm', 3)], decoder: [layer('lstm', 3), layer('gru', 3, { connection: 'residual' })] },
  'one layer whose size does not fit': { encoder: [layer('lstm', 3), layer('lstm', 2)], decoder: [layer('lstm', 3), layer('rnn', 2), layer('gru', 2)] },
  'one-hot tokens': { encoder: [layer('lstm', 3)], decoder: [layer('gru', 3)], embedding: 0 },
};

function worst(parts: ModelParts): number {
  const network = translationModel(parts);
  const engine = createReferenceEngine(network);
  engine.setParameters(initialParameters(network, 3));
  return checkGradients(engine, randomPairs(network, [[3, 2], [2, 4], [3, 1]], 5), { perParameter: 10 }).worstRelativeError;
}

// Cells, connections, directions and losses are combined in ../gradients.test.ts; here, what is handed over to what.
describe.each(['none', 'dot'] as const)('gradients through the hand-over, attention %s', (attention) => {
  it.each(pairs)('agree with finite differences in every parameter: %s to %s', (_read, _written, encoder, decoder) => {
    expect(worst({ encoder: [encoder], decoder: [decoder], attention })).toBeLessThan(1e-8);
  });

  it.each(Object.entries(stacks))('agree with finite differences in every parameter: %s', (_, parts) => {
    expect(worst({ ...parts, attention })).toBeLessThan(1e-8);
  });
});

// The training step of ../programs/step.ts in brain.js: its networks read one sequence at a time, predict the next
// values at every position, clip by value and go by RMSprop, so a batch is as many of its own steps.
import { createRequire } from 'node:module';
import { answerSteps } from './lines.mjs';

// The other entry asks for gpu.js, which its recurrent networks do not use.
const { recurrent } = createRequire(import.meta.url)('brain.js/dist/browser.js');

await answerSteps(({ layers: [{ cell, units }], features, batch, window }) => {
  const Network = { lstm: recurrent.LSTMTimeStep, gru: recurrent.GRUTimeStep, rnn: recurrent.RNNTimeStep }[cell];
  const network = new Network({ inputSize: features, hiddenLayers: [units], outputSize: features });
  network.trainOpts = { learningRate: 1e-3 };
  network.initialize();
  const values = () => Float32Array.from({ length: features }, () => Math.random() - 0.5);
  const sequences = Array.from({ length: batch }, () => Array.from({ length: window + 1 }, values));
  return () => {
    for (const sequence of sequences) network.trainPattern(sequence, false);
  };
});

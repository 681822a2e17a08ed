// The training step of ../programs/step.ts in TensorFlow.js on its WebAssembly backend, SIMD, one thread.
import { dirname } from 'node:path';
import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { answerSteps } from './lines.mjs';

setWasmPaths(`${dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))}/`);
setThreadsCount(1);
await tf.setBackend('wasm');

await answerSteps(({ layers: [{ cell, units }], features, batch, window }) => {
  const make = { lstm: tf.layers.lstm, gru: tf.layers.gru, rnn: tf.layers.simpleRNN }[cell];
  const model = tf.sequential({ layers: [make({ units, inputShape: [window, features] }), tf.layers.dense({ units: 2 })] });
  const optimizer = tf.train.sgd(1e-3);
  const inputs = tf.randomNormal([batch, window, features]);
  const targets = tf.oneHot(tf.range(0, batch, 1, 'int32').mod(tf.scalar(2, 'int32')), 2);
  return () =>
    tf.tidy(() => {
      const { grads } = tf.variableGrads(() => tf.losses.softmaxCrossEntropy(targets, model.apply(inputs, { training: true })));
      const names = Object.keys(grads);
      const norm = tf.sqrt(tf.addN(names.map((name) => grads[name].square().sum()))).dataSync()[0];
      const scale = Math.min(1, 1 / norm);
      optimizer.applyGradients(Object.fromEntries(names.map((name) => [name, grads[name].mul(scale)])));
    });
});

/** All that the engine service does besides training; read with the first request for any of it, because nobody is to wait for it before a training's first step. */
export { recurrentSpectra } from '../training/spectrum';
export { diagnoseWeights } from './diagnosis';
export { checkSpec } from './gradientCheck';
export { gradientsLive, liveModel, StoredInspection, traceLive } from './inspection';
export { storedModel } from './storedModel';
export { wordsToWrite, writerOf } from './writing';

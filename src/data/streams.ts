import type { TokenArray } from './encodeText';
import type { SequenceBatch } from './task';

/** Predictions in each of `streams` equal parts of a text: every token but the first is predicted once, a short rest never. */
export function streamLength(tokens: number, streams: number): number {
  return Math.floor((tokens - 1) / streams);
}

/**
 * Cuts a text into B parallel streams and answers with windows across them, as stateful
 * training reads it: stream b goes on in each window where it ended in the one before.
 *
 * The result takes the first position of the window within its stream and its length T (at most
 * `longest`); `inputs` [T,B] and `targets` [T,B], the inputs' successors, are reused by the next call.
 */
export function parallelStreams(text: TokenArray, streams: number, longest: number): (start: number, steps: number) => SequenceBatch {
  const stride = streamLength(text.length, streams);
  const inputs = new Int32Array(longest * streams);
  const targets = new Int32Array(longest * streams);
  return (start, steps) => {
    for (let b = 0; b < streams; b++) {
      let at = b * stride + start;
      let token = text[at] ?? 0;
      for (let cell = b; cell < steps * streams; cell += streams) {
        const next = text[++at] ?? 0;
        inputs[cell] = token;
        targets[cell] = next;
        token = next;
      }
    }
    return { steps, sequences: streams, inputs: inputs.subarray(0, steps * streams), targets: targets.subarray(0, steps * streams) };
  };
}

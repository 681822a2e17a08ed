import { createInterface } from 'node:readline';

/** Answers each line {…network, milliseconds} with the seconds of one training step; `stepperOf` gives a function that makes one. */
export async function answerSteps(stepperOf) {
  let held;
  for await (const line of createInterface({ input: process.stdin })) {
    const { milliseconds, ...network } = JSON.parse(line);
    const key = JSON.stringify(network);
    if (held?.key !== key) {
      held = { key, step: await stepperOf(network) };
      timed(held.step, milliseconds / 2);
    }
    console.log(JSON.stringify({ seconds: timed(held.step, milliseconds) }));
  }
}

function timed(step, milliseconds) {
  const start = performance.now();
  let [steps, elapsed] = [0, 0];
  do {
    step();
    steps++;
    elapsed = performance.now() - start;
  } while (elapsed < milliseconds);
  return elapsed / steps / 1000;
}

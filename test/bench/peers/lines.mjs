import { createInterface } from 'node:readline';

/** So many turns long is a step of which one must do. */
const turnsOfLongSteps = 10;

/** Answers each line {…network, milliseconds} with the seconds of one training step, and those it computed; `stepperOf` gives a function that makes one. */
export async function answerSteps(stepperOf) {
  let held;
  for await (const line of createInterface({ input: process.stdin })) {
    const before = process.cpuUsage();
    const { milliseconds, ...network } = JSON.parse(line);
    const key = JSON.stringify(network);
    if (held?.key !== key) {
      held = { key, step: await stepperOf(network), known: undefined };
      // One step that takes many turns is warm before it ends, and is not made again.
      const first = timed(held.step, milliseconds / 2);
      if (first * 1000 > turnsOfLongSteps * milliseconds) held.known = first;
    }
    const seconds = held.known ?? timed(held.step, milliseconds);
    const { user, system } = process.cpuUsage(before);
    console.log(JSON.stringify({ seconds, computed: (user + system) / 1e6 }));
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

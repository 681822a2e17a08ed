import { createEngine } from '../../../src/engineHost/createEngine';
import { initialParameters } from '../../../src/engine/initialise';
import { Random } from '../../../src/shared/random';
import { architectureOf } from '../../../src/spec/architecture';
import { specSchema } from '../../../src/spec/schema';
import { answerLines } from '../measure/program';
import { repeat } from '../measure/repeat';

/*
 * Measures a trace with the full flow matrix: two LSTM layers of 128 that read 200 characters, `trace.js THREADS`.
 */

const [steps, kinds] = [200, 87];
const task = { kind: 'batch', loss: 'tokens', vocabulary: kinds, outputs: kinds } as const;
const spec = specSchema.parse({ version: 1, name: 'bench', task, model: { embedding: 64, layers: [{ cell: 'lstm', units: 128, repeat: 2 }] } });
const architecture = architectureOf(spec, { input: { kind: 'tokens', vocabulary: kinds }, outputs: kinds, loss: 'tokens' });
const random = Random.fromSeed(1);
const tokens = Int32Array.from({ length: steps + 1 }, () => random.below(kinds));
const batch = { steps, sequences: 1, inputs: tokens.subarray(0, steps), targets: tokens.subarray(1) };
const engine = createEngine(architecture, { threads: Number(process.argv[2] ?? 1) }).then((made) => {
  made.setParameters(initialParameters(architecture, 1));
  return made;
});

void answerLines(async ({ milliseconds }: { readonly milliseconds: number }) => {
  const tracing = await engine;
  return { seconds: repeat(() => void tracing.trace(batch, { flow: 'with-flow' }), milliseconds) };
});

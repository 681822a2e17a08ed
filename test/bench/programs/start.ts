import { join } from 'node:path';
import { EngineHost } from '../../../src/engineHost/host';
import { startTurbo } from '../../../src/engineHost/turbo';
import { startNodeWorker } from '../../../src/engineHost/workerHandle';
import { specSchema } from '../../../src/spec/schema';
import { hostThat } from '../measure/hostThat';
import { answerLines } from '../measure/program';

/*
 * Measures how long a person waits for the first training step when no engine runs yet: `start.js worker|turbo`.
 */

const spec = specSchema.parse({
  version: 1,
  name: 'bench',
  task: { kind: 'synthetic', problem: 'recall', length: 32, lag: 4 },
  model: { layers: [{ cell: 'lstm', units: 32 }] },
  training: { batch: 8, window: 32, steps: 1 },
});

const worker = join(__dirname, 'engineWorker.js');
const start = process.argv[2] === 'turbo' ? () => startTurbo({ worker, log: console.error }) : () => startNodeWorker(worker);

/** Seconds from the start of the engine to the news of the first step. */
async function firstStep(): Promise<number> {
  const begin = performance.now();
  let arrived = NaN;
  const host = new EngineHost(start, hostThat({ steps: () => void (arrived = performance.now()) }));
  const { engine } = host.lease();
  await engine.call('prepare', { run: 'bench', spec, dataFolder: __dirname });
  await engine.call('train', { run: 'bench' });
  host.terminate('measured');
  return (arrived - begin) / 1000;
}

void answerLines(async () => ({ seconds: await firstStep() }));

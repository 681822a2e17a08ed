import { loadData } from '../../../src/data/load';
import { createEngine } from '../../../src/engineHost/createEngine';
import { initialParameters } from '../../../src/engine/initialise';
import { nodeDataFiles } from '../../../src/engineHost/nodeFiles';
import { architectureOf } from '../../../src/spec/architecture';
import { specSchema } from '../../../src/spec/schema';
import { stepOperations } from '../../../src/training/benchmark';
import { TrainingSession } from '../../../src/training/trainingSession';
import { answerLines } from '../measure/program';
import { repeat } from '../measure/repeat';

/*
 * Measures real training, data feed and all: a character LSTM on a text, `moby.js THREADS`.
 */

/** What is trained; PyTorch's program trains the same. */
export interface TextRequest {
  /** Folder and name of the text. */
  readonly folder: string;
  readonly file: string;
  readonly embedding: number;
  readonly units: number;
  readonly batch: number;
  readonly window: number;
}

const threads = Number(process.argv[2] ?? 1);
let session: TrainingSession | undefined;

async function start({ folder, file, embedding, units, batch, window }: TextRequest): Promise<TrainingSession> {
  const spec = specSchema.parse({
    version: 1,
    name: 'bench',
    task: { kind: 'language-model', data: file, tokens: 'char' },
    model: { embedding, layers: [{ cell: 'lstm', units }] },
    training: { optimizer: { kind: 'adam', learningRate: 0.002 }, clip: { kind: 'norm', threshold: 5 }, batch, window, steps: 1_000_000 },
  });
  const data = await loadData(spec.task, nodeDataFiles(folder));
  const architecture = architectureOf(spec, data.sizes);
  const engine = await createEngine(architecture, { threads });
  engine.setParameters(initialParameters(architecture, 1));
  return new TrainingSession({ training: spec.training, data, engine });
}

void answerLines(async ({ milliseconds, ...request }: TextRequest & { readonly milliseconds: number }) => {
  if (!session) {
    const started = (session = await start(request));
    // Long enough for helpers to have joined.
    repeat(() => void started.step(), Math.max(200, milliseconds / 2));
  }
  const training = session;
  const { architecture } = training.engine;
  const rows = request.batch * request.window;
  // Products of the output layer: forward, weight gradients and gradients of h.
  const operations = stepOperations(architecture, rows) + rows * 6 * request.units * architecture.outputs;
  return { seconds: repeat(() => void training.step(), milliseconds), operations };
});

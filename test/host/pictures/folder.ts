import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProcess } from '../launcher/processes';
import { root } from '../root';

const steps = Number(process.env['UNROLL_SCREENSHOT_STEPS'] ?? 400);

/** A vanilla RNN that is to remember a symbol for longer than its weights can carry. */
const forgetful = {
  version: 1,
  name: 'forgetful',
  task: { kind: 'synthetic', problem: 'recall', length: 60, lag: 40 },
  model: { layers: [{ cell: 'rnn', units: 12 }] },
  training: { batch: 16, window: 60, steps: 20, seed: 1 },
};

/** The specs in the folder. */
export const pictured = { lstm: 'moby-char-lstm.rnn.json', gru: 'moby-char-gru.rnn.json', rnn: 'moby-char-rnn.rnn.json', forgetful: 'forgetful.rnn.json' } as const;

/** Lends a folder as a person has it: specs on Moby Dick, finished runs of the LSTM and of a forgetful RNN. */
export async function withPictureFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'unroll-pictures-'));
  const folder = join(scratch, 'whale');
  try {
    await mkdir(folder);
    const templates = join(root, 'media', 'templates');
    for (const spec of [pictured.lstm, pictured.gru, pictured.rnn]) await cp(join(templates, spec), join(folder, spec));
    await cp(join(templates, 'data', 'moby-dick.txt'), join(folder, 'moby-dick.txt'));
    const lstm = join(folder, pictured.lstm);
    await writeFile(lstm, (await readFile(lstm, 'utf8')).replace(/"epochs": 5/, `"steps": ${steps}, "evaluateEvery": ${steps / 4}, "checkpointEvery": ${steps / 4}`));
    await writeFile(join(folder, pictured.forgetful), `${JSON.stringify(forgetful, null, 2)}\n`);
    // The newest run is the one that the Live view shows.
    for (const spec of [pictured.forgetful, pictured.lstm]) await runProcess(process.execPath, [join(root, 'dist', 'cli.js'), 'train', join(folder, spec), '--json'], { timeout: 600_000 });
    await use(folder);
  } finally {
    await rm(scratch, { recursive: true, force: true, maxRetries: 5 });
  }
}

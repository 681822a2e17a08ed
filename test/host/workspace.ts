import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A text with structure enough to learn from, made without any file. */
export const rhyme = 'The sea is wide, the whale is white, the ship sails on all day and night. ';

/** A spec of a model that trains in a second or two. */
export const smallSpec = {
  version: 1,
  name: 'small',
  task: { kind: 'language-model', data: 'rhyme.txt', tokens: 'char' },
  model: { layers: [{ cell: 'lstm', units: 16 }] },
  training: { optimizer: { kind: 'adam', learningRate: 0.01 }, clip: { kind: 'norm', threshold: 5 }, batch: 8, window: 16, steps: 60, seed: 1 },
  inspect: { text: 'The sea is wide' },
};

/** Writes a folder with one small model and its text; returns the folder. */
export async function makeWorkspace(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'rhyme.txt'), rhyme.repeat(200));
  await writeFile(join(folder, 'small.rnn.json'), `${JSON.stringify(smallSpec, null, 2)}\n`);
  return folder;
}

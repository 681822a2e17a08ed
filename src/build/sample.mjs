// Makes a folder to try Unroll in: three specs that differ in their cell only, and the text they learn.
import { constants } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const specs = ['moby-char-lstm.rnn.json', 'moby-char-gru.rnn.json', 'moby-char-rnn.rnn.json'];

/** Copies what is not there yet, so that edits and runs of an earlier start stay. Returns the folder. */
export async function makeSample(folder = join(root, '.cache', 'sample')) {
  await mkdir(folder, { recursive: true });
  for (const file of [...specs, 'data/moby-dick.txt']) {
    await copyFile(`${root}/media/templates/${file}`, `${folder}/${file.split('/').at(-1)}`, constants.COPYFILE_EXCL).catch((error) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
  return folder;
}

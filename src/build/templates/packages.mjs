// Finds files of the packages that the templates' data come from.
import { readFile } from 'node:fs/promises';

const packages = new URL('../../../node_modules/', import.meta.url);

/** Text of a file inside an installed package. */
export async function packageFile(name, path) {
  return readFile(new URL(`${name}/${path}`, packages), 'utf8');
}

/** Lines of a text without empty ones. */
export const linesOf = (text) => text.split(/\r?\n/).filter((line) => line !== '');

/** Throws when an excerpt is not the one that the templates' stated results were measured on. */
export function expectCount(what, got, wanted) {
  if (got !== wanted) throw new Error(`${what}: ${got}, but ${wanted} were expected. Has a package changed?`);
}

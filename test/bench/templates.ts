import { parseArgs } from 'node:util';
import { reachesText } from '../../src/commands/templates';
import { listOf, trainTemplate } from '../quality/templateTraining';

const columns = [22, 6, 10, 14, 9, 10] as const;
const row = (...cells: readonly string[]): string => cells.map((cell, column) => cell.padEnd(columns[column] ?? 0)).join('');

/** Trains the templates in `folder` and prints what they reach; see templates.mjs. Tells whether all reach what they state. */
export async function main(folder: string, args: string[]): Promise<boolean> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { seeds: { type: 'string', default: '1' }, until: { type: 'string', default: 'end' } } });
  const chosen = listOf(folder).filter(({ id }) => positionals.length === 0 || positionals.includes(id));
  const until = values.until === 'reached' ? 'it-reaches' : 'its-end';
  let all = true;
  console.log(row('template', 'seed', 'value', 'step', 'seconds', 'processor', 'states'));
  for (const template of chosen) {
    for (const seed of values.seeds.split(',').map(Number)) {
      const before = process.cpuUsage();
      const { value, reached, step, steps, seconds } = await trainTemplate(folder, template, until, seed);
      const { user, system } = process.cpuUsage(before);
      console.log(row(template.id, String(seed), value.toFixed(4), `${step}/${steps}`, seconds.toFixed(1), ((user + system) / 1e6).toFixed(1), `${reachesText(template.reaches)}${reached ? '' : ' (NOT reached)'}`));
      all &&= reached;
    }
  }
  return all;
}

import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import type { Tally } from './measure/interleave';
import { describeMachine, findTorch } from './measure/machine';
import { markdown, reaches, type Report } from './measure/report';
import { median } from './measure/statistics';
import { limitTable } from './tables/limit';
import { liveTable } from './tables/live';
import { memoryTable } from './tables/memory';
import { mobyTable } from './tables/moby';
import { peersTable } from './tables/peers';
import { sizesTable } from './tables/sizes';
import { stacksTable } from './tables/stacks';
import { startTable } from './tables/start';
import { stepTable } from './tables/step';
import type { Settings, Table } from './tables/table';
import { threadsTable } from './tables/threads';
import { traceTable } from './tables/trace';
import { vanishingTable } from './tables/vanishing';

const tables: readonly Table[] = [stepTable('lstm'), stepTable('gru'), stepTable('rnn'), threadsTable, stacksTable, sizesTable, vanishingTable, mobyTable, traceTable, startTable, memoryTable, liveTable, peersTable];

/** What `--quick` measures when no table is named: half a minute. */
const quickTables = ['lstm', 'gru', 'rnn'];

/** Measures the tables that are named, or all, and prints each as soon as it is finished. */
export async function main(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      limit: { type: 'boolean', default: false },
      processes: { type: 'string', default: '3' },
      rounds: { type: 'string', default: '3' },
      milliseconds: { type: 'string', default: '100' },
      json: { type: 'string', default: join(__dirname, 'results.json') },
      'keep-disturbed': { type: 'boolean', default: false },
    },
  });
  const unknown = positionals.find((name) => !tables.some((table) => table.name === name));
  if (unknown !== undefined) throw new RangeError(`there is no table "${unknown}"; there are ${tables.map(({ name }) => name).join(', ')}`);

  const torch = findTorch();
  const effort = values.quick ? { processes: 1, rounds: 2, milliseconds: 40 } : { processes: Number(values.processes), rounds: Number(values.rounds), milliseconds: Number(values.milliseconds) };
  const machine = describeMachine();
  const missing = torch ? [] : [`PyTorch: ${process.env.UNROLL_PYTHON ?? 'python3'} has none. UNROLL_PYTHON names an interpreter that has it.`];
  console.log([machine, ...(torch ? [`PyTorch ${torch.version} (${torch.blas}, ${torch.instructions})`] : []), ...missing.map((peer) => `Not compared with ${peer}`), ''].join('\n'));

  const reports: (Report & { readonly table: string; readonly rounds: Tally })[] = [];
  const wanted = values.limit ? [limitTable] : chosen(positionals.length > 0 ? positionals : values.quick ? quickTables : tables.map(({ name }) => name));
  for (const table of wanted) {
    const tally: Tally = { kept: 0, disturbed: 0, others: [], failures: [] };
    const settings: Settings = { effort: { ...effort, disturbed: values['keep-disturbed'] ? 'keep' : 'repeat', tally }, torch, shapes: values.quick ? 'few' : 'all' };
    for (const report of await finished(table, settings)) {
      const counted = { ...report, notes: [...report.notes, ...roundNotes(settings.effort)] };
      reports.push({ table: table.name, ...counted, rounds: tally });
      console.log(markdown(counted));
    }
    // After each table: a run that is ended early has told what it found.
    writeFileSync(values.json, `${JSON.stringify({ date: new Date().toISOString(), machine, torch, missing, effort, reports: reports.map(withVerdicts) }, undefined, 2)}\n`);
  }
  console.log(`Written to ${relative('', values.json)}`);
}

/** The reports of a table; where it cannot be measured at all, one that says why. The other tables follow in any case. */
async function finished(table: Table, settings: Settings): Promise<readonly Report[]> {
  try {
    return await table.run(settings);
  } catch (error) {
    process.exitCode = 1;
    return [{ title: `The table "${table.name}"`, rows: [], notes: [`NOT MEASURED: ${(error as Error).message}.`] }];
  }
}

/** Says when other programs disturbed a table, and what of it failed. */
function roundNotes(effort: Settings['effort']): string[] {
  return [...disturbances(effort), ...new Set(effort.tally.failures.map((failure) => `Not measured: ${failure}.`))];
}

function disturbances({ disturbed: treatment, tally: { kept, disturbed, others } }: Settings['effort']): string[] {
  if (disturbed === 0) return [];
  const cores = median(others).toFixed(1);
  if (treatment === 'keep') return [`BUSY MACHINE: in ${disturbed} of ${kept} rounds other programs took about ${cores} cores; the figures are worth little.`];
  return [`${disturbed} rounds were thrown away and measured again, because other programs took about ${cores} cores; ${kept} were kept.${kept === 0 ? ' THE MACHINE WAS NEVER QUIET: nothing was measured.' : ' What stands empty was never measured undisturbed.'}`];
}

function chosen(names: readonly string[]): readonly Table[] {
  return tables.filter(({ name }) => names.includes(name));
}

/** Says of every value with a goal whether it is reached. */
function withVerdicts(report: Report): unknown {
  const rows = report.rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, cell.goal && cell.value !== undefined ? { ...cell, reached: reaches(cell.value, cell.goal) } : cell])));
  return { ...report, rows };
}

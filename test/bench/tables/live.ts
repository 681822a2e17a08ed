import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { programPath } from '../measure/contenders';
import { measureInsideCode } from '../measure/insideCode';
import { LoadWatch } from '../measure/load';
import { Program } from '../measure/program';
import { atMost, figure, milliseconds, share, words, type Report } from '../measure/report';
import { median } from '../measure/statistics';
import type { LiveAnswer, LiveRequest } from '../programs/live';
import { liveSpec } from '../programs/liveSpec';
import type { Settings, Table } from './table';

/** What a training costs the process beside it, and what looking at it costs the training. */
export const liveTable: Table = { name: 'live', run: async (settings) => [await inVsCode(settings), await inNode(settings)] };

const data = join(__dirname, '../../media/templates/data');
const file = 'moby-dick.txt';
const network = 'Character LSTM 1 × 128 on Moby Dick, batch 50, window 50';
const most = { late: atMost(50), cost: atMost(0.05) };

/** How long a machine is watched before a measurement that cannot tell by itself whether others compute, in milliseconds. */
const watching = 1_000;

async function inVsCode({ shapes, effort }: Settings): Promise<Report> {
  const title = 'A training in VS Code, and its extension host';
  const watch = new LoadWatch();
  await sleep(watching);
  const others = watch.others(0);
  if (others > 0) {
    effort.tally.disturbed++;
    effort.tally.others.push(others);
    if (effort.disturbed === 'repeat') return { title, rows: [], notes: [`Not measured: other programs take ${others.toFixed(1)} cores.`] };
  }
  const rows = [];
  for (const threads of [1, 2]) {
    const { alone, watched, late } = await measureInsideCode(liveSpec('text.txt', threads), join(data, file), { seconds: shapes === 'few' ? 3 : 5, pairs: shapes === 'few' ? 1 : 2 });
    effort.tally.kept++;
    rows.push({
      engine: words(threadsText(threads)),
      'steps/s': figure(median(alone), 1),
      'event loop late by at most': milliseconds(late.alone / 1000, most.late),
      'steps/s, Inspector open': figure(median(watched), 1),
      'late by at most then': milliseconds(late.watched / 1000, most.late),
      'the Inspector costs': share(1 - median(watched) / median(alone), most.cost),
    });
  }
  return { title, rows, notes: [`${network}; the VS Code that npm carries. The browser that draws the Inspector without a graphics card shares the cores.`] };
}

async function inNode({ shapes, effort }: Settings): Promise<Report> {
  const rows = [];
  for (const threads of [1, 2]) {
    const program = new Program(process.execPath, [programPath('live')]);
    const request: LiveRequest = { folder: data, file, threads, seconds: shapes === 'few' ? 1 : 3, pairs: shapes === 'few' ? 2 : 3 };
    const watch = new LoadWatch();
    const { alone, watched, late, traces, computed } = await program.ask<LiveAnswer & { computed: number }>(request);
    await program.stop();
    const others = watch.others(computed);
    if (others > 0) {
      effort.tally.disturbed++;
      effort.tally.others.push(others);
    }
    const isTold = others === 0 || effort.disturbed === 'keep';
    if (isTold) effort.tally.kept++;
    rows.push({
      engine: words(threadsText(threads)),
      'steps/s': figure(isTold ? median(alone) : undefined, 1),
      'with live figures': figure(isTold ? median(watched) : undefined, 1),
      'live figures cost': share(isTold ? 1 - median(watched) / median(alone) : undefined, most.cost),
      'event loop late by at most': milliseconds(isTold ? late / 1000 : undefined, most.late),
      traces: figure(traces, 0),
    });
  }
  return { title: 'The same in a plain Node process, without anything drawn', rows, notes: [`${network}; live figures: a trace with the full flow matrix of 62 characters four times a second.`] };
}

function threadsText(threads: number): string {
  return `worker, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
}

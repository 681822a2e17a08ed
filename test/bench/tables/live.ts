import { join } from 'node:path';
import { programPath } from '../measure/contenders';
import { Program } from '../measure/program';
import { atMost, figure, milliseconds, share, words, type Report } from '../measure/report';
import { median } from '../measure/statistics';
import type { LiveAnswer, LiveRequest } from '../programs/live';
import type { Settings, Table } from './table';

/** What a training costs the process beside it, and what looking at it costs the training. */
export const liveTable: Table = { name: 'live', run: async (settings) => [await measure(settings)] };

async function measure({ shapes }: Settings): Promise<Report> {
  const rows = [];
  for (const threads of [1, 2]) {
    const program = new Program(process.execPath, [programPath('live')]);
    const request: LiveRequest = { folder: join(__dirname, '../../media/templates/data'), file: 'moby-dick.txt', threads, seconds: shapes === 'few' ? 1 : 3, pairs: shapes === 'few' ? 1 : 3 };
    const { alone, watched, late, traces } = await program.ask<LiveAnswer>(request);
    await program.stop();
    rows.push({
      engine: words(`worker, ${threads} ${threads === 1 ? 'thread' : 'threads'}`),
      'steps/s': figure(median(alone), 1),
      'with live figures': figure(median(watched), 1),
      'live figures cost': share(1 - median(watched) / median(alone), atMost(0.05)),
      'event loop late by at most': milliseconds(late / 1000, atMost(50)),
      traces: figure(traces, 0),
    });
  }
  return { title: 'A training in the worker, and the process beside it', rows, notes: ['Character LSTM 1 × 128 on Moby Dick, batch 50, window 50; live figures: a trace with the full flow matrix of 62 characters four times a second. Without VS Code, in a plain Node process.'] };
}

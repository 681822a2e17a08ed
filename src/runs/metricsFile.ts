import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { Evaluation, MetricsColumns } from '../shared/run';
import type { RunEvent } from './api';
import type { WriteFile } from './atomicWrite';

/** One line of `metrics.jsonl`; numbers that are not finite become null, as JSON has it. */
export function formatEvent(event: RunEvent): string {
  return `${JSON.stringify(event)}\n`;
}

/** Appends to `metrics.jsonl`. */
export class MetricsWriter {
  private constructor(readonly file: FileHandle) {}

  static async open(path: string): Promise<MetricsWriter> {
    return new MetricsWriter(await open(path, 'a'));
  }

  async append(lines: string): Promise<void> {
    await this.file.appendFile(lines);
  }

  /** What was appended is on the disk afterwards: no checkpoint is newer than the curve. */
  async sync(): Promise<void> {
    await this.file.datasync();
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

/**
 * The events of a file, in pieces between which other work has its turn. A line that is no event is
 * passed over: the last one may be torn because its process died while writing it.
 */
async function* eventsOf(path: string): AsyncGenerator<RunEvent> {
  let rest = '';
  for await (const piece of createReadStream(path, 'utf8')) {
    const lines = (rest + String(piece)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const event = parseEvent(line);
      if (event) yield event;
    }
  }
}

function parseEvent(line: string): RunEvent | undefined {
  try {
    const event = JSON.parse(line) as RunEvent | null;
    return typeof event === 'object' && event !== null && 'event' in event ? event : undefined;
  } catch {
    return undefined;
  }
}

/** The curve of a run; empty when there is no file yet. */
export async function readMetrics(path: string): Promise<{ columns: MetricsColumns; evaluations: Evaluation[] }> {
  const columns = { step: [] as number[], loss: [] as number[], gradNorm: [] as number[], clipped: [] as number[], normAfter: [] as number[], largestParameter: [] as string[], largestShare: [] as number[], clipAngle: [] as number[], learningRate: [] as number[], seconds: [] as number[], tokens: [] as number[] };
  const evaluations: Evaluation[] = [];
  // The same few names step after step: each is kept once.
  const names = new Map<string, string>();
  const kept = (name: string): string => names.get(name) ?? (names.set(name, name), name);
  for await (const event of missingIsEmpty(eventsOf(path))) {
    if (event.event === 'step') {
      columns.step.push(event.step);
      columns.loss.push(event.loss ?? NaN);
      columns.gradNorm.push(event.gradNorm ?? NaN);
      columns.clipped.push(Number(event.clipped));
      columns.normAfter.push(event.normAfter ?? NaN);
      columns.largestParameter.push(kept(event.largestParameter ?? ''));
      columns.largestShare.push(event.largestShare ?? NaN);
      columns.clipAngle.push(event.clipAngle ?? NaN);
      columns.learningRate.push(event.learningRate);
      columns.seconds.push(event.seconds ?? NaN);
      columns.tokens.push(event.tokens ?? NaN);
    } else if (event.event === 'evaluation') evaluations.push({ step: event.step, validationLoss: event.validationLoss ?? NaN });
  }
  return {
    columns: {
      step: Float64Array.from(columns.step),
      loss: Float64Array.from(columns.loss),
      gradNorm: Float64Array.from(columns.gradNorm),
      clipped: Uint8Array.from(columns.clipped),
      normAfter: Float64Array.from(columns.normAfter),
      largestParameter: columns.largestParameter,
      largestShare: Float64Array.from(columns.largestShare),
      clipAngle: Float64Array.from(columns.clipAngle),
      learningRate: Float64Array.from(columns.learningRate),
      seconds: Float64Array.from(columns.seconds),
      tokens: Float64Array.from(columns.tokens),
    },
    evaluations,
  };
}

/** Removes what lies behind `step`, from which a training goes on, and how it ended. */
export async function rewindMetrics(path: string, step: number, write: WriteFile): Promise<void> {
  const kept: string[] = [];
  for await (const event of missingIsEmpty(eventsOf(path))) {
    if (event.event !== 'done' && event.step <= step) kept.push(formatEvent(event));
  }
  await write(path, kept.join(''));
}

async function* missingIsEmpty(events: AsyncGenerator<RunEvent>): AsyncGenerator<RunEvent> {
  try {
    yield* events;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

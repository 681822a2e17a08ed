import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineHost } from '../../../src/engineHost/host';
import { startNodeWorker } from '../../../src/engineHost/workerHandle';
import { specSchema } from '../../../src/spec/schema';
import { hostThat } from '../measure/hostThat';
import { answerLines } from '../measure/program';
import { liveSpec, watchedText } from './liveSpec';

/*
 * Trains in the worker while this process listens, as the extension host does: for a while it only takes the news of
 * steps, then it also asks for a trace four times a second, as an open Inspector does, and so on in turn.
 */

export interface LiveRequest {
  /** Folder and name of the text. */
  readonly folder: string;
  readonly file: string;
  readonly threads: number;
  /** Seconds of each phase, and how many pairs of phases. */
  readonly seconds: number;
  readonly pairs: number;
}

export interface LiveAnswer {
  /** Steps a second without and with live figures, phase by phase. */
  readonly alone: readonly number[];
  readonly watched: readonly number[];
  /** Milliseconds that this process's event loop was late at most. */
  readonly late: number;
  readonly traces: number;
}

const run = 'bench';
const beat = 250;

async function measure({ folder, file, threads, seconds, pairs }: LiveRequest): Promise<LiveAnswer> {
  const spec = specSchema.parse(liveSpec(file, threads));
  let [step, at] = [0, 0];
  const host = new EngineHost(() => startNodeWorker(join(__dirname, 'engineWorker.js')), hostThat({ steps: ({ columns }) => void ([step, at] = [columns.step.at(-1) ?? step, performance.now()]) }));
  const { engine } = host.lease();
  await engine.call('prepare', { run, spec, dataFolder: folder });
  const trained = engine.call('train', { run });
  let traces = 0;

  /** Steps a second, between the first and the last news of the phase. */
  const phase = async (figures: 'none' | 'live'): Promise<number> => {
    await sleep(2 * beat);
    const [firstStep, firstAt] = [step, at];
    const end = performance.now() + seconds * 1000;
    while (performance.now() < end) {
      const next = performance.now() + beat;
      if (figures === 'live') {
        await engine.call('trace', { weights: { kind: 'live', run }, sample: { kind: 'text', text: watchedText } });
        traces++;
      }
      await sleep(Math.max(0, next - performance.now()));
    }
    return ((step - firstStep) / (at - firstAt)) * 1000;
  };

  const delay = monitorEventLoopDelay({ resolution: 1 });
  const answer = { alone: [] as number[], watched: [] as number[] };
  await phase('none');
  delay.enable();
  for (let pair = 0; pair < pairs; pair++) {
    answer.alone.push(await phase('none'));
    answer.watched.push(await phase('live'));
  }
  delay.disable();
  await engine.call('stop', { run });
  await trained;
  host.terminate('measured');
  return { ...answer, late: delay.max / 1e6, traces };
}

void answerLines(measure);

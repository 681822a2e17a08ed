import type { RunsApi } from '../runs/api';
import type { LiveAnswer, LiveSample } from '../shared/liveProtocol';
import type { SampleTrace } from '../shared/run';
import type { Spec } from '../spec/schema';

/** The part of the runs that samples are made with. */
export type SampleRuns = Pick<RunsApi, 'generate' | 'trace'>;

/** A stored step of a run, with its spec. */
export interface SampledRun {
  readonly run: string;
  readonly step: number;
  readonly spec: Spec;
}

/** Characters that a written text has. */
const writtenLength = 160;
/** Low enough that a half-trained model writes words. */
const temperature = 0.6;
/** Answers of a long sequence that are shown: its last ones. */
const mostAnswers = 24;
/** Characters of what was read that are shown. */
const mostRead = 120;

/** Whether a model of this spec has something to show for itself: all but those on files of tensors. */
export function hasSample({ task }: Spec): boolean {
  return task.kind !== 'batch';
}

/** What the model of a stored step makes of the same sample each time: a text that it goes on with, or a held-out example that it answers. Rejects as the runs do. */
export function newestSample(runs: SampleRuns, sampled: SampledRun, signal: AbortSignal): Promise<LiveSample> {
  return sampled.spec.task.kind === 'language-model' ? written(runs, sampled, signal) : answered(runs, sampled, signal);
}

async function written(runs: SampleRuns, { run, step, spec }: SampledRun, signal: AbortSignal): Promise<LiveSample> {
  const prompt = beginningOf(spec.inspect?.text ?? '');
  const text = await runs.generate({ run, checkpoint: step, prompt, length: writtenLength, temperature, signal });
  return { step, how: `temperature ${temperature}`, prompt, text };
}

async function answered(runs: SampleRuns, { run, step, spec }: SampledRun, signal: AbortSignal): Promise<LiveSample> {
  const trace = await runs.trace({ run, checkpoint: step, sample: { kind: 'held-out', index: 0 }, flow: 'without-flow', signal });
  if (spec.task.kind !== 'translation') return { step, ...answersOf(trace) };
  // With teacher forcing it reads the right answer as it goes; by itself it reads its own.
  const prompt = trace.sample.text ?? '';
  const spaced = typeof spec.task.tokens === 'string' ? spec.task.tokens : spec.task.tokens.target;
  const text = await runs.generate({ run, checkpoint: step, prompt, signal });
  const between = spaced === 'char' ? '' : ' ';
  const right = trace.targets.slice(0, -1);
  return { step, how: 'a held-out pair, translated greedily', prompt, text, right: right.join(between), answers: sideBySide(text === '' ? [] : spaced === 'char' ? [...text] : text.split(between), right) };
}

/** What the model answered to a sample, and what is right, its last answers of many. */
export function answersOf({ tokens, targets, predictions, values, losses, sample, answer }: SampleTrace): Omit<LiveSample, 'step'> {
  const steps = losses.flatMap((loss, t) => (loss === null ? [] : [t])).slice(values ? -1 : -mostAnswers);
  const of = (texts: readonly (string | undefined)[]): readonly string[] => steps.map((t) => texts[t] ?? '');
  const [given, right] = [of(values?.answers ?? predictions.map(([first]) => first?.token)), of(targets)];
  const read = values ? tokens.slice(-4).join(', ') : (sample.text ?? tokens.join(' '));
  const prompt = read.length > mostRead ? `…${read.slice(-mostRead)}` : read;
  const [last = 0] = steps.slice(-1);
  const sure = answer === 'end' && !values ? `, ${Math.round(100 * (predictions[last]?.[0]?.probability ?? 0))} % sure` : '';
  return { how: values ? 'the end of a held-out stretch' : `a held-out example${sure}`, prompt, text: given.join(' '), right: right.join(' '), ...(values ? {} : { answers: sideBySide(given, right) }) };
}

/** Answers and what is right, place by place, as far as the longer one goes. */
function sideBySide(given: readonly string[], right: readonly string[]): readonly LiveAnswer[] {
  return Array.from({ length: Math.max(given.length, right.length) }, (_, place) => ({ given: given[place] ?? '', right: right[place] ?? '' }));
}

/** The first few words of a sample. */
function beginningOf(text: string): string {
  return /^(?:\s*\S+){1,2}/u.exec(text)?.[0] ?? '';
}

import type { Sample, TaskData } from '../../data/task';
import type { SampleChoice } from '../../shared/run';
import { lagOf } from '../../spec/synthetic';
import type { SampleContext } from './context';

/** What a sentence about a sample is made from. */
export interface SampleStory {
  readonly context: SampleContext;
  readonly choice: SampleChoice;
  readonly sample: Sample;
  /** Whose answers the targets are. */
  readonly answers: 'given' | 'of-the-model';
  /** The loaded data, for held-out samples. */
  readonly data?: Pick<TaskData, 'samples' | 'positions'>;
}

/** What a sample is and where its answers are from, in a sentence or two. */
export function sampleSentence(story: SampleStory): string {
  const { choice, context, sample, answers } = story;
  const origin = choice.kind === 'text' ? typedOrigin(context) : heldOutOrigin(story, choice.index);
  if (answers === 'given') return `${origin}${contents(context, sample)}.`;
  return context.task.kind === 'translation' ? `${origin}${contents(context, sample)}. ${openAnswer(context, sample)}` : `${origin}. ${openAnswer(context, sample)}`;
}

function typedOrigin({ task }: SampleContext): string {
  return task.kind === 'translation' ? 'A typed source' : 'A typed text';
}

const nouns = { 'language-model': 'stretch', classification: 'example', tagging: 'sequence', forecast: 'stretch', translation: 'pair', synthetic: 'sequence', batch: 'batch' } as const;

function heldOutOrigin({ context: { task }, data }: SampleStory, index: number): string {
  const count = data?.samples?.count;
  const place = `${nouns[task.kind]} ${index + 1}${count === undefined ? '' : ` of ${count.toLocaleString('en-US')}`}`;
  if (task.kind === 'synthetic') return `Fresh ${place} of the problem "${task.problem}"`;
  return data?.positions.validation === 0 ? `Training ${place} (nothing is held out)` : `Held-out ${place}`;
}

/** What stands behind the origin: labels, rows, columns, the true lag. */
function contents({ task, words }: SampleContext, { targets, rows, source }: Sample): string {
  switch (task.kind) {
    case 'classification':
      return targets[0] ? `, labelled "${targets[0]}"` : '';
    case 'translation':
      return source ? `: ${source.join(words?.kind === 'translation' && words.source.kind === 'spaced' ? ' ' : '')} → ${targets.slice(0, -1).join(words?.kind === 'translation' && words.target.kind === 'spaced' ? ' ' : '')}` : '';
    case 'forecast':
      return `${rows ? `, rows ${rows.first} to ${rows.last}` : ''}: reads ${task.inputs.join(', ')}; answers ${task.targets.join(', ')} ${task.horizon === 1 ? 'one row' : `${task.horizon} rows`} ahead`;
    case 'synthetic': {
      const lag = lagOf(task);
      return lag === undefined ? '' : `; the true lag is ${lag}`;
    }
    default:
      return '';
  }
}

/** A model's own answer as the target: the loss then says how sure it is. */
function openAnswer({ task }: SampleContext, { targets }: Sample): string {
  switch (task.kind) {
    case 'translation':
      return 'Its right translation is unknown: the target is what the model itself writes, the most probable token each time.';
    case 'classification':
      return `Its right label is unknown: the loss is that of the model’s own most probable one, "${targets[0] ?? ''}".`;
    default:
      return 'Its right answers are unknown: the losses are those of the model’s own most probable ones.';
  }
}

import type { RunInfo } from '../shared/run';
import { isUsable, parseSpec } from '../spec/parse';
import type { Spec } from '../spec/schema';
import type { RunsApi } from './api';
import { readRecord } from './record';
import { savedSpec } from './savedModel';
import { withGiven, type Given } from './startTraining';

/**
 * The newest finished run that a training of this spec text, with these options, would only repeat: same
 * task, model and training section (seed and steps as they were trained), done to the end. Undefined when
 * there is none, or when the text is no usable spec.
 */
export async function finishedRun(runs: Pick<RunsApi, 'list'>, specPath: string, text: string, given: Given = {}): Promise<RunInfo | undefined> {
  const parsed = parseSpec(text);
  if (!isUsable(parsed)) return undefined;
  const wanted = essence(withGiven(parsed.spec, given));
  for (const info of await runs.list(specPath)) {
    if (info.state === 'done' && (await trainedAs(info, given)) === wanted) return info;
  }
  return undefined;
}

/** What a run was trained as; its steps count as given where the wanted ones are. */
async function trainedAs({ folder, steps }: RunInfo, given: Given): Promise<string | undefined> {
  try {
    const [{ spec }, record] = await Promise.all([savedSpec(folder), readRecord(folder)]);
    return essence(withGiven(spec, { seed: record.seed, threads: given.threads ?? record.threads, steps: given.steps === undefined ? record.stepsGiven : steps }));
  } catch {
    return undefined;
  }
}

/** All that decides what a training does: not the model's name, nor what is inspected. */
function essence({ task, model, training }: Spec): string {
  const inOrder = Object.entries(training).sort(([a], [b]) => a.localeCompare(b));
  return JSON.stringify([task, model, Object.fromEntries(inOrder)]);
}

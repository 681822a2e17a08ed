import type { Diagnosis } from '../shared/diagnosis';
import type { Checkpoint } from '../shared/inspectorProtocol';
import type { Spec } from '../spec/schema';

/** A diagnosis with what it is of. */
export interface StandingDiagnosis {
  readonly diagnosis: Diagnosis;
  /** The run's folder; absent: the weights that the spec begins with. */
  readonly run?: string;
  readonly checkpoint: Checkpoint;
  /** The spec that was trained; absent when it could not be read again. */
  readonly spec?: Spec;
}

/** The newest diagnosis of each spec, for as long as the window is open: pages that were hidden ask for it again, and the editor offers its edits. */
export class StandingDiagnoses {
  private readonly known = new Map<string, StandingDiagnosis>();
  private readonly listeners = new Set<(specPath: string) => void>();

  keep(specPath: string, diagnosis: StandingDiagnosis): void {
    this.known.set(specPath, diagnosis);
    for (const listener of this.listeners) listener(specPath);
  }

  of(specPath: string): StandingDiagnosis | undefined {
    return this.known.get(specPath);
  }

  /** Returns a function that stops listening. */
  onDidChange(listener: (specPath: string) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }
}

/** Whether weights that somebody asks about are those that were diagnosed: of the same run, at the same stored step or the newest. */
export function isOf({ run, checkpoint }: Pick<StandingDiagnosis, 'run' | 'checkpoint'>, asked: Pick<StandingDiagnosis, 'run' | 'checkpoint'>): boolean {
  const step = (of: Checkpoint): number | undefined => (typeof of === 'number' ? of : undefined);
  return run === asked.run && step(checkpoint) === step(asked.checkpoint);
}

/** Whether a diagnosis of one spec is about the other too: the same task and model, trained in the same way, for however long. */
export function isSameExperiment(a: Spec, b: Spec): boolean {
  return JSON.stringify(decisive(a)) === JSON.stringify(decisive(b));
}

function decisive({ task, model, training: { optimizer, schedule, clip, batch, window, stateful } }: Spec): unknown {
  return { task, model, training: { optimizer, schedule, clip, batch, window, stateful } };
}

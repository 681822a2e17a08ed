import type { HostService } from '../../../src/engineHost/service';

/** What an engine reports to: hears what is given, and nothing else. */
export function hostThat(hears: Partial<HostService>): HostService {
  const nothing = (): undefined => undefined;
  return { steps: nothing, evaluation: nothing, checkpoint: () => Promise.resolve(), log: nothing, text: nothing, diagnosing: nothing, checking: nothing, ...hears };
}

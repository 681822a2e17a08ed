import type { RunsOptions } from '../runs/runs';
import { warn } from './output';

/** What `--turbo` says of itself. */
export const turboHelp = 'run the engine in a process of its own, with experimental flags of V8 that make it faster';

/** How the engine is to run by a command's flags; why it does not is told on standard error. */
export function engineFlags({ turbo }: { readonly turbo?: true }): Pick<RunsOptions, 'engine' | 'log'> {
  return { engine: () => (turbo ? 'turbo' : 'worker'), log: warn };
}

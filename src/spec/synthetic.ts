import type { TaskSpec } from './schema';

export type SyntheticTask = Extract<TaskSpec, { kind: 'synthetic' }>;

/** Symbols that the problem `copy` has to repeat. */
export const copiedSymbols = 10;

/** What does not fit between a synthetic problem, its length and its lag. */
export interface SyntheticMisfit {
  readonly key: 'length' | 'lag';
  /** What is wrong and what to do. */
  readonly message: string;
}

/** The lag of a synthetic problem: as the spec says, or else what the problem's length leaves; undefined for `adding` with freely placed marks. */
export function lagOf({ problem, length, lag }: SyntheticTask): number | undefined {
  switch (problem) {
    case 'copy':
      return lag ?? length - 2 * copiedSymbols;
    case 'brackets':
      return lag ?? length;
    case 'none':
      return lag ?? 1;
    case 'recall':
    case 'parity':
    case 'adding':
      return lag;
  }
}

/** What does not fit, the first of it; undefined when all does. */
export function syntheticMisfit(task: SyntheticTask): SyntheticMisfit | undefined {
  const { problem, length, lag } = task;
  switch (problem) {
    case 'copy': {
      const wanted = (lag ?? 1) + 2 * copiedSymbols;
      if (lag === undefined ? length >= wanted : length === wanted) return undefined;
      if (lag === undefined) return { key: 'length', message: `length must be at least ${wanted} for the problem "copy": 10 symbols, a blank or more, and the 10 again (got ${length}).` };
      return { key: 'length', message: `length must be lag + 20 = ${wanted} for the problem "copy": 10 symbols, ${lag} blanks, and the 10 again (got ${length}).` };
    }
    case 'recall':
    case 'parity':
      if (lag === undefined) return { key: 'lag', message: `lag is missing: the problem "${problem}" needs the distance to look back, such as "lag": ${Math.max(1, Math.floor(length / 2))}.` };
      return tooFar(lag, length);
    case 'none':
      return tooFar(lag ?? 1, length);
    case 'adding':
      if (length < 2) return { key: 'length', message: 'length must be at least 2 for the problem "adding": one marked value in each half.' };
      return lag === undefined ? undefined : tooFar(lag, length);
    case 'brackets':
      return length < 2 ? { key: 'length', message: 'length must be at least 2 for the problem "brackets": one opens, one closes.' } : undefined;
  }
}

function tooFar(lag: number, length: number): SyntheticMisfit | undefined {
  if (lag < length) return undefined;
  return { key: 'lag', message: `lag ${lag} must be smaller than length ${length}, or no position can look back that far.` };
}

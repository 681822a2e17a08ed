import type { RunInfo } from '../../src/shared/run';
import { formatCount } from '../format';

/** May the run still change? */
export function isActive(run: RunInfo | undefined): 'active' | 'ended' {
  return run && ['running', 'stopping'].includes(run.state) ? 'active' : 'ended';
}

const stateWords: Readonly<Record<RunInfo['state'], string>> = {
  running: 'training',
  stopping: 'stopping',
  done: 'done',
  stopped: 'stopped',
  interrupted: 'interrupted',
  diverged: 'diverged',
  failed: 'failed',
};

/** A run as the picker names it: when, how far, what became of it. */
export function runLabel(run: RunInfo): string {
  const started = new Date(run.startedAt);
  const time = started.toLocaleString('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
  return `${run.name} · ${time} · ${stateWords[run.state]}${run.state === 'done' ? '' : ` at ${formatCount(run.step)}`}`;
}

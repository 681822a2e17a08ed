import type { RunMetrics } from '../../src/shared/run';
import { formatCount } from '../format';

/** Updates whose pace says how long the rest will take. */
const recent = 100;
/** Updates of which the clipped share is told. */
export const clippedWindow = 1000;

/** Seconds of training left at the pace of the last updates; undefined before there is a pace. */
export function secondsLeft({ columns: { seconds } }: RunMetrics, updatesLeft: number): number | undefined {
  const pace = seconds?.subarray(-recent).filter(Number.isFinite);
  if (!pace || pace.length === 0) return undefined;
  return (updatesLeft * pace.reduce((sum, one) => sum + one, 0)) / pace.length;
}

/** Timesteps that the run has trained on so far. */
export function tokensRead({ columns: { tokens } }: RunMetrics): number | undefined {
  return tokens?.reduce((sum, count) => sum + (Number.isFinite(count) ? count : 0), 0);
}

/** A duration as a person says it: `30 s`, `4 min`, `2 h 10 min`. */
export function durationText(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A large count in few digits: `171 k`, `7.1 M`. */
export function shortCount(count: number): string {
  if (count < 10_000) return formatCount(Math.round(count));
  if (count < 1e6) return `${Math.round(count / 1e3)} k`;
  return `${(count / 1e6).toFixed(count < 1e7 ? 1 : 0)} M`;
}

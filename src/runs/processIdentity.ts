import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';

/** Which process trains a run, so that another can tell whether it still does. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** When the process started, in a form that only ever equals itself; absent where the system does not tell. */
  readonly started?: string;
}

/** This process. */
export async function ownIdentity(): Promise<ProcessIdentity> {
  return { pid: process.pid, host: hostname(), started: await startOf(process.pid) };
}

/**
 * Whether a process still runs. Process numbers are used again, so the start must agree as well.
 * Of a process on another machine (a shared folder) nothing is known: it counts as running.
 */
export async function isRunning({ pid, host, started }: ProcessIdentity): Promise<boolean> {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return started === undefined || started === (await startOf(pid));
}

/** Linux: boot and clock ticks since then (proc(5), stat, field 22). */
async function startOf(pid: number): Promise<string | undefined> {
  try {
    const [boot, stat] = await Promise.all([readFile('/proc/sys/kernel/random/boot_id', 'utf8'), readFile(`/proc/${pid}/stat`, 'utf8')]);
    // The second field is the program's name in parentheses and may hold anything; the 22nd is the 20th behind it.
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return ticks && `${boot.trim()}/${ticks}`;
  } catch {
    return undefined;
  }
}

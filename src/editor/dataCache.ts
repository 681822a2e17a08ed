import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { surveyData, type DataFacts } from '../data/facts';
import { taskFiles } from '../data/taskFiles';
import { nodeDataFiles } from '../engineHost/nodeFiles';
import type { DataFiles } from '../data/files';
import type { TaskSpec } from '../spec/schema';

interface Entry {
  /** Sizes and times of the files when they were read. */
  readonly stamp: string;
  readonly facts: Promise<DataFacts>;
  /** The facts once they are there. */
  settled?: DataFacts;
}

/**
 * What is known about data files, read once for each state of them. Files are read in small
 * pieces with the event loop free in between, so that typing never waits for a long text.
 */
export class DataCache {
  private readonly entries = new Map<string, Entry>();

  constructor(private readonly filesOf: (folder: string) => DataFiles = nodeDataFiles) {}

  /** Facts about the data of a task of the spec at `specPath`; rejects with a DataError. Reads only what has changed. */
  async survey(specPath: string, task: TaskSpec): Promise<DataFacts> {
    const folder = dirname(specPath);
    const key = keyOf(specPath, task);
    const stamp = await stampOf(folder, task);
    const known = this.entries.get(key);
    if (known?.stamp === stamp) return known.facts;
    const entry: Entry = { stamp, facts: surveyData(task, this.filesOf(folder)), settled: known?.settled };
    this.entries.set(key, entry);
    try {
      entry.settled = await entry.facts;
      return entry.settled;
    } catch (error) {
      // Not kept: what prevented it (a lock, a permission) need not show in sizes and times.
      if (this.entries.get(key) === entry) this.entries.delete(key);
      throw error;
    }
  }

  /** Facts read before, perhaps of an older state of the files: good enough to show while the new ones are read. */
  known(specPath: string, task: TaskSpec): DataFacts | undefined {
    return this.entries.get(keyOf(specPath, task))?.settled;
  }
}

/** Specs in one folder with the same task share their facts. */
function keyOf(specPath: string, task: TaskSpec): string {
  return JSON.stringify([dirname(specPath), task]);
}

async function stampOf(folder: string, task: TaskSpec): Promise<string> {
  const stamps = taskFiles(task).map(async (path) => {
    const { size, mtimeMs, ino } = await stat(resolve(folder, path));
    return `${size}:${mtimeMs}:${ino}`;
  });
  return (await Promise.all(stamps.map((stamp) => stamp.catch(() => 'none')))).join(' ');
}

import type { TaskSpec } from '../spec/schema';

/** Paths of a task's data files, as written in the spec; none for tasks without files. */
export function taskFiles(task: TaskSpec): readonly string[] {
  if (!('data' in task)) return [];
  return typeof task.data === 'string' ? [task.data] : task.data;
}

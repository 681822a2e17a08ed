import type { TraceSummary } from '../../src/shared/inspectorProtocol';
import type { RunInfo } from '../../src/shared/run';

/** The command line that writes this trace to a file: the same weights, as far as they are stored, and the same sample. */
export function traceCommand({ step, sample: { choice } }: Pick<TraceSummary, 'step' | 'sample'>, { specPath, folder, checkpoints }: Pick<RunInfo, 'specPath' | 'folder' | 'checkpoints'>): string {
  const quoted = specPath.includes('\\') ? powerShellQuoted : shellQuoted;
  const stored = checkpoints.includes(step) ? ['--step', String(step)] : [];
  const sample = choice.kind === 'text' ? ['--text', choice.text] : ['--sample', String(choice.index + 1)];
  return ['unroll', 'trace', specPath, '--run', folder, ...stored, ...sample, '--out', 'trace.safetensors'].map(quoted).join(' ');
}

/** What no shell gives a meaning of its own. */
const plain = /^[\w@%+=:,./-]+$/;

function shellQuoted(word: string): string {
  return plain.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function powerShellQuoted(word: string): string {
  return plain.test(word) ? word : `'${word.replaceAll("'", "''")}'`;
}

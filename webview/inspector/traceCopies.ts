import type { HostService } from '../../src/shared/inspectorProtocol';
import type { Remote } from '../../src/shared/rpc';
import type { RunInfo } from '../../src/shared/run';
import { sizeOf } from '../../src/shared/tensor';
import { formatCount } from '../format';
import type { CopyItem } from '../ui/exportMenu';
import { traceCommand } from './traceCommand';
import { traceJson } from './traceJson';
import type { TraceScene } from './scene';

/** A trace with the run that it is of. */
export interface CopiedTrace {
  readonly trace: TraceScene;
  readonly run: RunInfo;
}

/** Numbers of a trace that a clipboard and the programs that read it still take: about 40 MB of text. */
const mostNumbers = 4_000_000;

/** What can be copied of the trace that a figure is drawn from. */
export function traceCopies(host: Remote<HostService>, shown: () => CopiedTrace | undefined): readonly CopyItem[] {
  const wanted = (): CopiedTrace => {
    const copied = shown();
    if (!copied) throw new Error('nothing is traced yet.');
    return copied;
  };
  return [
    {
      label: 'Copy trace as JSON',
      async copy() {
        const { trace, run } = wanted();
        const numbers = trace.summary.tensors.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
        if (numbers > mostNumbers) throw new Error(`its ${formatCount(numbers)} numbers are too many for the clipboard. The copied CLI command writes them to a file.`);
        // The browser waits for the text itself: by the time it is here, it would no longer let a page write it.
        const text = traceJson(host, trace, run).then((json) => new Blob([json], { type: 'text/plain' }));
        await navigator.clipboard.write([new ClipboardItem({ 'text/plain': text })]);
      },
    },
    {
      label: 'Copy CLI command',
      async copy() {
        const { trace, run } = wanted();
        await navigator.clipboard.writeText(traceCommand(trace.summary, run));
      },
    },
  ];
}

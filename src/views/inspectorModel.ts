import { initialNetworks } from '../diagnosis/initial/network';
import type { InspectorState, TraceSummary, WireTensor } from '../shared/inspectorProtocol';
import { partialCellOf } from '../shared/partialCell';
import type { RunInfo } from '../shared/run';
import type { Tensor, Tensors } from '../shared/tensor';
import type { TensorView } from '../shared/tensorView';
import { bytesOf } from '../shared/wireMetrics';
import { parseSpec } from '../spec/parse';
import { computeView } from './tensorViews';

/** A run without numbers that JSON cannot carry (a diverged run's loss). */
export function sendableRun(run: RunInfo): RunInfo {
  const finite = (value: number | undefined): number | undefined => (value !== undefined && Number.isFinite(value) ? value : undefined);
  return { ...run, loss: finite(run.loss), validationLoss: finite(run.validationLoss), gradNorm: finite(run.gradNorm), tokensPerSecond: finite(run.tokensPerSecond) };
}

/** Traces and weights that a page may still ask parts of; the oldest give way. */
export class HeldTraces {
  private readonly traces = new Map<number, Tensors>();

  constructor(
    private readonly most: number,
    /** Names for what is held, each new: several holders of one page share them. */
    private readonly newName: () => number,
  ) {}

  has(name: number): boolean {
    return this.traces.has(name);
  }

  /** Keeps the tensors and returns the rest, with what the page needs to ask for them. */
  hold<T extends { readonly tensors: Tensors }>({ tensors, ...rest }: T): Omit<T, 'tensors'> & Pick<TraceSummary, 'trace' | 'tensors'> {
    const name = this.newName();
    this.traces.set(name, tensors);
    for (const oldest of this.traces.keys()) {
      if (this.traces.size <= this.most) break;
      this.traces.delete(oldest);
    }
    return { ...rest, trace: name, tensors: [...tensors].flatMap(([tensor, { shape, data }]) => (data instanceof Float32Array || data instanceof Float64Array ? [{ name: tensor, shape }] : [])) };
  }

  /** Throws a RangeError when the trace has given way, or has no such tensor. */
  view(name: number, view: TensorView): WireTensor {
    const tensors = this.traces.get(name);
    if (!tensors) throw new RangeError('That trace is no longer held; ask for it again.');
    const tensor = tensors.get(view.name) ?? partialCell(tensors, view.name);
    if (!tensor) throw new RangeError(`The trace has no tensor ${view.name}.`);
    const { shape, data } = computeView(tensor, view);
    return { dtype: data instanceof Float32Array ? 'F32' : 'F64', shape, data: bytesOf(data) };
  }

  clear(): void {
    this.traces.clear();
  }
}

function partialCell(tensors: Tensors, name: string): Tensor | undefined {
  const suffix = '.grad.c.partial';
  return name.endsWith(suffix) ? partialCellOf(tensors, name.slice(0, -suffix.length)) : undefined;
}

/** Line of a place in a text, from 1. */
function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/** State of a spec from its text (undefined: the file is not there) and its runs. */
export function inspectorState(specPath: string, text: string | undefined, runs: readonly RunInfo[]): InspectorState {
  const file = specPath.split(/[\\/]/).at(-1) ?? specPath;
  const shown = { specPath, runs: runs.map(sendableRun) };
  if (text === undefined) return { ...shown, name: file, problem: `The file ${file} is not there. It may have been moved or deleted; open it where it is now and inspect it again.` };
  const { spec, problems } = parseSpec(text);
  if (!spec) {
    const first = problems.find(({ severity }) => severity === 'error');
    // Runs keep their own copy of the spec, so an editor in the middle of a change takes nothing away.
    return runs.length > 0 ? { ...shown, name: runs[0]?.name ?? file } : { ...shown, name: file, problem: first ? `Line ${lineOf(text, first.range.start)}: ${first.message}` : 'The spec follows no known form.' };
  }
  return { ...shown, name: spec.name ?? file, task: spec.task.kind, stacks: initialNetworks(spec), ...(spec.inspect?.text === undefined ? {} : { sample: spec.inspect.text }) };
}

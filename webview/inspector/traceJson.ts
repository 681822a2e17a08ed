import type { HostService, WireTensor } from '../../src/shared/inspectorProtocol';
import type { Remote } from '../../src/shared/rpc';
import type { RunInfo } from '../../src/shared/run';
import type { TraceScene } from './scene';

/**
 * A trace as JSON: which weights and sample it is of, and its tensors by name, each with its shape and its numbers in
 * row-major order (null where there is none). Rejects when the host holds the trace no longer.
 */
export async function traceJson(host: Remote<HostService>, { summary }: TraceScene, run: RunInfo): Promise<string> {
  const { trace, tensors, ...about } = summary;
  const views = tensors.map(({ name, shape }) => ({ of: 'rows' as const, name, first: 0, count: shape[0] ?? 1 }));
  const found = await host.call('views', { trace, views });
  const numbers = tensors.map(({ name, shape }, index) => [name, { shape, data: found[index] && numbersOf(found[index]) }]);
  return JSON.stringify({ spec: run.specPath, run: run.folder, ...about, tensors: Object.fromEntries(numbers) as unknown });
}

/** Nine digits tell all float32 numbers apart. */
function numbersOf({ dtype, data }: WireTensor): number[] {
  return dtype === 'F64' ? [...new Float64Array(data)] : Array.from(new Float32Array(data), (value) => Number(value.toPrecision(9)));
}

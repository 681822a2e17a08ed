import type { Checkpoint, HostService, TraceSummary, ViewService, WireTensor } from '../../src/shared/inspectorProtocol';
import { connect, type Remote, type Transport } from '../../src/shared/rpc';
import type { Reading } from '../../src/shared/flow';
import type { Numbers, Series } from '../plots/numbers';
import { tokenColumns } from '../plots/tokenModel';
import { LayerTrace, type TraceScene } from './scene';

/** What VS Code gives a webview's script, once. */
export interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

/** The pipe to the extension host. VS Code moves ArrayBuffers by itself. */
export function hostTransport(api: VsCodeApi): Transport {
  return {
    post: (message) => api.postMessage(message),
    listen(receive) {
      const listener = (event: MessageEvent): void => receive(event.data);
      window.addEventListener('message', listener);
      return () => window.removeEventListener('message', listener);
    },
  };
}

/** Serves the page and returns the host. */
export function connectHost(api: VsCodeApi, view: ViewService): Remote<HostService> {
  return connect<HostService>(hostTransport(api), view);
}

/** Asks for the trace of a text. */
export async function openTrace(host: Remote<HostService>, request: { readonly run: string; readonly checkpoint: Checkpoint; readonly text?: string }, signal: AbortSignal): Promise<TraceSummary> {
  return host.call('openTrace', request, { signal });
}

/** Asks for all that the figures draw of one direction of one layer. */
export async function layerScene(host: Remote<HostService>, summary: TraceSummary, layer: number, direction: Reading, signal: AbortSignal): Promise<TraceScene> {
  const index = Math.min(layer, summary.layers.length - 1);
  const shape = summary.layers[index];
  if (!shape) throw new Error('The trace has no layers.');
  const reading = shape.directions.includes(direction) ? direction : 'forward';
  const prefix = `layer${index}.${reading}.`;
  const names = [...summary.tensors.map(({ name }) => name).filter((name) => name.startsWith(prefix)), 'loss.position'];
  const count = summary.tokens.length;
  const tensors = await host.call('tensors', { trace: summary.trace, names, first: 0, count }, { signal });
  const series = new Map<string, Series>();
  names.forEach((name, at) => {
    const tensor = tensors[at];
    if (tensor) series.set(name.startsWith(prefix) ? name.slice(prefix.length) : name, seriesOf(tensor));
  });
  const flow = series.get('flow');
  // The last step of a text that ends there predicts nothing: it has no loss, hence no row.
  if (flow) series.set('flow', { ...flow, steps: Math.min(flow.steps, summary.targets.length) });
  return {
    summary,
    columns: tokenColumns(summary.tokens, summary.targets, series.get('loss.position')?.data ?? []),
    layer: new LayerTrace(index, reading, shape.cell, shape.units, series),
    connection: shape.connection,
  };
}

/** A tensor [T, 1, H], [P, T] or [P] as rows over time. */
function seriesOf(tensor: WireTensor): Series {
  const data: Numbers = tensor.dtype === 'F32' ? new Float32Array(tensor.data) : new Float64Array(tensor.data);
  const steps = tensor.shape[0] ?? 0;
  return { steps, width: steps === 0 ? 0 : data.length / steps, data };
}

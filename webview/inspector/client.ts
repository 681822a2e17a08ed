import type { HostService, TraceSummary, ViewService } from '../../src/shared/inspectorProtocol';
import type { TracedLayer } from '../../src/shared/run';
import { connect, type Remote, type Transport } from '../../src/shared/rpc';
import type { Reading } from '../../src/shared/flow';
import { sourceColumns, tokenColumns } from '../plots/tokenModel';
import { LayerTrace } from './layerTrace';
import { resizedViews } from './resizedViews';
import type { AskedTrace, TraceScene } from './scene';
import { TraceViews } from './traceViews';

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

/** Which weights, sample, layer and direction are wanted. */
export interface WantedTrace extends AskedTrace {
  readonly layer: number;
  readonly direction: Reading;
}

/**
 * Asks for a trace. What `before` drew lately is asked for too before the new trace takes its place, so that
 * nothing on the page flickers while a training is followed. `flow` is that of `before`, of earlier weights, where it is
 * of the same run and text and the new trace comes without.
 */
export async function openScene(host: Remote<HostService>, { layer, direction, ...request }: WantedTrace, before: TraceScene | undefined, arrived: () => void, signal: AbortSignal): Promise<TraceScene> {
  const own = await host.call('openTrace', request, { signal });
  const earlier = request.checkpoint === 'live' && request.flow === 'without-flow' && before && isSameText(before, request, own) ? before : undefined;
  const summary = earlier ? { ...own, tensors: [...own.tensors, ...earlier.summary.tensors.filter(({ name }) => name.endsWith('.flow'))] } : own;
  const views = new TraceViews(host, summary.trace, arrived, earlier?.views.ofFlow);
  const scene = layerScene(earlier ? { ...request, flow: earlier.asked.flow } : request, summary, views, layer, direction);
  if (before) await views.load(resizedViews(before.views.lately(), before.summary.tensors, summary.tensors), signal);
  return scene;
}

function isSameText({ asked, summary }: TraceScene, { run }: AskedTrace, { tokens }: TraceSummary): boolean {
  return asked.run === run && asked.checkpoint === 'live' && summary.tokens.length === tokens.length && summary.tokens.every((token, t) => token === tokens[t]);
}

/** The same trace with another layer or direction. */
export function layerScene(asked: AskedTrace, summary: TraceSummary, views: TraceViews, layer: number, direction: Reading): TraceScene {
  const index = Math.min(layer, summary.layers.length - 1);
  const shape = summary.layers[index];
  if (!shape) throw new Error('The trace has no layers.');
  const reading = shape.directions.includes(direction) ? direction : 'forward';
  const prefix = prefixOf(shape, reading);
  const names = new Map(summary.tensors.filter(({ name }) => name.startsWith(prefix)).map(({ name, shape: sizes }) => [name.slice(prefix.length), sizes]));
  const columns = shape.reads === 'source' ? sourceColumns(summary.source ?? []) : tokenColumns(summary);
  const losses = summary.losses.filter((loss) => loss !== null).length;
  return {
    asked,
    summary,
    columns,
    layer: new LayerTrace(index, reading, shape, columns.steps, names.get('flow')?.[0] ?? 0, losses, new Set(names.keys()), views),
    connection: shape.connection,
    views,
    tensors: new Set(summary.tensors.map(({ name }) => name)),
  };
}

function prefixOf({ prefix }: TracedLayer, reading: Reading): string {
  return `${prefix}.${reading}.`;
}

import { describe, expect, it } from 'vitest';
import type { HostService } from '../../../src/shared/inspectorProtocol';
import type { Remote } from '../../../src/shared/rpc';
import type { TensorView } from '../../../src/shared/tensorView';
import { TraceViews } from '../../../webview/inspector/traceViews';

const spread: TensorView = { of: 'spread', name: 'layer0.forward.h' };
const sums: TensorView = { of: 'sums', name: 'layer0.forward.flow' };

/** A host whose numbers are that of the trace they are asked of. */
function hostOf(asked: [trace: number, names: string[]][]): Remote<HostService> {
  const call = async (_: string, { trace, views }: { readonly trace: number; readonly views: readonly TensorView[] }) => {
    asked.push([trace, views.map(({ name }) => name)]);
    return views.map(() => ({ dtype: 'F64', shape: [1], data: Float64Array.of(trace).buffer }));
  };
  return { call } as unknown as Remote<HostService>;
}

describe('views of a trace without flow', () => {
  it('show the flow matrices of the trace before, and everything else of their own', async () => {
    const asked: [number, string[]][] = [];
    const host = hostOf(asked);
    const earlier = new TraceViews(host, 1, () => undefined);
    await earlier.load([spread, sums]);
    const views = new TraceViews(host, 2, () => undefined, earlier.ofFlow);
    await views.load([spread, sums]);
    expect(asked).toEqual([[1, [spread.name, sums.name]], [2, [spread.name]]]);
    expect([views.get(spread)?.data[0], views.get(sums)?.data[0]]).toEqual([2, 1]);
  });

  it('hand on what was drawn of both, and the flow matrices themselves', async () => {
    const host = hostOf([]);
    const earlier = new TraceViews(host, 1, () => undefined);
    await earlier.load([spread, sums]);
    const views = new TraceViews(host, 2, () => undefined, earlier);
    await views.load([spread]);
    expect(views.lately()).toEqual([spread, sums]);
    expect(new TraceViews(host, 3, () => undefined, views.ofFlow).get(sums)?.data[0]).toBe(1);
  });
});

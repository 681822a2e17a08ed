import { describe, expect, it } from 'vitest';
import { UnrolledGraph, type GraphLayer } from '../../../webview/plots/graphModel';

const forward: GraphLayer = { directions: ['forward'], connection: 'none' };
const both: GraphLayer = { directions: ['forward', 'reverse'], connection: 'none' };

describe('the unrolled graph', () => {
  it('lets a forward cell have seen what came before it, and a reverse cell what comes after', () => {
    const graph = new UnrolledGraph([both], 6);
    expect(graph.seen({ layer: 0, direction: 0, t: 2 })).toEqual({ first: 0, last: 2 });
    expect(graph.seen({ layer: 0, direction: 1, t: 2 })).toEqual({ first: 2, last: 5 });
  });

  it('lets every cell above a bidirectional layer have seen the whole sequence', () => {
    const graph = new UnrolledGraph([both, forward, forward], 6);
    for (const layer of [1, 2]) for (let t = 0; t < 6; t++) expect(graph.seen({ layer, direction: 0, t })).toEqual({ first: 0, last: 5 });
  });

  it('runs a stack of forward layers in as many wavefronts as it has layers and steps, less one', () => {
    const graph = new UnrolledGraph([forward, forward, forward], 5);
    const groups = graph.groups('wavefront');
    expect(groups).toHaveLength(3 + 5 - 1);
    expect(Math.max(...groups.map(({ length }) => length))).toBe(3);
    for (const [level, cells] of groups.entries()) for (const cell of cells) expect(cell.layer + cell.t).toBe(level);
  });

  it('runs every cell exactly once in each mode', () => {
    const graph = new UnrolledGraph([both, forward], 4);
    const names = (mode: 'layer-major' | 'time-major' | 'wavefront') => graph.groups(mode).flat().map(({ layer, direction, t }) => `${layer}${direction}${t}`);
    expect(names('layer-major')).toHaveLength(12);
    expect(new Set(names('layer-major')).size).toBe(12);
    expect(names('time-major').sort()).toEqual(names('layer-major').sort());
    expect(names('wavefront').sort()).toEqual(names('layer-major').sort());
  });
});

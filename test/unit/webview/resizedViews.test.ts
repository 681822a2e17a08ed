import { describe, expect, it } from 'vitest';
import type { TensorView } from '../../../src/shared/tensorView';
import { resizedViews } from '../../../webview/inspector/resizedViews';

const entries = (steps: number, more: readonly string[] = []) => [
  { name: 'layer0.forward.h', shape: [steps, 1, 128] },
  { name: 'layer0.forward.flow', shape: [steps, steps] },
  ...more.map((name) => ({ name, shape: [steps, 1, 128] })),
];

describe('the views of a trace, for a text of another length', () => {
  it('reach to the end where they did', () => {
    const views: TensorView[] = [
      { of: 'rows', name: 'layer0.forward.flow', first: 199, count: 1 },
      { of: 'rows', name: 'layer0.forward.flow', first: 198, count: 1 },
      { of: 'rows', name: 'layer0.forward.h', first: 0, count: 200 },
      { of: 'cells', name: 'layer0.forward.h', first: 192, count: 8, bin: 1, left: 0, width: 128, widthBin: 1 },
      { of: 'cells', name: 'layer0.forward.flow', first: 0, count: 200, bin: 1, left: 0, width: 200, widthBin: 1 },
    ];
    expect(resizedViews(views, entries(200), entries(199))).toEqual([
      { ...views[0], first: 198 },
      { ...views[1], first: 197 },
      { ...views[2], count: 199 },
      { ...views[3], count: 7 },
      { ...views[4], count: 199, width: 199 },
    ]);
  });

  it('stay where they lie before the end, and are left out behind it', () => {
    const early: TensorView = { of: 'cells', name: 'layer0.forward.h', first: 0, count: 64, bin: 1, left: 0, width: 128, widthBin: 1 };
    const late: TensorView = { ...early, first: 64 };
    const pinned: TensorView = { of: 'rows', name: 'layer0.forward.flow', first: 100, count: 1 };
    expect(resizedViews([early, late, pinned], entries(200), entries(80))).toEqual([early]);
  });

  it('ask only for what the other trace has, and for what is made of it', () => {
    const views: TensorView[] = ['h', 'c', 'grad.c.partial'].map((name) => ({ of: 'spread', name: `layer0.forward.${name}` }));
    expect(resizedViews(views, entries(9, ['layer0.forward.c', 'layer0.forward.grad.c']), entries(9))).toEqual([views[0]]);
    expect(resizedViews(views, entries(9, ['layer0.forward.grad.c']), entries(8, ['layer0.forward.grad.c']))).toEqual([views[0], views[2]]);
  });
});

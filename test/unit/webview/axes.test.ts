import { describe, expect, it } from 'vitest';
import { colorMaps, type ThemeKind } from '../../../webview/colorMaps';
import { formatCount, formatFixed, formatNumber, formatPercent } from '../../../webview/format';
import { gradientDecades, logitScale, powerOfTen, symmetric } from '../../../webview/plots/scales';
import { clampWindow, columnAt, columnCentre, columnTicks, defaultWindow, layOut, windowAround, zoomWindow } from '../../../webview/plots/timeAxis';
import { columnOfLoss, lossOfColumn, tokenColumns, visibleToken, stepsToLastLoss } from '../../../webview/plots/tokenModel';
import { initialState, restoredState, targetedState } from '../../../webview/inspector/viewState';

describe('the time axis', () => {
  it('shows every column while they are nine pixels wide, else the last ones', () => {
    expect(defaultWindow(85, 900)).toEqual({ first: 0, count: 85, total: 85 });
    expect(defaultWindow(85, 400)).toEqual({ first: 41, count: 44, total: 85 });
  });

  it('puts a column at the same place it is found at', () => {
    const axis = layOut({ first: 41, count: 44, total: 85 }, 466, 44, 22);
    for (const column of [41, 60, 84]) expect(columnAt(axis, columnCentre(axis, column))).toBe(column);
    expect(columnAt(axis, 43)).toBeUndefined();
    expect(columnAt(axis, 445)).toBeUndefined();
  });

  it('moves by no more than it must to show a column', () => {
    const window = clampWindow(20, 10, 100);
    expect(windowAround(window, 25).first).toBe(20);
    expect(windowAround(window, 30).first).toBe(21);
    expect(windowAround(window, 3).first).toBe(3);
  });

  it('zooms about the pointer and stops at eight columns and at four columns a pixel', () => {
    const window = clampWindow(0, 100, 1000);
    const closer = zoomWindow(window, 50, 0.5, 900);
    expect(closer).toEqual({ first: 25, count: 50, total: 1000 });
    expect(zoomWindow(window, 50, 0.001, 900).count).toBe(8);
    expect(zoomWindow(clampWindow(0, 100, 9000), 50, 99, 900).count).toBe(3600);
  });

  it('numbers columns at round steps', () => {
    expect(columnTicks(layOut({ first: 0, count: 85, total: 85 }, 977, 70, 22))).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80]);
  });
});

describe('columns of tokens', () => {
  const text = { tokens: ['a', 'b', 'c'], answer: 'next' as const, targets: ['b', 'c', ''], losses: [0.5, 0.25, null] };

  it('put the loss of what step t predicts on token t + 1', () => {
    const columns = tokenColumns(text);
    expect(columns.tokens).toEqual(['a', 'b', 'c']);
    expect(columns.steps).toBe(3);
    expect([...columns.surprisal]).toEqual([Number.NaN, 0.5, 0.25]);
    expect([0, 1, 2].map((column) => lossOfColumn(columns, column))).toEqual([undefined, 0, 1]);
    expect(columnOfLoss(columns, 1)).toBe(2);
  });

  it('have one more when the last prediction has an answer of its own', () => {
    const { tokens, steps, surprisal } = tokenColumns({ tokens: ['a', 'b'], answer: 'next', targets: ['b', 'c'], losses: [0.5, 0.25] });
    expect([tokens, steps, [...surprisal]]).toEqual([['a', 'b', 'c'], 2, [Number.NaN, 0.5, 0.25]]);
  });

  it('put an answer that is of its own step, or of the whole sequence, on that step', () => {
    const tags = tokenColumns({ tokens: ['the', 'cat'], answer: 'here', targets: ['D', 'N'], losses: [0.1, 0.2] });
    expect([[...tags.surprisal], tags.answers, lossOfColumn(tags, 0)]).toEqual([[0.1, 0.2], ['D', 'N'], 0]);
    const label = tokenColumns({ tokens: ['a', 'b'], answer: 'end', targets: ['', 'girl'], losses: [null, 0.7] });
    expect([[...label.surprisal], lossOfColumn(label, 0), lossOfColumn(label, 1)]).toEqual([[Number.NaN, 0.7], undefined, 1]);
  });

  it('show white space', () => {
    expect([' ', '\n', '\t', 'x y'].map(visibleToken)).toEqual(['·', '↵', '⇥', 'x·y']);
  });
});

describe('scales', () => {
  it('are absolute for gradients: eight decades up to 1, zero at the bottom, nothing beyond the ends', () => {
    expect([1, 1e-8, 0, 1e-20, 1e3].map(gradientDecades.place)).toEqual([1, 0, 0, 0, 1]);
    expect(gradientDecades.place(1e-4)).toBeCloseTo(0.5, 12);
    expect(gradientDecades.ticks.map(({ label }) => label)).toEqual(['1', '10⁻²', '10⁻⁴', '10⁻⁶', '10⁻⁸']);
  });

  it('give 0.9 and 0.99 of a gate room between them', () => {
    expect(logitScale.place(0.99)).toBe(1);
    expect(logitScale.place(0.5)).toBe(0.5);
    expect(logitScale.place(0.9)).toBeCloseTo(0.739, 3);
    expect(logitScale.place(0.0001)).toBeCloseTo(0, 12);
  });

  it('keep "no number" what it is', () => {
    for (const scale of [gradientDecades, logitScale, symmetric(1)]) expect(scale.place(Number.NaN)).toBeNaN();
  });
});

describe('colours', () => {
  const kinds: ThemeKind[] = ['vscode-dark', 'vscode-light', 'vscode-high-contrast', 'vscode-high-contrast-light'];

  it.each(kinds)('run evenly from near the background to far from it in %s', (kind) => {
    const { state, signal } = colorMaps(kind);
    const light = kind.endsWith('light');
    for (const map of [state, signal]) {
      const luminance = Array.from({ length: 33 }, (_, index) => map.luminance(index / 32));
      for (let index = 1; index < 33; index++) expect(Math.sign(luminance[index]! - luminance[index - 1]!), `${index}`).toBe(light ? -1 : 1);
    }
  });

  it('leave cells without a number transparent', () => {
    const { state } = colorMaps('vscode-dark');
    const image = new Uint32Array([Number.NaN, 1].map((place) => state.pixel(place)));
    expect([...new Uint8ClampedArray(image.buffer)]).toEqual([0, 0, 0, 0, 253, 231, 37, 255]);
  });
});

describe('numbers', () => {
  it('are written as a person does', () => {
    expect([0.0183, 0.0093, 3.14159, 1234.6, 0, -0.5, 2e7].map(formatNumber)).toEqual(['0.0183', '9.3·10⁻³', '3.14', '1235', '0', '−0.500', '2.0·10⁷']);
    expect([undefined, null, Number.NaN, Infinity].map(formatNumber)).toEqual(['—', '—', '—', '∞']);
    expect([formatFixed(-0.0741, 3), formatPercent(0.4837), formatCount(4000), powerOfTen(-24)]).toEqual(['−0.074', '48.4 %', '4,000', '10⁻²⁴']);
  });
});

describe('what a view remembers', () => {
  it('is checked before it is used', () => {
    const stored = { specPath: '/a', layer: 2, checkpoint: 50, direction: 'sideways', pinned: 'none', open: ['c', 4], tables: 'no', cursor: -1, window: { first: 1, count: 'x' } };
    expect(restoredState(stored)).toEqual({ ...initialState('/a'), layer: 2, checkpoint: 50, pinned: 'none', open: ['c'] });
    expect(restoredState(undefined)).toEqual(initialState(''));
  });

  it('gives way to what somebody asks for, and starts anew for another spec', () => {
    const view = { ...initialState('/a'), layer: 1 };
    expect(targetedState(view, { specPath: '/a', run: '/r', checkpoint: 7 })).toEqual({ ...view, run: '/r', checkpoint: 7 });
    expect(targetedState(view, { specPath: '/b' })).toEqual(initialState('/b'));
  });
});

describe('the steps that a gradient can come to', () => {
  it('end with the last loss, whatever lies without one before it', () => {
    expect([[0.5, 1, null], [null, null, 2], [null, 1, null, null], [null], []].map(stepsToLastLoss)).toEqual([2, 3, 2, 0, 0]);
  });
});

import { describe, expect, it } from 'vitest';
import { traceCommand } from '../../../webview/inspector/traceCommand';
import { barOf, shareBars } from '../../../webview/plots/shareBars';
import { mostInBar, placeUnits, unitsAt } from '../../../webview/plots/unitDistribution';

describe('bars of flagged steps', () => {
  const flags = Uint8Array.from({ length: 103 }, (_, index) => Number(index % 3 === 0));

  it('hold every step once, in at most forty bars of one size but the last', () => {
    const bars = shareBars(flags);
    expect(bars.length).toBe(35);
    expect(bars.map(({ first, last }) => last - first + 1)).toEqual([...new Array<number>(34).fill(3), 1]);
    expect(bars.reduce((sum, { count }) => sum + count, 0)).toBe(flags.reduce((sum, flag) => sum + flag, 0));
    expect(bars[4]).toEqual({ first: 12, last: 14, count: 1, share: 1 / 3 });
  });

  it('are found by any of their steps', () => {
    expect(barOf(flags, 13)).toEqual(shareBars(flags)[4]);
    expect(barOf(flags, 102)).toEqual(shareBars(flags)[34]);
    expect(shareBars(new Uint8Array())).toEqual([]);
  });
});

describe('units along an axis', () => {
  const row = (units: number, spread: number): number[] => Array.from({ length: units }, (_, unit) => 100 + (((unit * 37) % 101) / 101) * spread);

  it('are a dot each while they have room, none on another', () => {
    const [place] = placeUnits([row(40, 150)], 18, 68);
    expect(place!.bars).toEqual([]);
    expect(place!.dots.length).toBe(40);
    for (const a of place!.dots) for (const b of place!.dots) if (a !== b) expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThanOrEqual(4.59);
    for (const { y } of place!.dots) expect(y).toBeGreaterThanOrEqual(18);
  });

  it.each([128, 1024])('are counted in bars where %i of them would be a wall, in every row alike', (units) => {
    const places = placeUnits([row(units, 30), row(8, 150)], 18, 68);
    expect(places.flatMap(({ dots }) => dots)).toEqual([]);
    expect(places.map(({ bars }) => bars.reduce((sum, bar) => sum + bar.units.length, 0))).toEqual([units, 8]);
    expect(mostInBar(places[0]!)).toBeGreaterThanOrEqual(units / 7);
    expect(places[1]!.bottom).toBeLessThanOrEqual(18 + 2 * 84);
  });

  it('are found under the pointer, and leave out what has no number', () => {
    const [dots] = placeUnits([[100, Number.NaN, 160]], 18, 68);
    expect(unitsAt(dots!, 103, dots!.dots[0]!.y + 2)).toEqual([0]);
    expect(unitsAt(dots!, 130, dots!.dots[0]!.y)).toEqual([]);
    const [bars] = placeUnits([new Array<number>(200).fill(101)], 18, 68);
    expect(unitsAt(bars!, 101, 30)).toEqual(Array.from({ length: 200 }, (_, unit) => unit));
    expect(unitsAt(bars!, 101, 5)).toEqual([]);
  });
});

describe('the command that writes a trace', () => {
  const run = { specPath: '/models/my spec.rnn.json', folder: '/models/.unroll/a/run-1', checkpoints: [50, 100] };
  const text = { sentence: '', choice: { kind: 'text' as const, text: "it's a test\nof words" } };

  it('quotes for a shell what needs it', () => {
    expect(traceCommand({ step: 50, sample: text }, run)).toBe("unroll trace '/models/my spec.rnn.json' --run /models/.unroll/a/run-1 --step 50 --text 'it'\\''s a test\nof words' --out trace.safetensors");
  });

  it('leaves out a step that is not stored, and counts held-out samples from 1', () => {
    expect(traceCommand({ step: 57, sample: { sentence: '', choice: { kind: 'held-out', index: 0 } } }, { ...run, specPath: '/m/a.rnn.json' })).toBe('unroll trace /m/a.rnn.json --run /models/.unroll/a/run-1 --sample 1 --out trace.safetensors');
  });

  it('quotes for PowerShell where paths are those of Windows', () => {
    expect(traceCommand({ step: 50, sample: text }, { ...run, specPath: 'C:\\models\\a.rnn.json' })).toContain("'C:\\models\\a.rnn.json' --run /models/.unroll/a/run-1 --step 50 --text 'it''s a test");
  });
});

import { getLocation } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import { initialCarry } from '../../../src/diagnosis/initial/initialCarry';
import { decayMarkdown, decaySvg, type HoverTheme } from '../../../src/editor/decaySvg';
import { InitialReach, reachedLayer, reachHint, reachHints } from '../../../src/editor/initialReach';
import { parseSpec } from '../../../src/spec/parse';
import { marked } from '../markers';

const adding = '"task": { "kind": "synthetic", "problem": "adding", "length": 20 }';
const spec = (layers: string): string => `{ "version": 1, "name": "m", ${adding}, "model": { "layers": [${layers}] } }`;
const everywhere = { start: 0, end: 1e6 };

/** The text with its hints where they stand. */
function hinted(text: string, within = everywhere): string {
  const hints = reachHints(parseSpec(text), new InitialReach(), within);
  return [...hints].reverse().reduce((out, { offset, label }) => `${out.slice(0, offset)}‹${label}›${out.slice(offset)}`, text);
}

const carryOf = (text: string) => initialCarry({ input: { kind: 'values', features: 2 }, layers: parseSpec(text).spec!.model.layers!, seed: 1 });

describe('the hint of a layer', () => {
  it('tells behind the layer how far it reaches before any training', () => {
    const text = spec('{ "cell": "rnn", "units": 16 }, { "cell": "lstm", "units": 16, "forgetBias": 6 }');
    const [vanilla] = carryOf(text);
    expect(vanilla!.reach).toBeLessThan(20);
    expect(hinted(text)).toContain(`{ "cell": "rnn", "units": 16 }‹reaches ≈ ${vanilla!.reach} steps at initialisation›, { "cell": "lstm", "units": 16, "forgetBias": 6 }‹reaches beyond 200 steps at initialisation›`);
  });

  it('stands behind the cell of a layer on several lines', () => {
    expect(hinted(spec('{\n "cell": "gru",\n "units": 8\n}'))).toMatch(/"cell": "gru"‹reaches ≈ \d+ steps at initialisation›,\n/);
  });

  it('is of all repetitions of a layer, in order', () => {
    const text = spec('{ "cell": "gru", "units": 8, "repeat": 2 }, { "cell": "rnn", "units": 8, "init": "orthogonal" }');
    const [first, second, third] = carryOf(text);
    expect(reachHints(parseSpec(text), new InitialReach(), everywhere).map(({ label }) => label)).toEqual([reachHint([first!, second!]), reachHint([third!])]);
  });

  it('is given for the asked piece of the text only, and for nothing that cannot be built or read', () => {
    const text = spec('{ "cell": "gru", "units": 8 }');
    expect(hinted(text, { start: 0, end: 20 })).toBe(text);
    const misfit = spec('{ "cell": "gru", "units": 8, "connection": "residual" }');
    expect(hinted(misfit)).toBe(misfit);
    expect(hinted('{ "version": ')).toBe('{ "version": ');
  });

  it.each([
    [[1], 'reaches ≈ 1 step at initialisation'],
    [[14], 'reaches ≈ 14 steps at initialisation'],
    [[137], 'reaches ≈ 140 steps at initialisation'],
    [[14, 9], 'reaches ≈ 9 to 14 steps at initialisation'],
    [[14, 200], 'reaches ≈ 14 to beyond 200 steps at initialisation'],
    [[200, 200], 'reaches beyond 200 steps at initialisation'],
  ])('of reaches %j says "%s"', (reaches, words) => {
    expect(reachHint(reaches.map((reach) => ({ layer: 0, state: 'h', rms: [], reach })))).toBe(words);
  });

  it('is computed once for the same layers, also when other parts of the spec change', () => {
    const reach = new InitialReach();
    const [first] = reachHints(parseSpec(spec('{ "cell": "gru", "units": 8 }')), reach, everywhere);
    const [again] = reachHints(parseSpec(spec('{ "cell": "gru", "units": 8 }').replace('"m"', '"other"')), reach, everywhere);
    const [other] = reachHints(parseSpec(spec('{ "cell": "gru", "units": 9 }')), reach, everywhere);
    expect(again!.layer.curves[0]).toBe(first!.layer.curves[0]);
    expect(other!.layer.curves[0]).not.toBe(first!.layer.curves[0]);
  });
});

describe('the hover of a layer', () => {
  const layerAt = (source: string) => {
    const { text, ranges } = marked(source);
    return reachedLayer(parseSpec(text), getLocation(text, ranges[0]!.start).path, new InitialReach());
  };

  it.each([['"ce<|>ll": "lstm", "units": 8'], ['"cell": "lstm", "units": <|>8'], ['"cell": "lstm", "units": 8, "forget<|>Bias": 2'], ['"cell": "gru", "units": 8, "gateBias": { "up<|>date": 2 }'], ['"cell": "gru", "units": 8 <|>']])('belongs to what decides the reach: %s', (inside) => {
    expect(layerAt(spec(`{ ${inside} }`))?.path).toEqual(['model', 'layers', 0]);
  });

  it('belongs to nothing else', () => {
    expect(layerAt(spec('{ "cell": "lstm", "units": 8, "drop<|>out": 0.1 }'))).toBeUndefined();
    expect(layerAt('{ "version": 1, "na<|>me": "m" }')).toBeUndefined();
  });

  it.each<HoverTheme>(['dark', 'light', 'high-contrast', 'high-contrast-light'])('draws every curve as far as its decades go, for a %s theme', (theme) => {
    const flat = Array.from({ length: 201 }, () => 1);
    const falling = Array.from({ length: 201 }, (_, lag) => 10 ** (-0.5 * lag));
    const svg = decaySvg([{ layer: 0, state: 'h', rms: flat, reach: 200 }, { layer: 1, state: 'h', rms: falling, reach: 4 }], theme);
    const curves = [...svg.matchAll(/<path d="(M[^"]*)" fill="none"/g)].map(([, path]) => path!.split('L').length);
    // 10⁻⁸ is reached after 16 steps.
    expect(curves).toEqual([201, 17]);
    expect(svg).not.toContain('NaN');
  });

  it('is an image in Markdown, with what it says in words', () => {
    const markdown = decayMarkdown([{ layer: 0, state: 'h', rms: [1, 0.1], reach: 1 }], 'reaches ≈ 1 step at initialisation', 'dark');
    expect(markdown).toContain('**reaches ≈ 1 step at initialisation**');
    const data = /!\[[^\]]+\]\(data:image\/svg\+xml;base64,([A-Za-z0-9+/=]+)\)/.exec(markdown)![1]!;
    expect(Buffer.from(data, 'base64').toString()).toMatch(/^<svg .*<\/svg>$/);
  });
});

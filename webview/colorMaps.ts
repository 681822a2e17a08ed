import { scaleLinear } from 'd3-scale';

/** The four kinds of theme that VS Code tells a webview. */
export type ThemeKind = 'vscode-dark' | 'vscode-light' | 'vscode-high-contrast' | 'vscode-high-contrast-light';

const size = 512;

/** Colours for numbers between 0 and 1, from a table of 512 entries. */
export class ColorMap {
  private readonly table: readonly string[];
  private readonly bytes: Uint8ClampedArray;
  private readonly pixels: Uint32Array;

  /** Evenly spaced CSS colours from 0 to 1, interpolated in sRGB. */
  constructor(readonly stops: readonly string[]) {
    const scale = scaleLinear<string>()
      .domain(stops.map((_, index) => index / (stops.length - 1)))
      .range([...stops]);
    this.table = Array.from({ length: size }, (_, index) => scale(index / (size - 1)));
    this.bytes = new Uint8ClampedArray(this.table.flatMap((color) => (color.match(/\d+/g) ?? []).slice(0, 3).map(Number)));
    const rgba = Uint8ClampedArray.from({ length: 4 * size }, (_, index) => (index % 4 === 3 ? 255 : (this.bytes[3 * (index >> 2) + (index % 4)] ?? 0)));
    this.pixels = new Uint32Array(rgba.buffer);
  }

  /** CSS colour of a place on the scale; transparent for NaN. */
  css(place: number): string {
    return this.table[indexOf(place)] ?? 'transparent';
  }

  /** The colour as a pixel of an `ImageData` that is seen as 32-bit integers; transparent for NaN. */
  pixel(place: number): number {
    return Number.isNaN(place) ? 0 : (this.pixels[indexOf(place)] ?? 0);
  }

  /** Relative luminance (WCAG) of a place's colour, to choose the colour of text upon it. */
  luminance(place: number): number {
    const from = 3 * indexOf(place);
    const [red, green, blue] = [0, 1, 2].map((channel) => {
      const share = (this.bytes[from + channel] ?? 0) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0);
  }
}

function indexOf(place: number): number {
  return Math.round(Math.min(1, Math.max(0, place)) * (size - 1));
}

/** Matplotlib's viridis and a blue–orange diverging map; high values always lie furthest from the background. */
const viridis = ['#440154', '#482878', '#3e4989', '#31688e', '#26828e', '#1f9e89', '#35b779', '#6ece58', '#b5de2b', '#fde725'];
const magma = ['#160e37', '#2c115f', '#51127c', '#721f81', '#9e2f7f', '#cd4071', '#f1605d', '#fd9668', '#feca8d', '#fcfdbf'];
const magmaOnBlack = ['#000000', '#2c115f', '#721f81', '#cd4071', '#fd9668', '#fcfdbf', '#ffffff'];
const signedDark = ['#7cc4ff', '#3f82bd', '#2b3f52', '#262626', '#54402c', '#c07a35', '#ffb86b'];
const signedLight = ['#08519c', '#4d8fca', '#bcd6ec', '#f4f4f4', '#f3d3ae', '#cf7a25', '#8c3f00'];
const signedOnBlack = ['#6cc4ff', '#2f6ea8', '#000000', '#a85f1c', '#ffb454'];

/** The three maps of a theme. */
export interface ColorMaps {
  /** Gates, 0 to 1. */
  readonly state: ColorMap;
  /** Surprisal and gradients. */
  readonly signal: ColorMap;
  /** Values around zero; zero is the background. */
  readonly signed: ColorMap;
}

/** Perceptually ordered and colour-blind safe maps for a kind of theme. */
export function colorMaps(kind: ThemeKind): ColorMaps {
  const light = kind === 'vscode-light' || kind === 'vscode-high-contrast-light';
  const signed = light ? signedLight : kind === 'vscode-dark' ? signedDark : signedOnBlack;
  const signal = light ? [...magma].reverse() : kind === 'vscode-dark' ? magma : magmaOnBlack;
  return { state: new ColorMap(light ? [...viridis].reverse() : viridis), signal: new ColorMap(signal), signed: new ColorMap(signed) };
}

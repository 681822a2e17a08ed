/**
 * How the features of a row lie in memory. Matrices are column panels of 8, X[rows][F] as [F/8][rows][8], so
 * each part of a row (the states of one direction, one gate) is padded to a multiple of 8 by columns that stay 0.
 */
export interface Columns {
  /** Real features. */
  readonly size: number;
  /** Panels of 8 with padding. */
  readonly panels: number;
  /** Padded column of each real feature [size]. */
  readonly place: Int32Array;
}

/** Panels that hold this many features. */
export function panelsOf(features: number): number {
  return Math.ceil(features / 8);
}

/** Columns of one part. */
export function plainColumns(size: number): Columns {
  const place = new Int32Array(size);
  for (let i = 0; i < size; i++) place[i] = i;
  return { size, panels: panelsOf(size), place };
}

/** Parts side by side, each padded by itself. */
export function joinColumns(parts: readonly Columns[]): Columns {
  const panels = parts.reduce((sum, part) => sum + part.panels, 0);
  const place: number[] = [];
  let first = 0;
  for (const part of parts) {
    for (const column of part.place) place.push(first + column);
    first += part.panels * 8;
  }
  return { size: place.length, panels, place: Int32Array.from(place) };
}

/** Gates of `units` units each, PyTorch's gate g in block `blocks[g]`. */
export function gateColumns(units: number, blocks: readonly number[]): Columns {
  const width = panelsOf(units) * 8;
  const place = new Int32Array(blocks.length * units);
  blocks.forEach((block, gate) => {
    for (let i = 0; i < units; i++) place[gate * units + i] = block * width + i;
  });
  return { size: place.length, panels: blocks.length * panelsOf(units), place };
}

/** Whether two arrangements put every feature at the same place. */
export function sameColumns(a: Columns, b: Columns): boolean {
  return a.size === b.size && a.place.every((column, i) => column === b.place[i]);
}

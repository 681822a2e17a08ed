import { max } from 'd3-array';
import { swarm } from './swarmModel';

/** A unit on the axis: its index, and where it stands in CSS pixels. */
export interface UnitDot {
  readonly unit: number;
  readonly x: number;
  readonly y: number;
}

/** Units that share a part of the axis, [left, right) in CSS pixels. */
export interface UnitBar {
  readonly left: number;
  readonly right: number;
  readonly units: readonly number[];
}

/** One row of units along an axis, from `top` to `bottom`: a dot for each while they have room, else bars that count them. */
export interface UnitRowPlace {
  readonly top: number;
  readonly bottom: number;
  readonly dots: readonly UnitDot[];
  readonly bars: readonly UnitBar[];
}

/** Width of a dot with the space round it, and of a bar, in CSS pixels. */
const [dot, barWidth] = [4.6, 5];

/** Heights of a row, in CSS pixels: all rows together get about `fairHeight`. */
const [lowestRow, highestRow, fairHeight] = [26, 84, 132];

/**
 * Lays rows of units out below each other. `places` are pixels along the axis by unit, [rows][units], NaN where there is
 * none. Either all rows are dots or all are bars: what looks alike is to be compared.
 */
export function placeUnits(places: readonly (readonly number[])[], top: number, left: number): readonly UnitRowPlace[] {
  const room = Math.min(highestRow, Math.max(lowestRow, fairHeight / Math.max(1, places.length)));
  const heights = places.map((row) => swarm(row, dot));
  const halves = heights.map((row) => (max(row, Math.abs) ?? 0) * dot + dot);
  if (halves.every((half) => 2 * half <= room)) {
    let bottom = top;
    return places.map((row, index) => {
      const start = bottom;
      const half = Math.max(9, halves[index] ?? 0);
      bottom += 2 * half;
      const dots = row.flatMap((x, unit) => (Number.isNaN(x) ? [] : [{ unit, x, y: start + half + (heights[index]?.[unit] ?? 0) * dot }]));
      return { top: start, bottom, dots, bars: [] };
    });
  }
  return places.map((row, index) => ({ top: top + index * room, bottom: top + (index + 1) * room, dots: [], bars: barsOf(row, left) }));
}

function barsOf(places: readonly number[], left: number): readonly UnitBar[] {
  const bars = new Map<number, number[]>();
  places.forEach((x, unit) => {
    if (Number.isNaN(x)) return;
    const bar = Math.floor((x - left) / barWidth);
    bars.set(bar, [...(bars.get(bar) ?? []), unit]);
  });
  return [...bars].sort(([a], [b]) => a - b).map(([bar, units]) => ({ left: left + bar * barWidth, right: left + (bar + 1) * barWidth, units }));
}

/** Units of the most crowded bar; 0 without bars. */
export function mostInBar({ bars }: UnitRowPlace): number {
  return max(bars, ({ units }) => units.length) ?? 0;
}

/** Pixels from a dot in which the pointer still means it. */
const reachOfDot = 10;

/** The units at a point: the one of the nearest dot, or all of a bar. */
export function unitsAt({ top, bottom, dots, bars }: UnitRowPlace, x: number, y: number): readonly number[] {
  if (y < top || y >= bottom) return [];
  const bar = bars.find(({ left, right }) => x >= left && x < right);
  if (bar) return bar.units;
  const distance = (each: UnitDot): number => Math.hypot(each.x - x, each.y - y);
  const nearest = dots.reduce<UnitDot | undefined>((best, each) => (best && distance(best) <= distance(each) ? best : each), undefined);
  return nearest && distance(nearest) <= reachOfDot ? [nearest.unit] : [];
}

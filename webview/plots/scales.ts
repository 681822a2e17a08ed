import { scaleLinear, scaleLog } from 'd3-scale';

/** A number's place between 0 and 1 on a scale, and the ticks that name it. */
export interface UnitScale {
  /** Clamped to [0, 1]; NaN stays NaN. */
  readonly place: (value: number) => number;
  readonly ticks: readonly { readonly value: number; readonly label: string }[];
}

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** 10 to an integer power as text: `10⁻⁸`, `1`, `10`. */
export function powerOfTen(exponent: number): string {
  if (exponent === 0) return '1';
  if (exponent === 1) return '10';
  return `10${exponent < 0 ? '⁻' : ''}${[...String(Math.abs(exponent))].map((digit) => superscripts[Number(digit)]).join('')}`;
}

/** Absolute log scale over whole decades; zero and what lies below the lowest decade stand at 0. */
export function decades(lowest: number, highest: number, every = 2): UnitScale {
  const scale = scaleLog().domain([10 ** lowest, 10 ** highest]).range([0, 1]).clamp(true);
  const ticks: { value: number; label: string }[] = [];
  for (let exponent = highest; exponent >= lowest; exponent -= every) ticks.push({ value: 10 ** exponent, label: powerOfTen(exponent) });
  return { place: (value) => (Number.isNaN(value) ? value : value <= 0 ? 0 : scale(value)), ticks };
}

/** Gradients and influence: the same absolute decades everywhere, never rescaled to a row's own maximum. */
export const gradientDecades = decades(-8, 0);

function logit(probability: number): number {
  const clamped = Math.min(0.99, Math.max(0.01, probability));
  return Math.log(clamped / (1 - clamped));
}

/** Sigmoid gates from 0.01 to 0.99: a linear scale hides the step from 0.9 to 0.99, which is a time constant of 9 or 99 steps. */
export const logitScale: UnitScale = {
  place: (value) => 0.5 + logit(value) / (2 * logit(0.99)),
  ticks: [
    { value: 0.99, label: '.99' },
    { value: 0.5, label: '.5' },
    { value: 0.01, label: '.01' },
  ],
};

/** The last scale from −limit to limit for each of a few limits: the same limit gives the same scale. */
const symmetricScales = new Map<number, UnitScale>();

/** Linear from −limit to limit. */
export function symmetric(limit: number): UnitScale {
  const known = symmetricScales.get(limit) ?? makeSymmetric(limit);
  if (symmetricScales.size >= 64) symmetricScales.clear();
  symmetricScales.set(limit, known);
  return known;
}

function makeSymmetric(limit: number): UnitScale {
  const scale = scaleLinear().domain([-limit, limit]).range([0, 1]).clamp(true);
  const text = Number.isInteger(limit) ? String(limit) : String(Number(limit.toPrecision(2))).replace(/^0\./, '.');
  return {
    place: (value) => (Number.isNaN(value) ? value : scale(value)),
    ticks: [
      { value: limit, label: text },
      { value: 0, label: '0' },
      { value: -limit, label: `−${text}` },
    ],
  };
}

/** Linear from 0 to `top`. */
export function fromZero(top: number): UnitScale {
  const scale = scaleLinear().domain([0, top]).range([0, 1]).clamp(true);
  return { place: (value) => (Number.isNaN(value) ? value : scale(value)), ticks: [top, 0].map((value) => ({ value, label: String(value) })) };
}

const placed = new WeakMap<ArrayLike<number>, { readonly scale: UnitScale; readonly places: Float64Array }>();

/** Places of all numbers of an array, kept as long as the array is drawn on the same scale: panning computes none anew. */
export function placesOf(values: ArrayLike<number>, scale: UnitScale): Float64Array {
  const had = placed.get(values);
  if (had?.scale === scale) return had.places;
  const places = Float64Array.from(values, scale.place);
  placed.set(values, { scale, places });
  return places;
}

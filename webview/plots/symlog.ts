/** Decades on each side of zero. */
const decades = 8;

/**
 * Place between 0 and 1 of a signed number on an absolute logarithmic scale: 10⁻⁸ and everything smaller at ½,
 * 1 and more at 1, −1 and less at 0, every decade as wide as the next (after Webber 2013, with a fixed threshold).
 */
export function symlog(value: number): number {
  if (Number.isNaN(value)) return value;
  const above = Math.log10(Math.abs(value)) + decades;
  if (!(above > 0)) return 0.5;
  return 0.5 + (Math.sign(value) * Math.min(above, decades)) / (2 * decades);
}

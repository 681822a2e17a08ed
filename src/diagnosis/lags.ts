/**
 * Lags at which demand and use are measured. Narrower than powers of two, which put the wanted lag in
 * the wrong place; further ones follow in steps of a fifth.
 */
const grid = [0, 1, 2, 4, 6, 8, 11, 16, 19, 22, 27, 32, 38, 45, 54, 64, 76, 90];

/** Lags above this one count as long: what a window of five inputs could not know. */
export const longLag = 4;

/** Edges e, ascending, below `longest`: what is asked at each is what the inputs at lags above e are worth. */
export function lagEdges(longest: number): number[] {
  const edges = [...grid];
  for (let last = edges.at(-1) ?? 1; last < longest; edges.push(last)) last = Math.round(last * 1.2);
  return edges.filter((edge) => edge < longest);
}

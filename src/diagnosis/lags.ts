/**
 * Lags at which demand and use are measured. Narrower than powers of two, which put the wanted lag in
 * the wrong place; further ones follow in steps of a fifth.
 */
const grid = [0, 1, 2, 4, 6, 8, 11, 16, 19, 22, 27, 32, 38, 45, 54, 64, 76, 90];

/** Lags above this one count as long: what a window of five inputs could not know. */
const longLag = 4;

/** The largest lag that counts as short where gradients travel `window` steps: what such a window can learn, if it is shorter than usual. */
export function shortLag(window: number): number {
  return Math.max(0, Math.min(longLag, window - 1));
}

/** Edges e, ascending, below `longest`, with the largest short lag among them: what is asked at each is what the inputs at lags above e are worth. */
export function lagEdges(longest: number, short = longLag): number[] {
  const edges = [...new Set([...grid, short])].sort((a, b) => a - b);
  for (let last = edges.at(-1) ?? 1; last < longest; edges.push(last)) last = Math.round(last * 1.2);
  return edges.filter((edge) => edge < longest);
}

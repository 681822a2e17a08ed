/** The middle of some numbers, the upper one of two. Throws a RangeError when there are none. */
export function median(numbers: readonly number[]): number {
  const middle = [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
  if (middle === undefined) throw new RangeError('nothing was measured');
  return middle;
}

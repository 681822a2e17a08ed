/**
 * Dots beside each other on one axis without covering each other: the height of each, in dots above or below
 * the middle (0, 1, −1, 2, −2 …), for places that are given in any order. `NaN` places get none.
 */
export function swarm(places: readonly number[], dot: number): readonly number[] {
  const rows = new Array<number>(places.length).fill(0);
  const ends = new Map<number, number>();
  const order = places.map((_, index) => index).filter((index) => Number.isFinite(places[index])).sort((a, b) => (places[a] ?? 0) - (places[b] ?? 0));
  for (const index of order) {
    const place = places[index] ?? 0;
    let row = 0;
    for (let turn = 1; place - (ends.get(row) ?? -Infinity) < dot; turn++) row = turn % 2 === 1 ? (turn + 1) / 2 : -turn / 2;
    ends.set(row, place);
    rows[index] = row;
  }
  return rows;
}

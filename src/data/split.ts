import { Random } from '../shared/random';
import { shuffle } from './seeds';

/** Numbers of the examples in each part, ascending. */
export interface Split {
  readonly training: Int32Array;
  readonly heldOut: Int32Array;
}

/** One fixed seed: the same examples are held out whatever the training seed, so that runs compare. */
const splitSeed = 20_190_131;

/**
 * Holds out a share of the examples, chosen by a fixed shuffle and of each group alike (stratified):
 * round(share × size) of each. `groups[i]` is the group (class) of example i.
 */
export function holdOut(groups: ArrayLike<number>, share: number): Split {
  const members = new Map<number, number[]>();
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i] ?? 0;
    const list = members.get(group);
    if (list) list.push(i);
    else members.set(group, [i]);
  }
  const training: number[] = [];
  const heldOut: number[] = [];
  for (const [group, list] of members) {
    const order = shuffle(Int32Array.from(list), Random.fromSeed(splitSeed, group));
    const cut = Math.round(share * order.length);
    heldOut.push(...order.subarray(0, cut));
    training.push(...order.subarray(cut));
  }
  return { training: Int32Array.from(training).sort(), heldOut: Int32Array.from(heldOut).sort() };
}

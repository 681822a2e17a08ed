/*
 * A crew's part of the shared memory: the words of `src/engine/kernels/crew.ts`, then a slot for each member.
 */

/** Words of the crew, in bytes from its address; the kernels know the others. */
export const membersWord = 128;
export const turnsWord = 132;
export const patienceWord = 136;

const slots = 384;
const slotBytes = 448;

/** Words of a slot, in bytes from its beginning. */
export const slot = {
  /** i32: 1 once the helper waits for jobs. */
  ready: 0,
  /** i32: number of the last job that this member takes part in. */
  job: 4,
  /** i32: number of the kernel, in the order of the module's exports. */
  kernel: 8,
  /** f64: what the kernel gave back. */
  result: 16,
  /** f64 each: the kernel's arguments. */
  values: 24,
  /** An `Adjoints` of this member's own. */
  adjoints: 24 + 20 * 8,
  /** A `Recurrence` of this member's own. */
  recurrence: 24 + 20 * 8 + 64,
} as const;

/** Arguments that a kernel can have. */
export const mostValues = 20;

/** Bytes of a crew of so many members. */
export function crewBytes(members: number): number {
  return slots + members * slotBytes;
}

/** The address of a member's slot. */
export function slotOf(crew: number, member: number): number {
  return crew + slots + member * slotBytes;
}

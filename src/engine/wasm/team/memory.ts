/*
 * A team's part of the shared memory: the words of `src/engine/kernels/team.ts`, then a slot for each member.
 */

/** Words of the team that the engine writes, in bytes from its address; the kernels know the others. */
export const teamWord = {
  /** i32: threads of the work under way. */
  members: 192,
  /** i32: how often who waits looks before it sleeps. */
  turns: 196,
  /** i64: nanoseconds of sleep after which a member counts as dead, the second time. */
  patience: 200,
  /** i32: how often a member has fallen asleep at a barrier. */
  slept: 260,
  /** The `Stretch` of `src/engine/kernels/program.ts`: i32 the next instruction, pieces of it that are done, the end. */
  next: 320,
  piece: 324,
  end: 328,
  /** f64: operations until the engine wants to be asked, and from which an instruction is worth sharing. */
  left: 336,
  worth: 344,
} as const;

const slots = 384;
const slotBytes = 256;

/** Bytes of a team of so many members. */
export function teamBytes(members: number): number {
  return slots + members * slotBytes;
}

/** The address of a member's slot, which begins with an i32 that is 1 once the helper waits for jobs. */
export function slotOf(team: number, member: number): number {
  return team + slots + member * slotBytes;
}

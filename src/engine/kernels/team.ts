/*
 * How threads on one memory wait for each other. One of them, the leader, posts jobs; helpers wait for them; and
 * within a job all that take part meet at a barrier, the last time at its end.
 *
 * Who waits spins first, because the others are usually a microsecond away, and then sleeps, because a
 * processor may be wanted for something else: perhaps for the very thread that is waited for. Whoever changes
 * a word wakes the sleepers. Without threads (the leader alone) nothing here ever waits.
 */

/** A word that is waited for, and how many sleep on it; on a cache line of its own. */
const SLEEPERS: usize = 4;
const LINE: usize = 64;

/** The words, in bytes from the address of a team; `src/engine/wasm/team/memory.ts` knows those that the engine writes or reads. */
/** Number of the last job posted. */
const JOB: usize = 0;
/** Members that have reached the barrier, and how often all have. */
const ARRIVED: usize = 1 * LINE;
const PASSED: usize = 2 * LINE;
/** Members of the job, the leader among them. */
const MEMBERS: usize = 3 * LINE;
/** Turns of spinning before sleep. */
const TURNS: usize = MEMBERS + 4;
/** Nanoseconds of sleep after which a member counts as dead, the second time. */
const PATIENCE: usize = MEMBERS + 8;
/** 1 once a member was waited for in vain; nothing waits any more then. */
const BROKEN: usize = 4 * LINE;
/** How often a member has fallen asleep at a barrier: its processor, or another's, was wanted for something else. */
const SLEPT: usize = BROKEN + 4;
/** What is to be done: a `Stretch` of `program.ts`. */
const STRETCH: usize = 5 * LINE;

/** A slot for each member behind the words. */
const SLOTS: usize = 6 * LINE;
const SLOT: usize = 4 * LINE;
/** Number of the last job that the member takes part in. */
const OWN_JOB: usize = 4;
/** An `Adjoints` and a `Recurrence` of the member's own. */
const ADJOINTS: usize = LINE;
const RECURRENCE: usize = 2 * LINE;

@inline
function slotOf(team: usize, member: i32): usize {
  return team + SLOTS + SLOT * <usize>member;
}

/** Room for an `Adjoints` that no other member touches. */
export function ownAdjoints(team: usize, member: i32): usize {
  return slotOf(team, member) + ADJOINTS;
}

/** Room for a `Recurrence` that no other member touches. */
export function ownRecurrence(team: usize, member: i32): usize {
  return slotOf(team, member) + RECURRENCE;
}

/** Members of the work under way. */
@inline
export function membersOf(team: usize): i32 {
  return load<i32>(team + MEMBERS);
}

/** What the work under way is to be. */
@inline
export function stretchOf(team: usize): usize {
  return team + STRETCH;
}

/** Whether a member was waited for in vain. */
export function isBroken(team: usize): bool {
  return load<i32>(team + BROKEN) != 0;
}

/**
 * Waits until a word is no longer `value`; gives up, for good, when nothing comes within the team's patience, and
 * within it once more: the first may have passed while the whole process was stopped.
 */
function awaitChange(team: usize, word: usize, value: i32): void {
  if (!ASC_FEATURE_THREADS) return;
  for (let turns = load<i32>(team + TURNS); turns > 0; turns--) {
    if (atomic.load<i32>(word) != value) return;
  }
  atomic.add<i32>(word, 1, SLEEPERS);
  atomic.add<i32>(team, 1, SLEPT);
  let waits = 0;
  while (atomic.load<i32>(word) == value && atomic.load<i32>(team + BROKEN) == 0) {
    if (atomic.wait<i32>(word, value, load<i64>(team + PATIENCE)) == AtomicWaitResult.TIMED_OUT && ++waits == 2) atomic.store<i32>(team + BROKEN, 1);
  }
  atomic.sub<i32>(word, 1, SLEEPERS);
}

/** Changes a word and wakes who sleeps on it. */
function change(word: usize): void {
  if (!ASC_FEATURE_THREADS) return;
  atomic.add<i32>(word, 1);
  if (atomic.load<i32>(word, SLEEPERS) != 0) atomic.notify(word, -1);
}

/** The leader posts the next job, which stands ready, for all members. */
export function postJob(team: usize): void {
  if (!ASC_FEATURE_THREADS) return;
  const job = atomic.load<i32>(team + JOB) + 1;
  for (let member = membersOf(team) - 1; member > 0; member--) store<i32>(slotOf(team, member) + OWN_JOB, job);
  change(team + JOB);
}

/** A helper waits, for as long as it takes, for a job after the one numbered `seen` that it takes part in, and gives its number. */
export function awaitJob(team: usize, member: i32, seen: i32): i32 {
  if (!ASC_FEATURE_THREADS) return seen;
  do {
    seen = awaitPost(team, seen);
  } while (load<i32>(slotOf(team, member) + OWN_JOB) != seen);
  return seen;
}

function awaitPost(team: usize, seen: i32): i32 {
  if (!ASC_FEATURE_THREADS) return seen;
  const word = team + JOB;
  for (let turns = load<i32>(team + TURNS); turns > 0; turns--) {
    const job = atomic.load<i32>(word);
    if (job != seen) return job;
  }
  atomic.add<i32>(word, 1, SLEEPERS);
  while (atomic.load<i32>(word) == seen) atomic.wait<i32>(word, seen, -1);
  atomic.sub<i32>(word, 1, SLEEPERS);
  return atomic.load<i32>(word);
}

/** A thread fails: everybody who waits for it or will goes on at once. */
export function breakTeam(team: usize): void {
  if (!ASC_FEATURE_THREADS) return;
  atomic.store<i32>(team + BROKEN, 1);
  atomic.notify(team + PASSED, -1);
}

/** Waits until all members of the job are here. `team` 0: there is but one. */
@inline
export function barrier(team: usize): void {
  if (ASC_FEATURE_THREADS && team != 0) meet(team);
}

function meet(team: usize): void {
  if (!ASC_FEATURE_THREADS) return;
  const passed = atomic.load<i32>(team + PASSED);
  if (atomic.add<i32>(team + ARRIVED, 1) == membersOf(team) - 1) {
    atomic.store<i32>(team + ARRIVED, 0);
    change(team + PASSED);
  } else if (atomic.load<i32>(team + BROKEN) == 0) awaitChange(team, team + PASSED, passed);
}

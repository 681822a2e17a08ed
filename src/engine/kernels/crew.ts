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

/** The words, in bytes from the address of a crew; `src/engine/wasm/crew/memory.ts` knows those that the engine writes or reads. */
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
function slotOf(crew: usize, member: i32): usize {
  return crew + SLOTS + SLOT * <usize>member;
}

/** Room for an `Adjoints` that no other member touches. */
export function ownAdjoints(crew: usize, member: i32): usize {
  return slotOf(crew, member) + ADJOINTS;
}

/** Room for a `Recurrence` that no other member touches. */
export function ownRecurrence(crew: usize, member: i32): usize {
  return slotOf(crew, member) + RECURRENCE;
}

/** Members of the work under way. */
@inline
export function membersOf(crew: usize): i32 {
  return load<i32>(crew + MEMBERS);
}

/** What the work under way is to be. */
@inline
export function stretchOf(crew: usize): usize {
  return crew + STRETCH;
}

/** Whether a member was waited for in vain. */
export function isBroken(crew: usize): bool {
  return load<i32>(crew + BROKEN) != 0;
}

/**
 * Waits until a word is no longer `value`; gives up, for good, when nothing comes within the crew's patience, and
 * within it once more: the first may have passed while the whole process was stopped.
 */
function awaitChange(crew: usize, word: usize, value: i32): void {
  if (!ASC_FEATURE_THREADS) return;
  for (let turns = load<i32>(crew + TURNS); turns > 0; turns--) {
    if (atomic.load<i32>(word) != value) return;
  }
  atomic.add<i32>(word, 1, SLEEPERS);
  let waits = 0;
  while (atomic.load<i32>(word) == value && atomic.load<i32>(crew + BROKEN) == 0) {
    if (atomic.wait<i32>(word, value, load<i64>(crew + PATIENCE)) == AtomicWaitResult.TIMED_OUT && ++waits == 2) atomic.store<i32>(crew + BROKEN, 1);
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
export function postJob(crew: usize): void {
  if (!ASC_FEATURE_THREADS) return;
  const job = atomic.load<i32>(crew + JOB) + 1;
  for (let member = membersOf(crew) - 1; member > 0; member--) store<i32>(slotOf(crew, member) + OWN_JOB, job);
  change(crew + JOB);
}

/** A helper waits, for as long as it takes, for a job after the one numbered `seen` that it takes part in, and gives its number. */
export function awaitJob(crew: usize, member: i32, seen: i32): i32 {
  if (!ASC_FEATURE_THREADS) return seen;
  do {
    seen = awaitPost(crew, seen);
  } while (load<i32>(slotOf(crew, member) + OWN_JOB) != seen);
  return seen;
}

function awaitPost(crew: usize, seen: i32): i32 {
  if (!ASC_FEATURE_THREADS) return seen;
  const word = crew + JOB;
  for (let turns = load<i32>(crew + TURNS); turns > 0; turns--) {
    const job = atomic.load<i32>(word);
    if (job != seen) return job;
  }
  atomic.add<i32>(word, 1, SLEEPERS);
  while (atomic.load<i32>(word) == seen) atomic.wait<i32>(word, seen, -1);
  atomic.sub<i32>(word, 1, SLEEPERS);
  return atomic.load<i32>(word);
}

/** A thread fails: everybody who waits for it or will goes on at once. */
export function breakCrew(crew: usize): void {
  if (!ASC_FEATURE_THREADS) return;
  atomic.store<i32>(crew + BROKEN, 1);
  atomic.notify(crew + PASSED, -1);
}

/** Waits until all members of the job are here. `crew` 0: there is but one. */
@inline
export function barrier(crew: usize): void {
  if (ASC_FEATURE_THREADS && crew != 0) meet(crew);
}

function meet(crew: usize): void {
  if (!ASC_FEATURE_THREADS) return;
  const passed = atomic.load<i32>(crew + PASSED);
  if (atomic.add<i32>(crew + ARRIVED, 1) == membersOf(crew) - 1) {
    atomic.store<i32>(crew + ARRIVED, 0);
    change(crew + PASSED);
  } else if (atomic.load<i32>(crew + BROKEN) == 0) awaitChange(crew, crew + PASSED, passed);
}

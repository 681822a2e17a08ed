import type { Device } from '../engine';
import { BatchWords } from './batchWords';
import { Team, usualWorth, type SpawnHelper, type Worth } from './team/team';
import { teamBytes } from './team/memory';
import { link } from './kernels';
import { Arena, EngineMemory } from './memory';
import { Operations } from './operations';
import { Pace } from './pace';
import { instructionBytes } from './program';
import { bestVariant, kernelModule, type KernelVariant } from './variants';

/** How the kernels of a fast engine are run. */
export interface PartsOptions {
  /** Which SIMD to use; the best that this machine has when absent. */
  readonly variant?: KernelVariant;
  /** Threads that share the work, the caller's among them; 1 when absent, and without `spawn` or shared memory. */
  readonly threads?: number;
  /** Starts the others, once there is work that is worth it. */
  readonly spawn?: SpawnHelper;
  /** Milliseconds, twice, without an answer after which a thread counts as dead; 5 s when absent. */
  readonly patience?: number;
  /** How often a waiting thread looks before it sleeps; 300,000 times, some tenths of a millisecond, when absent. Few are better where threads are more than processors. */
  readonly turns?: number;
  /** From which size on work is shared; what was measured to be best when absent. */
  readonly worth?: Worth;
  /** Whether the leader works alone while other programs want the processors (`adaptive`, the default), or all share that can. */
  readonly sharing?: 'adaptive' | 'always';
}

/** What every fast engine is made of. */
export interface EngineParts {
  readonly variant: KernelVariant;
  readonly memory: EngineMemory;
  readonly team: Team;
  readonly pace: Pace;
  readonly operations: Operations;
  /** The first address that is free. */
  readonly start: number;
}

/** Compiles and links the kernels. Throws an Error on a machine without WebAssembly SIMD. */
export function assemble({ variant = bestVariant(), threads = 1, spawn, patience = 5_000, turns = 300_000, worth = usualWorth, sharing = 'adaptive' }: PartsOptions): EngineParts {
  if (!variant) throw new Error('This machine has no WebAssembly SIMD, which the fast engine needs.');
  const memory = new EngineMemory(spawn && threads > 1 ? 'shared' : 'own');
  const module = kernelModule(variant, memory.sharing);
  const kernels = link(module, memory.memory);
  const most = memory.sharing === 'shared' ? threads : 1;
  const arena = new Arena(kernels.firstFree());
  const address = arena.take(teamBytes(most));
  const words = new BatchWords(memory, arena);
  const desk = arena.take(instructionBytes);
  memory.reserve(arena.end);
  const team = new Team(kernels, memory, address, spawn && most > 1 ? { threads: most, spawn, module, memory: memory.memory, patience, turns, worth, sharing } : undefined);
  const pace = new Pace();
  return { variant, memory, team, pace, operations: new Operations(memory, team, pace, words, desk), start: arena.end };
}

/** What an engine of these parts runs on. */
export function deviceOf({ variant, team }: EngineParts): Device {
  return { simd: variant, threads: team.members };
}

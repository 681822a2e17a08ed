import { join } from 'node:path';
import { knownFlags } from '../../../src/engineHost/turboFlags';
import type { Contender } from './interleave';
import type { Torch } from './machine';
import { Program } from './program';

/** A program of the benches, beside the one that runs now. */
export function programPath(name: string): string {
  return join(__dirname, `${name}.js`);
}

/** Unroll's engine on so many threads of a process without flags. */
export function unroll(program: string, threads: number): Contender {
  return { name: `Unroll, ${count(threads)}`, start: () => new Program(process.execPath, [programPath(program), String(threads)]) };
}

/** The same with the flags of turbo; undefined where this Node has none that help. */
export async function unrollTurbo(program: string, threads: number): Promise<Contender | undefined> {
  const flags = await knownFlags();
  if (flags.length === 0) return undefined;
  return { name: `turbo, ${count(threads)}`, start: () => new Program(process.execPath, [...flags, programPath(program), String(threads)]) };
}

/** The same program in PyTorch, `test/bench/programs/{program}_torch.py`. */
export function pytorch({ python, version }: Torch, program: string, threads: number): Contender {
  const source = join(__dirname, '../../test/bench/programs', `${program}_torch.py`);
  return { name: `PyTorch ${version}, ${count(threads)}`, start: () => new Program(python, [source, String(threads)]) };
}

function count(threads: number): string {
  return threads === 1 ? '1 thread' : `${threads} threads`;
}

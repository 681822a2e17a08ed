import { setTimeout as sleep } from 'node:timers/promises';
import { initialParameters } from '../../../src/engine/initialise';
import { createEngine } from '../../../src/engineHost/createEngine';
import { benchmarkArchitecture, benchmarkBatch, benchmarkRule } from '../../../src/training/benchmark';
import { answerLines } from '../measure/program';
import { repeat } from '../measure/repeat';
import type { StepRequest } from './step';

/*
 * Measures what training takes and leaves behind: needs `node --expose-gc`, and a nursery so large that nothing is
 * collected meanwhile (`--min-semi-space-size=64 --max-semi-space-size=64`).
 */

/** Bytes; those of the heap and of buffers are a step's: of twice as many steps, without those of once. */
export interface MemoryUse {
  /** The engine's WebAssembly memory. */
  readonly wasm: number;
  readonly heapPerStep: number;
  readonly buffersPerStep: number;
  /** Times that the memory grew after the first step. */
  readonly growths: number;
}

const memories: WebAssembly.Memory[] = [];
let growths = 0;

/** Keeps all memories, and counts how often they grow. */
class WatchedMemory extends WebAssembly.Memory {
  constructor(descriptor: WebAssembly.MemoryDescriptor) {
    super(descriptor);
    memories.push(this);
  }

  override grow(pages: number): number {
    growths++;
    return super.grow(pages);
  }
}
WebAssembly.Memory = WatchedMemory;

const collect = (globalThis as unknown as { gc: () => void }).gc;

/** Bytes that so many steps leave behind, and what reading the counters takes. */
function usedBy(steps: number, step: () => void): { heap: number; buffers: number } {
  const before = process.memoryUsage();
  for (let i = 0; i < steps; i++) step();
  const after = process.memoryUsage();
  return { heap: after.heapUsed - before.heapUsed, buffers: after.arrayBuffers - before.arrayBuffers };
}

async function measure(request: StepRequest): Promise<MemoryUse> {
  const architecture = benchmarkArchitecture(request);
  const engine = await createEngine(architecture, { threads: 1 });
  engine.setParameters(initialParameters(architecture, 1));
  const batch = benchmarkBatch(request, request.window, request.batch);
  const step = (): void => void engine.step(batch, benchmarkRule);
  step();
  const growthsBefore = growths;
  const seconds = repeat(step, request.milliseconds);
  const steps = Math.max(10, Math.min(1000, Math.round(request.milliseconds / 1000 / seconds)));
  usedBy(steps, step); // what is only compiled or learnt once
  collect();
  await sleep(100); // buffers are given back in the background
  const once = usedBy(steps, step);
  const twice = usedBy(2 * steps, step);
  return {
    wasm: Math.max(...memories.map(({ buffer }) => buffer.byteLength)),
    heapPerStep: (twice.heap - once.heap) / steps,
    buffersPerStep: (twice.buffers - once.buffers) / steps,
    growths: growths - growthsBefore,
  };
}

void answerLines(measure);

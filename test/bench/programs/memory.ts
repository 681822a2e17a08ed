import type { HeapProfiler } from 'node:inspector';
import { Session } from 'node:inspector/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StepReport } from '../../../src/engine/engine';
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

/** Bytes; those of the heap and of buffers are a step's. */
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

const warmSteps = 30_000;

const collect = (globalThis as unknown as { gc: () => void }).gc;

/** Bytes of all objects that so many steps make: V8 tells of every one of them, about. */
async function objectsOf(steps: number, step: () => void): Promise<number> {
  const session = new Session();
  session.connect();
  try {
    await session.post('HeapProfiler.startSampling', { samplingInterval: 64, includeObjectsCollectedByMinorGC: true, includeObjectsCollectedByMajorGC: true });
    for (let i = 0; i < steps; i++) step();
    const { profile } = await session.post('HeapProfiler.stopSampling');
    return bytesBelow(profile.head, step.name);
  } finally {
    session.disconnect();
  }
}

/** What functions of this name made, and those that they called. */
function bytesBelow({ callFrame, selfSize, children }: HeapProfiler.SamplingHeapProfileNode, name: string, counts = false): number {
  const within = counts || callFrame.functionName === name;
  return children.reduce((sum, child) => sum + bytesBelow(child, name, within), within ? selfSize : 0);
}

/** Bytes of buffers that so many steps leave behind. */
function buffersOf(steps: number, step: () => void): number {
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < steps; i++) step();
  return process.memoryUsage().arrayBuffers - before;
}

/** Steps of a tiny network of the same kind until V8 has optimized what a step does in JavaScript: before, each number is an object. */
async function warmUp({ layers }: StepRequest): Promise<void> {
  const network = { layers: layers.map((layer) => ({ ...layer, units: 8 })), features: 8 };
  const engine = await createEngine(benchmarkArchitecture(network), { threads: 1 });
  engine.setParameters(initialParameters(engine.architecture, 1));
  const batch = benchmarkBatch(network, 4, 1);
  const options: { spent?: StepReport } = {};
  for (let step = 0; step < warmSteps; step++) options.spent = engine.step(batch, benchmarkRule, options);
  engine.dispose();
}

async function measure(request: StepRequest): Promise<MemoryUse> {
  await warmUp(request);
  const architecture = benchmarkArchitecture(request);
  const engine = await createEngine(architecture, { threads: 1 });
  engine.setParameters(initialParameters(architecture, 1));
  const batch = benchmarkBatch(request, request.window, request.batch);
  const options: { spent?: StepReport } = {};
  const step = (): void => void (options.spent = engine.step(batch, benchmarkRule, options));
  step();
  const growthsBefore = growths;
  const seconds = repeat(step, request.milliseconds);
  const steps = Math.max(10, Math.min(1000, Math.round(request.milliseconds / 1000 / seconds)));
  collect();
  await sleep(100); // buffers are given back in the background
  const buffers = buffersOf(steps, step);
  const objects = await objectsOf(steps, step);
  return {
    wasm: Math.max(...memories.map(({ buffer }) => buffer.byteLength)),
    heapPerStep: objects / steps,
    buffersPerStep: buffers / steps,
    growths: growths - growthsBefore,
  };
}

void answerLines(measure);

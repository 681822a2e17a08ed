import { bytesNeeded } from '../../../src/engine/memoryNeed';
import { benchmarkArchitecture } from '../../../src/training/benchmark';
import { programPath } from '../measure/contenders';
import { Program } from '../measure/program';
import { atMost, figure, none, times, words, type Report } from '../measure/report';
import type { MemoryUse } from '../programs/memory';
import { layerRequest, shapeName } from './shapes';
import type { Settings, Table } from './table';

/** What training takes of memory, and what a step leaves behind. */
export const memoryTable: Table = { name: 'memory', run: async (settings) => [await measure(settings)] };

const shapes = [
  { units: 32, batch: 1, window: 32 },
  { units: 64, batch: 8, window: 64 },
  { units: 128, batch: 32, window: 64 },
  { units: 256, batch: 32, window: 100 },
  { units: 512, batch: 32, window: 100 },
];

const cases = [...shapes.map((shape) => ({ cell: 'lstm' as const, shape, layers: 1 })), ...(['lstm', 'gru', 'rnn'] as const).map((cell) => ({ cell, shape: { units: 128, batch: 32, window: 64 }, layers: cell === 'lstm' ? 4 : 1 }))];

async function measure({ effort, shapes: which }: Settings): Promise<Report> {
  const rows = [];
  for (const { cell, shape, layers } of which === 'few' ? cases.slice(0, 3) : cases) {
    const request = { ...layerRequest(cell, shape), layers: [{ cell, units: shape.units, repeat: layers }] };
    const program = new Program(process.execPath, ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64', programPath('memory')]);
    const { wasm, heapPerStep, buffersPerStep, growths } = await program.ask<MemoryUse>({ ...request, milliseconds: 10 * effort.milliseconds });
    await program.stop();
    const needed = bytesNeeded(benchmarkArchitecture(request), shape.window * shape.batch);
    rows.push({
      network: words(`${layers} × ${cell}`),
      'H, B, T': words(shapeName(shape)),
      'needed, MiB': figure(needed / 2 ** 20, 2),
      'taken, MiB': figure(wasm / 2 ** 20, 2),
      ratio: times(wasm / needed, atMost(1.2)),
      'memory.grow in a step': none(growths),
      'JS buffers a step, bytes': none(whole(buffersPerStep)),
      'JS objects a step, bytes': none(whole(heapPerStep)),
    });
  }
  return {
    title: 'Memory',
    rows,
    notes: ['Needed: parameters and their gradients, and in f32 for each timestep inputs, gates and states of all layers with the adjoints above (and, between layers, below) one of them. Taken: the WebAssembly memory. Objects: what a step leaves for the garbage collector; the 16 bytes of single numbers are V8’s, which keeps them as objects in functions that it has not optimized yet.'],
  };
}

/** Bytes; less than half of one is what the two readings of the counters differ by. */
function whole(bytes: number): number {
  return Math.round(bytes) || 0; // no negative zero
}

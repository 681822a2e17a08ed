import { parseArgs } from 'node:util';
import { syntheticData } from '../../src/data/synthetic/index';
import { initialParameters } from '../../src/engine/initialise';
import { createWasmEngine } from '../../src/engine/wasm/wasmEngine';
import { architectureOf } from '../../src/spec/architecture';
import { specSchema, type CellKind } from '../../src/spec/schema';
import { TrainingSession } from '../../src/training/trainingSession';
import { evaluateNow } from '../quality/evaluateNow';

/*
 * First step, looking every 100, at which the validation loss of the adding problem is below 0.01: H = 64, batch 64,
 * Adam 2e-3, clipped at norm 1, weights and biases as PyTorch draws them, but for the LSTM's forget bias of 1.
 */

const solved = 0.01;
const evaluateEvery = 100;

/** Steps that a cell may take, and those that PyTorch took with T = 50 and 100, several seeds each. */
const goals: Readonly<Record<CellKind, { readonly within?: number; readonly pytorch: string }>> = {
  gru: { within: 1200, pytorch: '600–900' },
  lstm: { within: 3500, pytorch: '1400–3100' },
  rnn: { pytorch: 'never' },
};

/** Steps that a cell without a goal is watched for. */
const watched = 3500;

const columns = [6, 6, 6, 12, 12, 12] as const;
const row = (...cells: readonly string[]): string => cells.map((cell, column) => cell.padEnd(columns[column] ?? 0)).join('');

/** Trains every cell on every length with every seed and prints when it has solved the problem; tells whether all did as the goals say. */
export function main(args: string[]): boolean {
  const { values } = parseArgs({ args, options: { seeds: { type: 'string', default: '1' }, lengths: { type: 'string', default: '50,100' }, cells: { type: 'string', default: 'gru,lstm,rnn' } } });
  let all = true;
  console.log(row('cell', 'T', 'seed', 'solved at', 'goal', 'PyTorch', 'validation loss'));
  for (const cell of values.cells.split(',').map(cellOf)) {
    for (const length of values.lengths.split(',').map(Number)) {
      for (const seed of values.seeds.split(',').map(Number)) {
        const { within, pytorch } = goals[cell];
        const { step, loss } = stepSolved(cell, length, seed);
        console.log(row(cell, String(length), String(seed), step === undefined ? 'never' : String(step), within === undefined ? 'never' : `≤ ${within}`, pytorch, loss.toFixed(4)));
        all &&= (step !== undefined) === (within !== undefined);
      }
    }
  }
  return all;
}

function cellOf(name: string): CellKind {
  if (name === 'gru' || name === 'lstm' || name === 'rnn') return name;
  throw new Error(`--cells: "${name}" is no cell; there are gru, lstm and rnn.`);
}

/** The step at which the problem is solved, undefined when it is not within the goal, and the last validation loss. */
function stepSolved(cell: CellKind, length: number, seed: number): { readonly step?: number; readonly loss: number } {
  const { task, model, training } = specSchema.parse({
    version: 1,
    name: 'adding',
    task: { kind: 'synthetic', problem: 'adding', length },
    model: { layers: [{ cell, units: 64 }] },
    training: { optimizer: { kind: 'adam', learningRate: 0.002 }, clip: { kind: 'norm', threshold: 1 }, batch: 64, steps: goals[cell].within ?? watched, seed, evaluateEvery },
  });
  if (task.kind !== 'synthetic') throw new Error('the task is synthetic');
  const data = syntheticData(task);
  const architecture = architectureOf({ model }, data.sizes);
  const engine = createWasmEngine(architecture);
  engine.setParameters(initialParameters(architecture, seed));
  const session = new TrainingSession({ training, data, engine });
  let loss = Infinity;
  while (!session.finished && loss >= solved) {
    session.step();
    if (session.evaluationDue) loss = evaluateNow(session);
  }
  engine.dispose();
  return { step: loss < solved ? session.progress.step : undefined, loss };
}

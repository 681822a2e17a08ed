import { describe, expect, it } from 'vitest';
import { syntheticData, validationSequences } from '../../../src/data/synthetic/index';
import type { SequenceBatch, TaskData } from '../../../src/data/task';
import type { SyntheticTask } from '../../../src/spec/synthetic';

const plan = { batch: 16, window: 8, seed: 3, stateful: true };
const task = (problem: SyntheticTask['problem'], length: number, lag?: number): SyntheticTask => ({ kind: 'synthetic', problem, length, lag });
const batchOf = (data: TaskData, step = 0): SequenceBatch => data.trainingBatches(plan).at(step).batch;

/** Column b of a time-first batch. */
const column = (values: ArrayLike<number>, { sequences, steps }: SequenceBatch, b: number) => Array.from({ length: steps }, (_, t) => values[t * sequences + b]!);
const eachSequence = (batch: SequenceBatch, check: (inputs: number[], targets: number[]) => void) => {
  for (let b = 0; b < batch.sequences; b++) check(column(batch.inputs, batch, b), column(batch.targets, batch, b));
};

const all: readonly SyntheticTask[] = [task('copy', 25, 5), task('recall', 12, 4), task('adding', 20), task('parity', 12, 3), task('brackets', 20, 8), task('none', 12, 4)];

describe.each(all)('synthetic $problem', (synthetic) => {
  const data = syntheticData(synthetic);

  it('is a pure function of seed and step', () => {
    expect(batchOf(data, 5)).toEqual(batchOf(syntheticData(synthetic), 5));
    expect(batchOf(data, 5).inputs).not.toEqual(batchOf(data, 6).inputs);
    expect(data.trainingBatches({ ...plan, seed: 4 }).at(5).batch.inputs).not.toEqual(batchOf(data, 5).inputs);
  });

  it('holds out other sequences than it trains on, the same at each evaluation', () => {
    const heldOut = [...data.validationBatches(plan)].map(({ batch }) => batch);
    expect(heldOut).toEqual([...data.validationBatches(plan)].map(({ batch }) => batch));
    expect(heldOut.reduce((sum, { sequences }) => sum + sequences, 0)).toBe(validationSequences);
    for (let step = 0; step < 40; step++) for (const { inputs } of heldOut) expect(inputs).not.toEqual(batchOf(data, step).inputs);
  });

  it('has as many losses as it says, and sizes that fit its numbers', () => {
    const { targets, inputs } = batchOf(data);
    const counted = Array.from(targets).filter((target) => (data.sizes.loss === 'tokens' ? target >= 0 : !Number.isNaN(target))).length;
    expect(counted / plan.batch).toBe(data.positions.validation / validationSequences);
    if (data.sizes.input.kind === 'tokens') {
      expect(data.vocabulary?.tokens).toHaveLength(data.sizes.input.vocabulary);
      expect(data.vocabulary?.labels ?? data.vocabulary?.tokens).toHaveLength(data.sizes.outputs);
      expect(Math.max(...inputs)).toBeLessThan(data.sizes.input.vocabulary);
      expect(Math.max(...targets)).toBeLessThan(data.sizes.outputs);
    }
  });

  it('shows a sample in words', () => {
    const sample = data.samples!.at(1);
    expect(sample.inputs).toHaveLength(synthetic.length);
    expect(sample.targets).toHaveLength(synthetic.length);
    expect(sample.targets.filter((target) => target !== '').length).toBe(data.positions.validation / validationSequences);
  });
});

describe('copy', () => {
  it('wants the ten symbols again from the mark on, and blanks before it', () => {
    const data = syntheticData(task('copy', 25, 5));
    const [blank, mark] = [8, 9];
    eachSequence(batchOf(data), (inputs, targets) => {
      const symbols = inputs.slice(0, 10);
      expect(Math.max(...symbols)).toBeLessThan(8);
      expect(inputs.slice(10)).toEqual([...Array<number>(5).fill(blank), mark, ...Array<number>(9).fill(blank)]);
      expect(targets).toEqual([...Array<number>(15).fill(blank), ...symbols]);
    });
    expect(data.references[0]!.loss).toBeCloseTo((10 * Math.log(8)) / 25);
  });
});

describe('recall', () => {
  it('wants the symbol of exactly lag steps ago, and nothing before', () => {
    const data = syntheticData(task('recall', 12, 4));
    eachSequence(batchOf(data), (inputs, targets) => expect(targets).toEqual([-1, -1, -1, -1, ...inputs.slice(0, 8)]));
    expect(data.references[0]!.loss).toBeCloseTo(Math.log(8));
  });
});

describe('adding', () => {
  const marked = ({ inputs, sequences, steps }: SequenceBatch, b: number) => {
    const at = (t: number) => ({ t, value: inputs[(t * sequences + b) * 2]!, mark: inputs[(t * sequences + b) * 2 + 1]! });
    return Array.from({ length: steps }, (_, t) => at(t)).filter(({ mark }) => mark !== 0);
  };

  it.each([20, 21])('marks one value in each half of %i steps and wants their sum at the last', (length) => {
    const batch = batchOf(syntheticData(task('adding', length)));
    for (let b = 0; b < batch.sequences; b++) {
      const [first, second, ...others] = marked(batch, b);
      expect(others).toEqual([]);
      expect(first!.t).toBeLessThan(Math.floor(length / 2));
      expect(second!.t).toBeGreaterThanOrEqual(Math.floor(length / 2));
      const targets = column(batch.targets, batch, b);
      expect(targets.slice(0, -1).every(Number.isNaN)).toBe(true);
      expect(targets.at(-1)).toBeCloseTo(first!.value + second!.value, 12);
    }
  });

  it.each([1, 7, 10, 19])('puts the first mark exactly %i steps before the end', (lag) => {
    const batch = batchOf(syntheticData(task('adding', 20, lag)));
    for (let b = 0; b < batch.sequences; b++) {
      const [first, second] = marked(batch, b);
      expect(first!.t).toBe(19 - lag);
      expect(second!.t).toBeGreaterThanOrEqual(10);
    }
  });

  it('costs a sixth when always answering 1', () => {
    const data = syntheticData(task('adding', 10));
    const errors = Array.from({ length: 400 }, (_, step) => batchOf(data, step)).flatMap(({ targets }) => Array.from(targets).filter((target) => !Number.isNaN(target)).map((target) => (target - 1) ** 2));
    expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeCloseTo(1 / 6, 2);
    expect(data.references[0]!.loss).toBeCloseTo(1 / 6);
  });
});

describe('parity', () => {
  const data = syntheticData(task('parity', 12, 3));

  it('wants the exclusive or with the bit of lag steps ago', () => {
    eachSequence(batchOf(data), (bits, targets) => expect(targets).toEqual(bits.map((bit, t) => (t < 3 ? -1 : bit ^ bits[t - 3]!))));
  });

  it('shows nothing to a statistic of pairs', () => {
    const agree = Array.from({ length: 12 }, () => 0);
    let count = 0;
    for (let step = 0; step < 200; step++) {
      eachSequence(batchOf(data, step), (bits, targets) => {
        count++;
        bits.forEach((bit, t) => (agree[t]! += Number(bit === targets[11])));
      });
    }
    for (const agreed of agree) expect(Math.abs(agreed / count - 0.5)).toBeLessThan(0.03);
    expect(data.references.map(({ loss }) => loss)).toEqual([Math.LN2]);
  });
});

describe('none', () => {
  it('depends on the last two symbols, and on nothing before', () => {
    const data = syntheticData(task('none', 12, 4));
    const hits = Array.from({ length: 8 }, () => 0);
    let count = 0;
    for (let step = 0; step < 300; step++) {
      eachSequence(batchOf(data, step), (inputs, targets) => {
        expect(targets.slice(0, 4)).toEqual([-1, -1, -1, -1]);
        count++;
        hits.forEach((_, lag) => (hits[lag]! += Number(inputs[11 - lag] === targets[11])));
      });
    }
    const shares = hits.map((hit) => hit / count);
    expect(shares[0]).toBeCloseTo(0.5 + 0.5 / 8, 1);
    expect(shares[1]).toBeCloseTo(0.25 + 0.75 / 8, 1);
    for (const share of shares.slice(2)) expect(Math.abs(share - 1 / 8)).toBeLessThan(0.02);
  });

  it('knows what guessing costs, and what the best answer does: the chances by which the targets are drawn', () => {
    const data = syntheticData(task('none', 12, 4));
    let [sum, count] = [0, 0];
    for (let step = 0; step < 300; step++) {
      eachSequence(batchOf(data, step), (inputs, targets) => {
        for (let t = 4; t < 12; t++) {
          sum -= Math.log(0.25 / 8 + (inputs[t] === targets[t] ? 0.5 : 0) + (inputs[t - 1] === targets[t] ? 0.25 : 0));
          count++;
        }
      });
    }
    expect(data.references[0]!.loss).toBeCloseTo(Math.log(8));
    expect(Math.abs(data.references[1]!.loss - sum / count)).toBeLessThan(0.03);
  });
});

describe('brackets', () => {
  it.each([
    [20, 8],
    [21, 5],
    [40, 1],
    [30, 30],
  ])('are balanced strings of %i whose matches are at most %i apart, each predicting the next', (length, lag) => {
    let longest = 0;
    for (let step = 0; step < 20; step++) {
      eachSequence(batchOf(syntheticData(task('brackets', length, lag)), step), (inputs, targets) => {
        expect(targets.slice(0, -1)).toEqual(inputs.slice(1));
        const open: number[] = [];
        [...inputs, targets.at(-1)!].forEach((symbol, t, text) => {
          if (symbol % 2 === 0) {
            open.push(t);
            return;
          }
          const match = open.pop()!;
          expect(text[match]).toBe(symbol - 1);
          longest = Math.max(longest, t - match);
        });
        // An odd number of symbols ends with the first bracket of another string.
        expect(open).toHaveLength((length + 1) % 2);
      });
    }
    expect(longest).toBeLessThanOrEqual(lag);
    expect(longest).toBeGreaterThanOrEqual(Math.min(lag, 5) - 1);
  });

  it('is worth a stack: knowing which kind is open is better than counting, and counting than guessing', () => {
    const losses = syntheticData(task('brackets', 60, 20)).references.map(({ loss }) => loss);
    expect(losses[0]).toBeGreaterThan(losses[1]! + 0.1);
    expect(losses[1]).toBeGreaterThan(losses[2]! + 0.1);
  });
});

describe('a synthetic problem that does not fit', () => {
  it.each([
    [task('copy', 50, 31), 'length must be lag + 20 = 51'],
    [task('copy', 20), 'length must be at least 21'],
    [task('recall', 10, 10), 'lag 10 must be smaller than length 10'],
    [task('recall', 10), 'lag is missing'],
    [task('parity', 10), 'lag is missing'],
    [task('adding', 1), 'length must be at least 2'],
    [task('adding', 10, 10), 'lag 10 must be smaller than length 10'],
    [task('brackets', 1), 'length must be at least 2'],
  ])('is refused: %j', (wrong, message) => {
    expect(() => syntheticData(wrong)).toThrow(message);
  });
});

import { Operation } from '../kernels/operation';
import type { BatchWords } from './batchWords';
import type { Team } from './team/team';
import type { Kernels } from './kernels';
import type { EngineMemory, Panels } from './memory';
import type { Pace } from './pace';
import { instructionBytes, word, type Program } from './program';

/** A weight matrix in panels, [nPanels][8·kPanels][8]: from 8·kPanels inputs to 8·nPanels outputs. */
export interface Weight {
  readonly address: number;
  readonly kPanels: number;
  readonly nPanels: number;
}

/** Bytes of a weight matrix. */
export function weightBytes(kPanels: number, nPanels: number): number {
  return kPanels * nPanels * 256;
}

/** Operations that one element of cheap elementwise work counts for. */
const elementCost = 10;

const none: readonly number[] = [];

/** Timesteps of a layer, as stages of its cell; see `src/engine/kernels/recurrence.ts`. */
export interface Stages {
  /** Addresses of a `Recurrence` for each direction. */
  readonly jobs: readonly number[];
  readonly unitPanels: number;
  readonly first: number;
  readonly count: number;
  /** Operations of one panel of units in one stage, of all directions. */
  readonly cost: number;
}

/**
 * The kernels on whole matrices. What is called here is done at once, shared by all threads and in stretches between
 * which `pace` asks whether to go on; or, while a program is recorded, written down for later.
 */
export class Operations {
  readonly memory: EngineMemory;
  readonly team: Team;
  readonly pace: Pace;
  readonly words: BatchWords;
  /** Where an instruction stands that is done at once. */
  readonly #desk: number;
  /** Where the next instruction of the program goes that is being recorded. */
  #next: number | undefined;

  /** `desk`: room for an instruction. */
  constructor(memory: EngineMemory, team: Team, pace: Pace, words: BatchWords, desk: number) {
    this.memory = memory;
    this.team = team;
    this.pace = pace;
    this.words = words;
    this.#desk = desk;
  }

  /** For what the leader does alone and at once. */
  get kernels(): Kernels {
    return this.team.kernels;
  }

  /** Writes what `act` calls down behind address `start`, and does none of it. */
  record(start: number, act: () => void): Program {
    this.#next = start;
    try {
      act();
      return { start, end: this.#next };
    } finally {
      this.#next = undefined;
    }
  }

  /** Does what was recorded. */
  run(program: Program): void {
    this.team.run(program, this.pace);
  }

  /** c += a·w, for `rows` rows. */
  product(rows: number, a: Panels, w: Weight, c: Panels): void {
    const pieces = this.kernels.productPieces(rows, w.nPanels);
    this.#do(Operation.product, pieces, 128 * w.kPanels * Math.min(rows, 60), [rows, w.kPanels, a.address, a.stride, w.address, c.address, c.stride, w.nPanels]);
  }

  /** dw = aᵀ·b over all rows, or dw += aᵀ·b. */
  outerProduct(rows: number, a: Panels, b: Panels, dw: number, mode: 'set' | 'add'): void {
    const pieces = this.kernels.outerPieces(b.panels);
    this.#do(Operation.outerProduct, pieces, (128 * rows * a.panels * b.panels) / pieces, [rows, a.address, a.stride, a.panels, b.address, b.stride, b.panels, dw, mode === 'add' ? 1 : 0]);
  }

  /** wT = wᵀ, a weight of the transposed shape at `target`. */
  transpose(w: Weight, target: number): void {
    this.#do(Operation.transpose, w.kPanels, w.nPanels * 64 * elementCost, [w.address, w.kPanels, w.nPanels, target]);
  }

  /** Timesteps of a layer forwards. */
  recurForward(stages: Stages): void {
    this.#recur(Operation.recurForward, stages);
  }

  /** And backwards. */
  recurBackward(stages: Stages): void {
    this.#recur(Operation.recurBackward, stages);
  }

  /** vector = sum of all rows of a, or vector += it. */
  sumRows(rows: number, a: Panels, vector: number, mode: 'set' | 'add'): void {
    this.#do(Operation.sumRows, a.panels, rows * 8 * elementCost, [rows, a.address, a.stride, vector, mode === 'add' ? 1 : 0]);
  }

  /** Every row = vector. */
  broadcast(rows: number, vector: number, out: Panels): void {
    this.#panels(Operation.broadcast, rows, out.panels, 1, [vector, out.address, out.stride]);
  }

  clear(rows: number, out: Panels): void {
    this.#panels(Operation.clear, rows, out.panels, 1, [out.address, out.stride]);
  }

  copy(rows: number, a: Panels, out: Panels): void {
    this.#panels(Operation.copy, rows, out.panels, 1, [a.address, a.stride, out.address, out.stride]);
  }

  /** out = a + b. */
  add(rows: number, a: Panels, b: Panels, out: Panels): void {
    this.#panels(Operation.add, rows, out.panels, 1, [a.address, a.stride, b.address, b.stride, out.address, out.stride]);
  }

  /** out[·][to[i]] = a[·][from[i]] for i < count; `from` and `to` are addresses of i32. */
  moveColumns(rows: number, count: number, a: Panels, from: number, out: Panels, to: number): void {
    this.#do(Operation.moveColumns, count, rows * elementCost, [rows, a.address, a.stride, from, out.address, out.stride, to]);
  }

  /** out[b] = the last real row of sequence b; `lengths` 0: all have `steps` timesteps. */
  lastRows(steps: number, sequences: number, lengths: number, a: Panels, out: Panels): void {
    this.#panels(Operation.lastRows, sequences, out.panels, 1, [sequences, lengths, a.address, a.stride, out.address, out.stride], steps);
  }

  /** And back: `a` becomes 0 in all other rows. */
  lastRowsBackward(steps: number, sequences: number, lengths: number, a: Panels, out: Panels): void {
    this.#panels(Operation.lastRowsBackward, steps * sequences, out.panels, 1, [sequences, lengths, a.address, a.stride, out.address, out.stride], steps);
  }

  /** g = σ(g), y = g ⊙ h + (1 − g) ⊙ x; y has the stride of g. */
  highwayForward(rows: number, g: Panels, y: Panels, h: Panels, x: Panels): void {
    this.#panels(Operation.highwayForward, rows, g.panels, 2, [g.address, y.address, g.stride, h.address, h.stride, x.address, x.stride]);
  }

  /** dh = dy ⊙ g in place of dy, dx = dy ⊙ (1 − g), da = dy ⊙ (h − x) ⊙ g(1 − g). */
  highwayBackward(rows: number, g: Panels, h: Panels, x: Panels, dy: Panels, dx: Panels, da: Panels): void {
    this.#panels(Operation.highwayBackward, rows, g.panels, 2, [g, h, x, dy, dy, dx, da].flatMap(({ address, stride }) => [address, stride]));
  }

  /** out = a with dropout of this layer, by the batch's seed. `column`: of the first in the rows [width] of the layer; begins `firstRow` rows further down. */
  dropout(rows: number, a: Panels, out: Panels, { layer, rate, column, width, firstRow }: { readonly layer: number; readonly rate: number; readonly column: number; readonly width: number; readonly firstRow: number }): void {
    // A hash u is dropped when u·2⁻³² < rate.
    const threshold = Math.ceil(rate * 2 ** 32);
    this.#do(Operation.dropout, a.panels, rows * 8 * elementCost * 1.2, [rows, firstRow * width + column, width, this.words.seedAt, layer, threshold, a.address, a.stride, out.address, out.stride], [1 / (1 - rate)]);
  }

  /** out = values [rows, columns], f64 and row-major at this address; notes in `words` when one is not finite. */
  readValues(rows: number, columns: number, values: number, out: Panels): void {
    this.#do(Operation.readValues, rows, columns * elementCost, [columns, values, out.address, out.stride, this.words.wrongAt]);
  }

  /** out[row] = bias + table[token of the row]; `bias` 0: none. */
  gather(rows: number, table: Weight, tokens: number, bias: number, out: Panels): void {
    this.#do(Operation.gather, rows, table.nPanels * 8 * elementCost, [table.nPanels, table.address, table.kPanels * 8, tokens, bias, out.address, out.stride]);
  }

  /** dTable[token of the row] = sum of its rows of a; 0 for tokens that do not occur. */
  scatter(rows: number, a: Panels, tokens: number, dTable: Weight): void {
    this.#do(Operation.scatter, dTable.nPanels, (rows + dTable.kPanels * 8) * 8 * elementCost, [rows, a.address, a.stride, tokens, dTable.address, dTable.kPanels * 8]);
  }

  /** out = one-hot rows. */
  oneHot(rows: number, tokens: number, out: Panels): void {
    this.clear(rows, out);
    this.#do(Operation.oneHot, rows, elementCost, [tokens, out.address, out.stride]);
  }

  /** out = both biases, in blocks of `panels`; see `src/engine/kernels/biases.ts`. */
  combineBiases({ panels, blocks, gates, shift, cycle }: BiasBlocks, biasIh: number, biasHh: number, out: number): void {
    this.#do(Operation.combineBiases, 1, panels * blocks * 16, [panels, blocks, gates, shift, cycle, biasIh, biasHh, out]);
  }

  /** And back, from gradients of the blocks. */
  splitBiases({ panels, blocks, gates, shift, cycle }: BiasBlocks, sums: number, biasIh: number, biasHh: number): void {
    this.#do(Operation.splitBiases, 1, panels * blocks * 16, [panels, gates, shift, cycle, sums, biasIh, biasHh]);
  }

  /** Cross-entropy of each row into f64 `losses` and, unless `gradient` is absent, its derivatives times the batch's loss scale. */
  crossEntropy(rows: number, classes: number, logits: Panels, targets: number, losses: number, gradient: Panels | undefined): void {
    this.#do(Operation.crossEntropy, rows, classes * 30, [classes, logits.address, logits.stride, targets, losses, gradient?.address ?? 0, gradient?.stride ?? 0, this.words.lossScaleAt]);
  }

  /** The same of the mean squared error. */
  squaredError(rows: number, columns: number, outputs: Panels, targets: Panels, counts: number, losses: number, gradient: Panels | undefined): void {
    this.#do(Operation.squaredError, rows, columns * 30, [columns, outputs.address, outputs.stride, targets.address, targets.stride, counts, losses, gradient?.address ?? 0, gradient?.stride ?? 0, this.words.lossScaleAt]);
  }

  /** Sums f64 `losses` into the batch's words. */
  sumLosses(rows: number, losses: number): void {
    this.#do(Operation.sumLosses, 1, rows * elementCost, [rows, losses, this.words.lossSumAt]);
  }

  /** A kernel that goes over blocks of gradients; see `GradientBlocks`. */
  gradientBlocks(kernel: 'sumOfSquares' | 'clippedDot' | 'clipValues', blocks: number, count: number, costEach: number, threshold: number): void {
    this.#do(Operation[kernel], count, costEach, [blocks], [threshold]);
  }

  /** An update rule over so many bytes of each region, a multiple of 64; arguments as in `src/engine/kernels/optimizers.ts`. */
  update(rule: UpdateKernel, bytes: number, integers: readonly number[], floats: readonly number[]): void {
    this.#do(Operation[rule], bytes / 64, 64 * 30, integers, floats);
  }

  /** `cost`: of one sequence. */
  attentionForward(sequences: number, cost: number, job: number): void {
    this.#do(Operation.attentionForward, sequences, cost, [job]);
  }

  attentionBackward(sequences: number, cost: number, job: number): void {
    this.#do(Operation.attentionBackward, sequences, cost, [job]);
  }

  attentionAdjoint(sequences: number, cost: number, job: number, t: number, exponents: number): void {
    this.#do(Operation.attentionAdjoint, sequences, cost, [job, t, exponents]);
  }

  /** Back through a cell at timestep t, for the adjoints of losses [first, end); `cost`: of one loss. */
  cellDerivatives(first: number, end: number, cost: number, job: number, adjoints: number, t: number, stage: number): void {
    this.#do(Operation.cellDerivatives, end - first, cost, [job, adjoints, t, stage, first]);
  }

  /** Slopes of a cell at its first `steps` timesteps; this and the next two: see `src/engine/kernels/cellJacobian.ts`. */
  cellSlopes(steps: number, job: number, { sources, blocks, unitPanels }: CellBlocks, slopes: Panels, tiny: number): void {
    this.#do(Operation.cellSlopes, steps, sources * blocks * unitPanels * 8 * elementCost, [job, sources, blocks, slopes.address, slopes.stride], [tiny]);
  }

  /** The Jacobian of one timestep through `weight`, [blocks·U] → [8·nPanels], whose first block has the slopes `slopes`. */
  cellJacobian({ sources, blocks, unitPanels }: CellBlocks, slopes: Panels, sourceSkip: number, weight: Weight, jacobian: number): void {
    this.#do(Operation.cellJacobian, weight.nPanels, sources * blocks * unitPanels * 128, [unitPanels, sources, blocks, slopes.address, slopes.stride, sourceSkip, weight.address, jacobian]);
  }

  /** What goes back a timestep without a product, into `out`. */
  carryBack(rows: number, { sources, unitPanels }: CellBlocks, slopes: Panels, sourceSkip: number, hidden: Panels, carry: Panels, out: Panels): void {
    this.#do(Operation.carryBack, unitPanels, rows * 16 * elementCost, [rows, sources, slopes.address, slopes.stride, sourceSkip, ...[hidden, carry, out].flatMap(({ address, stride }) => [address, stride])]);
  }

  /** `product`, shared by panels of w. */
  productOfPanels(rows: number, a: Panels, w: Weight, c: Panels): void {
    this.#do(Operation.productOfPanels, w.nPanels, 128 * w.kPanels * rows, [rows, w.kPanels, a.address, a.stride, w.address, c.address, c.stride]);
  }

  /** See `addScaled` of `scaledRows.ts`. */
  addScaled(rows: number, a: Panels, aExponents: number, b: Panels, bExponents: number, carry: Panels | undefined, folds: number): void {
    this.#do(Operation.addScaled, rows, a.panels * 160, [a.panels, a.address, a.stride, aExponents, b.address, b.stride, bExponents, carry?.address ?? 0, carry?.stride ?? 0, folds]);
  }

  /** See `rowNorms` of `scaledRows.ts`. */
  rowNorms(rows: number, a: Panels, exponents: number, norms: number): void {
    this.#do(Operation.rowNorms, rows, a.panels * 40, [a.panels, a.address, a.stride, exponents, norms]);
  }

  /** Exponents of rows of zeros. */
  clearExponents(rows: number, exponents: number): void {
    this.#do(Operation.clearExponents, rows, elementCost, [exponents]);
  }

  /** `out` = exponents. */
  copyExponents(rows: number, exponents: number, out: number): void {
    this.#do(Operation.copyExponents, rows, elementCost, [exponents, out]);
  }

  #recur(operation: Operation, { jobs: [first = 0, second = 0], unitPanels, first: from, count, cost }: Stages): void {
    this.#do(operation, count * unitPanels, cost, [first, second, from * unitPanels], none, unitPanels);
  }

  /** Element-wise work on panels of matrices of `rows` rows; `weight`: how dear an element is beside a copy. */
  #panels(operation: Operation, rows: number, panels: number, weight: number, integers: readonly number[], first = rows): void {
    this.#do(operation, panels, rows * 8 * elementCost * weight, [first, ...integers]);
  }

  /** Writes an instruction, and does it at once unless a program is being recorded. */
  #do(operation: Operation, pieces: number, cost: number, integers: readonly number[], floats = none, together = 1): void {
    if (pieces === 0) return;
    const start = this.#next ?? this.#desk;
    const end = start + instructionBytes;
    this.memory.reserve(end);
    const { i32, f32 } = this.memory;
    const at = start / 4;
    i32[at + word.operation] = operation;
    i32[at + word.pieces] = pieces;
    i32[at + word.together] = together;
    f32[at + word.cost] = cost;
    integers.forEach((value, n) => (i32[at + word.integers + n] = value));
    floats.forEach((value, n) => (f32[at + word.floats + n] = value));
    if (this.#next === undefined) this.run({ start, end });
    else this.#next = end;
  }
}

/** How the biases of gates stand in the blocks of pre-activations; see `src/engine/kernels/biases.ts`. */
export interface BiasBlocks {
  readonly panels: number;
  readonly blocks: number;
  readonly gates: number;
  readonly shift: number;
  readonly cycle: number;
}

/** How a cell is taken back through at once: 2 `sources` of an LSTM (dh and dc), else 1, and so many blocks of U pre-activations. */
export interface CellBlocks {
  readonly sources: number;
  readonly blocks: number;
  readonly unitPanels: number;
}

/** The update rules of `src/engine/kernels/optimizers.ts`. */
export type UpdateKernel = 'sgd' | 'sgdMomentum' | 'adam' | 'rmsprop' | 'adagrad';

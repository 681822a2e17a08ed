import type { Batch, LossSum } from '../engine';
import { panelRange, skipRows, type EngineMemory, type Panels } from './memory';
import type { Model } from './model';
import type { Operations } from './operations';
import type { HeadPlan, LayerPlan, Plan } from './plan';

/** The output layer and the loss of one batch. */
export class Head {
  readonly #operations: Operations;
  readonly #memory: EngineMemory;
  readonly #model: Model;
  readonly #plan: Plan;

  constructor(operations: Operations, memory: EngineMemory, model: Model, plan: Plan) {
    this.#operations = operations;
    this.#memory = memory;
    this.#model = model;
    this.#plan = plan;
  }

  /** Writes targets into the plan's buffers and gives the number of positions that count: not padded, and with a target. */
  writeTargets({ targets, lengths, steps, sequences }: Batch): number {
    const { head } = this.#plan;
    const { outputs, loss } = this.#model.architecture;
    const { i32, f32 } = this.#memory;
    const marks = head.marks >>> 2;
    let positions = 0;
    for (let row = 0; row < head.rows; row++) {
      const real = loss === 'class' || !lengths || Math.floor(row / sequences) < (lengths[row % sequences] ?? steps);
      if (!head.targets) {
        const target = real ? (targets[row] ?? -1) : -1;
        i32[marks + row] = target;
        if (target >= 0) positions++;
        continue;
      }
      let counts = real;
      for (let j = 0; j < outputs; j++) if (Number.isNaN(targets[row * outputs + j])) counts = false;
      i32[marks + row] = counts ? 1 : 0;
      if (counts) positions++;
      const { address, stride, panels } = head.targets;
      for (let j = 0; j < panels * 8; j++) f32[address / 4 + (j >> 3) * (stride / 4) + row * 8 + (j & 7)] = counts && j < outputs ? (targets[row * outputs + j] ?? 0) : 0;
    }
    return positions;
  }

  /** What the output layer reads, [rows]. */
  read(lengths: Int32Array | undefined): Panels {
    const { last } = this.#plan.head;
    if (!last) return this.#plan.top;
    for (const { target, source } of this.#lastStates(lengths, last, this.#plan.top)) this.#operations.kernels.copyRow(source.panels, source.address, source.stride, target.address, target.stride);
    return last;
  }

  /** The adjoint of the top outputs from that of what was read; only for the loss that is taken once. */
  readBackward(lengths: Int32Array | undefined, dRead: Panels, dTop: Panels): void {
    this.#operations.clear(this.#plan.rows, dTop);
    for (const { target, source } of this.#lastStates(lengths, dRead, dTop)) this.#operations.kernels.copyRow(source.panels, target.address, target.stride, source.address, source.stride);
  }

  /** The logits of rows [from, from + rows), in the plan's buffer. */
  logits(read: Panels, from: number, rows: number): Panels {
    const { weight, bias } = this.#model.head;
    const { logits } = this.#plan.head;
    this.#operations.broadcast(rows, bias.value, logits);
    this.#operations.product(rows, skipRows(read, from), weight.value, logits);
    return logits;
  }

  /** Losses of rows [from, from + rows) into the plan's buffer and, when `gradient` is given, scale · ∂ℓ/∂logits into it. */
  losses(logits: Panels, from: number, rows: number, gradient: Panels | undefined, scale: number): void {
    const { head } = this.#plan;
    const { outputs } = this.#model.architecture;
    const { address, stride } = gradient ?? { address: 0, stride: 0 };
    const marks = head.marks + from * 4;
    const losses = head.losses + from * 8;
    const targets = head.targets && skipRows(head.targets, from);
    this.#operations.pieces(0, rows, outputs * 30, (kernels, first, last) => {
      if (targets) kernels.squaredError(first, last, outputs, logits.address, logits.stride, targets.address, targets.stride, marks, losses, address, stride, scale);
      else kernels.crossEntropy(first, last, outputs, logits.address, logits.stride, marks, losses, address, stride, scale);
    });
  }

  /** Forward only: the sum of all losses. */
  evaluate(batch: Batch): LossSum {
    const positions = this.writeTargets(batch);
    const read = this.read(batch.lengths);
    for (const [from, rows] of this.chunks()) this.losses(this.logits(read, from, rows), from, rows, undefined, 0);
    return { sum: this.sumLosses(), positions };
  }

  /** Losses and all derivatives of their mean: gradients of the output layer, and the adjoint of the top outputs into `dTop`. */
  train(batch: Batch, dTop: Panels): LossSum {
    const { weight, bias, transposed } = this.#model.head;
    const { head, backward } = this.#plan;
    const positions = this.writeTargets(batch);
    const read = this.read(batch.lengths);
    const dRead = panelRange(head.last && backward ? backward.last : dTop, 0, weight.value.kPanels);
    this.#operations.transpose(weight.value, transposed.address);
    this.#operations.clear(head.rows, dRead);
    for (const [from, rows] of this.chunks()) {
      const logits = this.logits(read, from, rows);
      this.losses(logits, from, rows, logits, positions > 0 ? 1 / positions : 0);
      const mode = from === 0 ? 'set' : 'add';
      this.#operations.outerProduct(rows, skipRows(read, from), logits, weight.gradient.address, mode);
      this.#operations.sumRows(rows, logits, bias.gradient, mode);
      this.#operations.product(rows, logits, transposed, skipRows(dRead, from));
    }
    if (head.last) this.readBackward(batch.lengths, dRead, dTop);
    return { sum: this.sumLosses(), positions };
  }

  sumLosses(): number {
    const { losses, rows } = this.#plan.head;
    const { f64 } = this.#memory;
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += f64[losses / 8 + row] ?? 0;
    return sum;
  }

  /** Rows in chunks [first, number]. */
  *chunks(): Generator<readonly [number, number]> {
    const { rows, chunk }: HeadPlan = this.#plan.head;
    for (let from = 0; from < rows; from += chunk) yield [from, Math.min(chunk, rows - from)];
  }

  /**
   * Rows that go from the top outputs into [B] last states: each sequence's last output, and of a bidirectional
   * top layer without a connection the reverse direction's at the first timestep, where it ends.
   */
  *#lastStates(lengths: Int32Array | undefined, last: Panels, top: Panels): Generator<{ readonly target: Panels; readonly source: Panels }> {
    const { sequences, steps } = this.#plan;
    const layer: LayerPlan | undefined = this.#plan.layers.at(-1);
    const kPanels = this.#model.head.weight.value.kPanels;
    const both = layer && layer.model.directions.length === 2 && layer.model.shape.connection === 'none';
    for (let b = 0; b < sequences; b++) {
      const end = ((lengths?.[b] ?? steps) - 1) * sequences + b;
      const parts = both ? [[0, end], [1, b]] : [[0, end]];
      for (const [part = 0, row = 0] of parts) {
        const width = both ? layer.model.unitPanels : kPanels;
        yield { target: skipRows(panelRange(last, part * width, width), b), source: skipRows(panelRange(top, part * width, width), row) };
      }
    }
  }
}

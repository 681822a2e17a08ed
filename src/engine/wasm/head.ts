import type { Batch } from '../engine';
import { panelRange, skipRows, type Panels } from './memory';
import type { Model } from './model';
import type { Operations } from './operations';
import type { HeadPlan, LayerPlan, Plan } from './plan';

/** The output layer and the loss of batches of one shape. */
export class Head {
  readonly #operations: Operations;
  readonly #model: Model;
  readonly #plan: Plan;

  constructor(operations: Operations, model: Model, plan: Plan) {
    this.#operations = operations;
    this.#model = model;
    this.#plan = plan;
  }

  /** Writes targets into the plan's buffers and gives the number of positions that count: not padded, and with a target. Derivatives of losses are those of the mean over them. */
  writeTargets(batch: Batch): number {
    const positions = this.#plan.head.targets ? this.#writeValues(batch, this.#plan.head.targets) : this.#writeTokens(batch);
    this.#operations.words.lossScale = positions > 0 ? 1 / positions : 0;
    return positions;
  }

  /** What the output layer reads, [rows]. */
  read(lengths: 'masked' | 'whole'): Panels {
    const { last } = this.#plan.head;
    const { top, steps, sequences } = this.#plan;
    if (!last) return top;
    const { ends, begins } = this.#lastParts(top, last);
    this.#operations.lastRows(steps, sequences, this.#lengthsAt(lengths), ends.top, ends.last);
    if (begins) this.#operations.copy(sequences, begins.top, begins.last);
    return last;
  }

  /** The adjoint of the top outputs from that of what was read; only for the loss that is taken once. */
  readBackward(lengths: 'masked' | 'whole', dRead: Panels, dTop: Panels): void {
    const { rows, steps, sequences } = this.#plan;
    const { ends, begins } = this.#lastParts(dTop, dRead);
    this.#operations.lastRowsBackward(steps, sequences, this.#lengthsAt(lengths), ends.top, ends.last);
    if (!begins) return;
    this.#operations.clear(rows, begins.top);
    this.#operations.copy(sequences, begins.last, begins.top);
  }

  /** The logits of rows [from, from + rows), in the plan's buffer. */
  logits(read: Panels, from: number, rows: number): Panels {
    const { weight, bias } = this.#model.head;
    const { logits } = this.#plan.head;
    this.#operations.broadcast(rows, bias.value, logits);
    this.#operations.product(rows, skipRows(read, from), weight.value, logits);
    return logits;
  }

  /** Losses of rows [from, from + rows) into the plan's buffer and, when `gradient` is given, ∂ℓ/∂logits times the batch's scale into it. */
  losses(logits: Panels, from: number, rows: number, gradient: Panels | undefined): void {
    const { head } = this.#plan;
    const { outputs } = this.#model.architecture;
    const marks = head.marks + from * 4;
    const losses = head.losses + from * 8;
    if (head.targets) this.#operations.squaredError(rows, outputs, logits, skipRows(head.targets, from), marks, losses, gradient);
    else this.#operations.crossEntropy(rows, outputs, logits, marks, losses, gradient);
  }

  /** Forward only: all losses, and their sum; targets have been written. */
  evaluate(lengths: 'masked' | 'whole'): void {
    const { rows, losses } = this.#plan.head;
    const read = this.read(lengths);
    for (const [from, count] of this.chunks()) this.losses(this.logits(read, from, count), from, count, undefined);
    this.#operations.sumLosses(rows, losses);
  }

  /** Losses, their sum, and all derivatives of their mean: gradients of the output layer, and the adjoint of the top outputs into `dTop`; targets have been written. */
  train(lengths: 'masked' | 'whole', dTop: Panels): void {
    const { weight, bias, transposed } = this.#model.head;
    const { head, backward } = this.#plan;
    const read = this.read(lengths);
    const dRead = panelRange(head.last && backward ? backward.last : dTop, 0, weight.value.kPanels);
    this.#operations.transpose(weight.value, transposed.address);
    this.#operations.clear(head.rows, dRead);
    for (const [from, rows] of this.chunks()) {
      const logits = this.logits(read, from, rows);
      this.losses(logits, from, rows, logits);
      const mode = from === 0 ? 'set' : 'add';
      this.#operations.outerProduct(rows, skipRows(read, from), logits, weight.gradient.address, mode);
      this.#operations.sumRows(rows, logits, bias.gradient, mode);
      this.#operations.product(rows, logits, transposed, skipRows(dRead, from));
    }
    if (head.last) this.readBackward(lengths, dRead, dTop);
    this.#operations.sumLosses(head.rows, head.losses);
  }

  /** Rows in chunks [first, number]. */
  *chunks(): Generator<readonly [number, number]> {
    const { rows, chunk }: HeadPlan = this.#plan.head;
    for (let from = 0; from < rows; from += chunk) yield [from, Math.min(chunk, rows - from)];
  }

  #lengthsAt(lengths: 'masked' | 'whole'): number {
    return lengths === 'masked' ? this.#plan.lengths : 0;
  }

  /**
   * What of the top outputs goes into the [B] last states: each sequence's last output, and of a bidirectional top layer
   * without a connection the reverse direction's at the first timestep, where it ends.
   */
  #lastParts(top: Panels, last: Panels): { readonly ends: LastPart; readonly begins: LastPart | undefined } {
    const layer: LayerPlan | undefined = this.#plan.layers.at(-1);
    const all = this.#model.head.weight.value.kPanels;
    const both = layer?.model.directions.length === 2 && layer.model.shape.connection === 'none';
    const width = both ? layer.model.unitPanels : all;
    const part = (first: number): LastPart => ({ top: panelRange(top, first, width), last: panelRange(last, first, width) });
    return { ends: part(0), begins: both ? part(width) : undefined };
  }

  /** Classes: −1 where there is no loss. */
  #writeTokens({ targets, lengths, steps, sequences }: Batch): number {
    const { head } = this.#plan;
    const { i32 } = this.#operations.memory;
    const marks = head.marks / 4;
    const masked = this.#model.architecture.loss === 'class' ? undefined : lengths;
    let positions = 0;
    for (let first = 0, t = 0; first < head.rows; first += sequences, t++) {
      for (let b = 0; b < sequences; b++) {
        const target = masked && t >= (masked[b] ?? steps) ? -1 : (targets[first + b] ?? -1);
        i32[marks + first + b] = target;
        if (target >= 0) positions++;
      }
    }
    return positions;
  }

  /** Values: 0 where there is no loss, and in the padding. */
  #writeValues({ targets, lengths, steps, sequences }: Batch, { address, stride, panels }: Panels): number {
    const { head } = this.#plan;
    const { outputs } = this.#model.architecture;
    const { i32, f32 } = this.#operations.memory;
    let positions = 0;
    for (let row = 0; row < head.rows; row++) {
      let counts = !lengths || Math.floor(row / sequences) < (lengths[row % sequences] ?? steps);
      for (let j = 0; j < outputs; j++) if (Number.isNaN(targets[row * outputs + j])) counts = false;
      i32[head.marks / 4 + row] = counts ? 1 : 0;
      if (counts) positions++;
      for (let j = 0; j < panels * 8; j++) f32[address / 4 + (j >> 3) * (stride / 4) + row * 8 + (j & 7)] = counts && j < outputs ? (targets[row * outputs + j] ?? 0) : 0;
    }
    return positions;
  }
}

/** Panels of the top outputs, and where their last rows stand. */
interface LastPart {
  readonly top: Panels;
  readonly last: Panels;
}

import { takeBuffers, widestOf, type AdjointBuffers } from './adjointBuffers';
import { panelRange, skipRows, type Arena, type EngineMemory, type Panels } from './memory';
import { cellCode, recurrentGates, transposeWeights, type DirectionModel, type LayerModel, type Stack } from './model';
import type { Operations } from './operations';
import type { DirectionPlan, LayerPlan, StackPlan } from './plan';
import { writeRecurrence } from './recurrence';
import { addScaled, type ScaledRows } from './scaledRows';
import { beginFrom, type ScaledStateAdjoint } from './stateAdjoints';

/** What an observer sees of one direction at one timestep: adjoints of hₜ for `copies` losses, B rows each. */
export interface AdjointStep {
  readonly layer: LayerPlan;
  readonly layerIndex: number;
  readonly directionIndex: number;
  readonly t: number;
  /** The total derivative by hₜ, [copies·B, H]. */
  readonly hidden: ScaledRows;
  /** What reaches hₜ from above only. */
  readonly partial: ScaledRows;
  /** See `Recurrence.carry`; of an LSTM what reaches cₜ from cₜ₊₁. Has the exponents of `hidden`. */
  readonly carry: Panels;
  /** Adjoints for `cellStateAdjoint`: an `Adjoints`. */
  readonly adjoints: number;
  /** Copies that can be other than 0, [from, to). */
  readonly from: number;
  readonly to: number;
}

/** How the adjoints of one layer's inputs xₜ arrive, all timesteps of them: their sum is the whole. */
export interface PathAdjoints {
  readonly layer: LayerPlan;
  readonly layerIndex: number;
  /** Around the layer, unchanged by any weight: residual dy, dense its columns of dy, highway (1 − g) ⊙ dy. */
  readonly identity: ScaledRows;
  /** Through the cell in all its directions, later timesteps included, and through a highway's gate. */
  readonly transform: ScaledRows;
}

/** What looks on while a pass goes back. */
export interface AdjointObserver {
  step(step: AdjointStep): void;
  /** Of each layer with a connection; only of passes made to tell paths apart. */
  paths?(paths: PathAdjoints): void;
  /** Of the state that a layer's forward direction started from, once the pass has been there. */
  initial?(layerIndex: number, adjoint: ScaledStateAdjoint): void;
}

/** Elements this much smaller than their row, which is scaled to about 1, count as 0. */
const negligible = 1e-30;

/**
 * Carries the adjoints of several losses ("copies") back through all layers of a stack together, as one batch of
 * copies × sequences rows at each timestep, after a forward pass whose gates it leaves as they are. Rows keep
 * a power of two apart from their numbers, so that adjoints far below f32's 1e-38 stay exact to f32's precision.
 *
 * For traces only; training has its own pass (`backward.ts`), which is faster and stops at 1e-24.
 */
export class AdjointPass {
  readonly #operations: Operations;
  readonly #memory: EngineMemory;
  readonly #plan: StackPlan;
  readonly #copies: number;
  readonly #buffers: AdjointBuffers;
  readonly #masked: 'masked' | 'whole';

  /** Takes its buffers from `arena`. `masked`: the batch has lengths, which stand in the plan; `paths`: tells the ways around and through layers apart. */
  constructor(operations: Operations, memory: EngineMemory, model: Stack, plan: StackPlan, arena: Arena, copies: number, masked: 'masked' | 'whole', paths: 'with-paths' | 'without-paths') {
    this.#operations = operations;
    this.#memory = memory;
    this.#plan = plan;
    this.#copies = copies;
    this.#masked = masked;
    this.#buffers = takeBuffers(arena, model, plan, copies, paths);
    memory.reserve(arena.end);
  }

  /** Bytes that a pass takes for each copy. */
  static bytesPerCopy(model: Stack, plan: StackPlan): number {
    return 2 * plan.rows * (widestOf(model) * 32 + 4);
  }

  /** The adjoints of the top outputs, to be filled before `run`: all 0 at first. Row (t·copies + copy)·B + b. */
  begin(): ScaledRows {
    const { above } = this.#buffers;
    const rows = this.#plan.rows * this.#copies;
    this.#operations.clear(rows, above.rows);
    this.#operations.kernels.clearExponents(rows, above.exponents);
    return above;
  }

  /**
   * Goes through all layers and timesteps. When `firstPosition` is given, copy i is the loss of position
   * firstPosition + i, which no later timestep can touch as long as all layers read forwards. `final` holds what
   * reaches last states from outside, by layer and direction.
   */
  run(observer: AdjointObserver, firstPosition?: number, final?: readonly (readonly ScaledStateAdjoint[] | undefined)[]): void {
    let { above, below } = this.#buffers;
    let causal = firstPosition !== undefined;
    for (let index = this.#plan.layers.length - 1; index >= 0; index--) {
      const layer = this.#plan.layers[index];
      if (!layer) continue;
      transposeWeights(this.#operations, layer.model, 'with-inputs');
      const transform = layer.model.shape.connection === 'none' ? undefined : this.#beginTransform(layer, above);
      const dx = index > 0 || transform ? { rows: panelRange(below.rows, 0, layer.model.x.panels), exponents: below.exponents } : undefined;
      const dHidden = this.#connectionBackward(layer, above, dx, transform);
      layer.model.directions.forEach((direction, d) => {
        const buffers = layer.directions[d];
        if (!buffers) return;
        const own = { rows: panelRange(dHidden.rows, d * layer.model.unitPanels, layer.model.unitPanels), exponents: dHidden.exponents };
        const first = causal && direction.direction === 'forward' ? firstPosition : undefined;
        this.#direction({ layer, layerIndex: index, directionIndex: d, direction, buffers, final: final?.[index]?.[d] }, own, transform ?? dx, observer, first);
      });
      if (transform && dx) {
        observer.paths?.({ layer, layerIndex: index, identity: dx, transform });
        const { rows, exponents } = transform;
        addScaled(this.#operations, 0, this.#plan.rows * this.#copies, dx, { rows, exponents });
      }
      if (layer.model.directions.length > 1) causal = false;
      [above, below] = [below, above];
    }
  }

  /** Goes through one direction of one layer alone. What `begin` gave is what reaches its hidden states from above; the observer may put in more. */
  runAlone(layerIndex: number, directionIndex: number, observer: AdjointObserver): void {
    const layer = this.#plan.layers[layerIndex];
    const [direction, buffers] = [layer?.model.directions[directionIndex], layer?.directions[directionIndex]];
    if (!layer || !direction || !buffers) return;
    transposeWeights(this.#operations, layer.model, 'without-inputs');
    const { rows, exponents } = this.#buffers.above;
    this.#direction({ layer, layerIndex, directionIndex, direction, buffers }, { rows: panelRange(rows, 0, layer.model.unitPanels), exponents }, undefined, observer, undefined);
  }

  /** Zeros with the exponents of `above`; undefined when paths are not told apart. */
  #beginTransform({ model }: LayerPlan, above: ScaledRows): ScaledRows | undefined {
    const { transform } = this.#buffers;
    if (!transform) return undefined;
    const all = this.#plan.rows * this.#copies;
    const rows = panelRange(transform.rows, 0, model.x.panels);
    this.#operations.clear(all, rows);
    this.#memory.i32.copyWithin(transform.exponents / 4, above.exponents / 4, above.exponents / 4 + all);
    return { rows, exponents: transform.exponents };
  }

  /** Back through what leads around a layer: gives the adjoints of the hidden states, and begins `dx`; what comes through a highway's gate goes to `transform`, when that is given. */
  #connectionBackward(layer: LayerPlan, above: ScaledRows, dx: ScaledRows | undefined, transform: ScaledRows | undefined): ScaledRows {
    const { model, x, around, dropped, highwayGate } = layer;
    const { rows, sequences, steps } = this.#plan;
    const all = rows * this.#copies;
    const kind = model.shape.connection;
    const dOutput = panelRange(above.rows, 0, model.output.panels);
    if (dx) {
      this.#operations.clear(all, dx.rows);
      if (kind === 'none') this.#operations.kernels.clearExponents(all, dx.exponents);
      else this.#memory.i32.copyWithin(dx.exponents / 4, above.exponents / 4, above.exponents / 4 + all);
    }
    if (kind === 'dense') {
      if (dx) this.#operations.copy(all, panelRange(dOutput, 0, model.x.panels), dx.rows);
      return { rows: panelRange(dOutput, model.x.panels, model.h.panels), exponents: above.exponents };
    }
    const moveBack = (from: Panels, count: number, to: Panels): void => {
      if (model.moveX) this.#operations.moveColumns(count, model.x.size, from, model.moveX.to, to, model.moveX.from);
      else this.#operations.copy(count, from, to);
    };
    if (kind === 'residual' && dx) moveBack(dOutput, all, dx.rows);
    if (kind === 'highway' && model.highway && highwayGate && x && around) {
      const [da, dAround] = [panelRange(this.#buffers.gates, 0, model.h.panels), panelRange(this.#buffers.around, 0, model.h.panels)];
      const together = this.#copies * sequences;
      for (let t = 0; t < steps; t++) {
        const [g, h, carried] = [skipRows(highwayGate, t * sequences), skipRows(dropped, t * sequences), skipRows(around, t * sequences)];
        for (let copy = 0; copy < this.#copies; copy++) {
          const skip = copy * sequences;
          this.#operations.highwayBackward(sequences, g, h, carried, skipRows(dOutput, t * together + skip), skipRows(dAround, skip), skipRows(da, skip));
        }
        if (!dx) continue;
        const dxHere = skipRows(dx.rows, t * together);
        moveBack(dAround, together, dxHere);
        this.#operations.product(together, da, model.highway.transposed, transform ? skipRows(transform.rows, t * together) : dxHere);
      }
    }
    return { rows: dOutput, exponents: above.exponents };
  }

  /** Backpropagation through time in one direction; adds to `dx`. */
  #direction(place: DirectionPlace, partial: ScaledRows, dx: ScaledRows | undefined, observer: AdjointObserver, firstPosition: number | undefined): void {
    const { kernels } = this.#operations;
    const { layer, direction, buffers } = place;
    const { model } = layer;
    const { steps, sequences, lengths } = this.#plan;
    const { unitPanels, code } = model;
    const together = this.#copies * sequences;
    const hidden = panelRange(this.#buffers.hidden, 0, unitPanels);
    const carry = panelRange(this.#buffers.carry, 0, unitPanels);
    const gates = panelRange(this.#buffers.gates, 0, model.blocks * unitPanels);
    const { adjoints, exponents } = this.#buffers;
    writeRecurrence(this.#memory, this.#plan, model, direction, buffers, this.#masked);
    this.#writeAdjoints(gates, hidden, carry);
    this.#operations.clear(together, hidden);
    this.#operations.clear(together, carry);
    kernels.clearExponents(together, exponents);
    const folds = code === cellCode.gru || code === cellCode['gru-reset-before'] ? 1 : 0;

    for (let index = steps - 1; index >= 0; index--) {
      const t = direction.direction === 'forward' ? index : steps - 1 - index;
      const from = firstPosition === undefined ? 0 : Math.min(Math.max(t - firstPosition, 0), this.#copies);
      const to = this.#copies;
      const [first, last] = [from * sequences, to * sequences];
      if (first >= last) continue;
      const rows = last - first;
      if (place.final) beginFrom(this.#operations, this.#memory, this.#plan, { t, direction: direction.direction, copies: this.#copies, masked: this.#masked }, place.final, { h: hidden, c: carry, exponents });
      // 1. All that depends on hₜ: what lies above it, and what came back from the timestep after.
      const here = { rows: skipRows(partial.rows, t * together), exponents: partial.exponents + t * together * 4 };
      addScaled(this.#operations, first, last, { rows: hidden, exponents }, here, { rows: carry, folds });
      if (this.#masked === 'masked') this.#operations.kernels.silenceEnded(first, last, unitPanels, t, sequences, lengths, hidden.address, hidden.stride, carry.address, carry.stride, exponents);
      observer.step({ layer, layerIndex: place.layerIndex, directionIndex: place.directionIndex, t, hidden: { rows: hidden, exponents }, partial: here, carry, adjoints, from, to });
      // 2. Back through the cell.
      this.#cellDerivatives(model, buffers, t, 0, from, to);
      if (code === cellCode['gru-reset-before'] && direction.transposedNew) {
        const dq = skipRows(hidden, first);
        this.#operations.clear(rows, dq);
        this.#operations.product(rows, skipRows(panelRange(gates, 0, unitPanels), first), direction.transposedNew, dq);
        this.#cellDerivatives(model, buffers, t, 1, from, to);
      }
      // 3. To the layer below, and to the timestep before.
      if (dx && direction.transposedIh) {
        const dxHere = panelRange(this.#buffers.inputs, 0, model.x.panels);
        this.#operations.clear(rows, skipRows(dxHere, first));
        this.#operations.product(rows, skipRows(panelRange(gates, 0, model.inputBlocks * unitPanels), first), direction.transposedIh, skipRows(dxHere, first));
        const target = skipRows(dx.rows, t * together);
        addScaled(this.#operations, first, last, { rows: target, exponents: dx.exponents + t * together * 4 }, { rows: dxHere, exponents });
      }
      this.#operations.clear(rows, skipRows(hidden, first));
      this.#operations.product(rows, skipRows(recurrentGates(model, gates), first), direction.transposedHh, skipRows(hidden, first));
    }
    if (!observer.initial || direction.direction !== 'forward') return;
    if (folds === 1) this.#operations.add(together, hidden, carry, hidden);
    observer.initial(place.layerIndex, { h: hidden, c: carry, exponents });
  }

  /** Back through the cell at timestep t, for the losses [from, to). */
  #cellDerivatives({ blocks, unitPanels }: LayerModel, { job }: DirectionPlan, t: number, stage: number, from: number, to: number): void {
    this.#operations.cellDerivatives(from, to, this.#plan.sequences * unitPanels * blocks * 80, job, this.#buffers.adjoints, t, stage);
  }

  /** Writes the `Adjoints` of `src/engine/kernels/cells/cell.ts`. */
  #writeAdjoints(gates: Panels, hidden: Panels, carry: Panels): void {
    const { i32, f32 } = this.#memory;
    const at = this.#buffers.adjoints / 4;
    [gates.address, gates.stride, hidden.address, hidden.stride, carry.address, carry.stride].forEach((value, index) => (i32[at + index] = value));
    f32[at + 6] = negligible;
  }
}

interface DirectionPlace {
  readonly layer: LayerPlan;
  readonly layerIndex: number;
  readonly directionIndex: number;
  readonly direction: DirectionModel;
  readonly buffers: DirectionPlan;
  readonly final?: ScaledStateAdjoint;
}

import { takeBuffers, widestOf, type AdjointBuffers } from './adjointBuffers';
import { panelRange, skipRows, type Arena, type EngineMemory, type Panels } from './memory';
import { cellCode, transposeWeights, type DirectionModel, type Stack } from './model';
import type { Operations } from './operations';
import type { DirectionPlan, LayerPlan, StackPlan } from './plan';
import { writeRecurrence, writeSequence } from './recurrence';
import { addScaled, type ScaledRows } from './scaledRows';
import { beginFrom, type ScaledStateAdjoint } from './stateAdjoints';
import { throughCell } from './throughCell';

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

/** What an `AdjointPass` goes through. */
export interface AdjointPassOptions {
  /** Losses that travel together. */
  readonly copies: number;
  /** `masked`: the batch has lengths, which stand in the plan. */
  readonly lengths: 'masked' | 'whole';
  /** `with-paths`: tells the ways around and through layers apart. */
  readonly paths: 'with-paths' | 'without-paths';
  /** Only this sequence, whose losses share its Jacobians; all when absent. */
  readonly sequence?: number;
}

/**
 * Carries the adjoints of several losses ("copies") back through all layers of a stack together, as one batch of
 * copies × sequences rows at each timestep, after a forward pass whose gates it leaves as they are. Rows keep
 * a power of two apart from their numbers, so that adjoints far below f32's 1e-38 stay exact to f32's precision.
 *
 * For traces only; training has its own pass (`backward.ts`), which is faster for one loss and stops at 1e-24.
 */
export class AdjointPass {
  readonly #operations: Operations;
  readonly #memory: EngineMemory;
  readonly #plan: StackPlan;
  readonly #copies: number;
  readonly #buffers: AdjointBuffers;
  /** Whether there are rows behind the end of their sequence. */
  readonly #masked: 'masked' | 'whole';
  /** Sequences that it goes through, from this one on, and their timesteps. */
  readonly #first: number;
  readonly #sequences: number;
  readonly #steps: number;

  /** Takes its buffers from `arena`. */
  constructor(operations: Operations, memory: EngineMemory, model: Stack, plan: StackPlan, arena: Arena, { copies, lengths, paths, sequence }: AdjointPassOptions) {
    this.#operations = operations;
    this.#memory = memory;
    this.#plan = plan;
    this.#copies = copies;
    this.#first = sequence ?? 0;
    this.#sequences = sequence === undefined ? plan.sequences : 1;
    // One sequence alone ends where it ends.
    this.#masked = sequence === undefined ? lengths : 'whole';
    this.#steps = sequence === undefined || lengths === 'whole' ? plan.steps : (memory.i32[plan.lengths / 4 + sequence] ?? plan.steps);
    this.#buffers = takeBuffers(arena, model, this.#steps, copies, this.#sequences, paths);
    memory.reserve(arena.end);
  }

  /** Bytes that a pass takes for each copy of so many sequences. */
  static bytesPerCopy(model: Stack, { steps }: StackPlan, sequences: number): number {
    return 2 * steps * sequences * (widestOf(model) * 32 + 4);
  }

  /** The adjoints of the top outputs, to be filled before `run`: all 0 at first. Row (t·copies + copy)·B + b. */
  begin(): ScaledRows {
    const { above } = this.#buffers;
    this.#operations.clear(this.#rows, above.rows);
    this.#operations.clearExponents(this.#rows, above.exponents);
    return above;
  }

  /**
   * Goes through all layers and timesteps. When `positions` are given, ascending, copy i is the loss of position
   * positions[i], which no later timestep can touch as long as all layers read forwards. `final` holds what
   * reaches last states from outside, by layer and direction.
   */
  run(observer: AdjointObserver, positions?: readonly number[], final?: readonly (readonly ScaledStateAdjoint[] | undefined)[]): void {
    let { above, below } = this.#buffers;
    let causal = positions;
    for (let index = this.#plan.layers.length - 1; index >= 0; index--) {
      const layer = this.#plan.layers[index];
      if (!layer) continue;
      const { model } = layer;
      transposeWeights(this.#operations, model, 'with-inputs');
      const transform = model.shape.connection === 'none' ? undefined : this.#beginTransform(layer, above);
      const dx = index > 0 || transform ? { rows: panelRange(below.rows, 0, model.x.panels), exponents: below.exponents } : undefined;
      // Losses leave rows untouched that lie behind them, which only a reverse direction would read.
      const readsAll = causal !== undefined && this.#plan.layers.slice(0, index).some((below) => below.model.directions.length > 1);
      const arrival = model.shape.connection === 'none' && model.directions.length === 1 && !readsAll ? 'alone' : 'added';
      const dHidden = this.#connectionBackward(layer, above, arrival === 'alone' ? undefined : dx, transform);
      model.directions.forEach((direction, d) => {
        const buffers = layer.directions[d];
        if (!buffers) return;
        const own = { rows: panelRange(dHidden.rows, d * model.unitPanels, model.unitPanels), exponents: dHidden.exponents };
        const place = { layer, layerIndex: index, directionIndex: d, direction, buffers, final: final?.[index]?.[d], arrival } as const;
        this.#direction(place, own, transform ?? dx, observer, direction.direction === 'forward' ? causal : undefined);
      });
      if (transform && dx) {
        observer.paths?.({ layer, layerIndex: index, identity: dx, transform });
        const { rows, exponents } = transform;
        addScaled(this.#operations, 0, this.#rows, dx, { rows, exponents });
      }
      if (model.directions.length > 1) causal = undefined;
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
    this.#direction({ layer, layerIndex, directionIndex, direction, buffers, arrival: 'added' }, { rows: panelRange(rows, 0, layer.model.unitPanels), exponents }, undefined, observer, undefined);
  }

  /** Of all timesteps. */
  get #rows(): number {
    return this.#steps * this.#copies * this.#sequences;
  }

  /** Zeros with the exponents of `above`; undefined when paths are not told apart. */
  #beginTransform({ model }: LayerPlan, above: ScaledRows): ScaledRows | undefined {
    const { transform } = this.#buffers;
    if (!transform) return undefined;
    const rows = panelRange(transform.rows, 0, model.x.panels);
    this.#operations.clear(this.#rows, rows);
    this.#operations.copyExponents(this.#rows, above.exponents, transform.exponents);
    return { rows, exponents: transform.exponents };
  }

  /** Back through what leads around a layer: gives the adjoints of the hidden states, and begins `dx`; what comes through a highway's gate goes to `transform`, when that is given. */
  #connectionBackward(layer: LayerPlan, above: ScaledRows, dx: ScaledRows | undefined, transform: ScaledRows | undefined): ScaledRows {
    const { model, x, around, dropped, highwayGate } = layer;
    const all = this.#rows;
    const kind = model.shape.connection;
    const dOutput = panelRange(above.rows, 0, model.output.panels);
    if (dx) {
      this.#operations.clear(all, dx.rows);
      if (kind === 'none') this.#operations.clearExponents(all, dx.exponents);
      else this.#operations.copyExponents(all, above.exponents, dx.exponents);
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
      const together = this.#copies * this.#sequences;
      for (let t = 0; t < this.#steps; t++) {
        const here = t * this.#plan.sequences + this.#first;
        const [g, h, carried] = [skipRows(highwayGate, here), skipRows(dropped, here), skipRows(around, here)];
        for (let copy = 0; copy < this.#copies; copy++) {
          const skip = copy * this.#sequences;
          this.#operations.highwayBackward(this.#sequences, g, h, carried, skipRows(dOutput, t * together + skip), skipRows(dAround, skip), skipRows(da, skip));
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
  #direction(place: DirectionPlace, partial: ScaledRows, dx: ScaledRows | undefined, observer: AdjointObserver, positions: readonly number[] | undefined): void {
    const { layer, layerIndex, directionIndex, direction, buffers } = place;
    const { model } = layer;
    const { lengths } = this.#plan;
    const [operations, memory, steps, copies, sequences] = [this.#operations, this.#memory, this.#steps, this.#copies, this.#sequences];
    const { exponents } = this.#buffers;
    const together = copies * sequences;
    if (sequences < this.#plan.sequences) writeSequence(memory, this.#plan, model, direction, buffers, this.#first);
    else writeRecurrence(memory, this.#plan, model, direction, buffers, this.#masked);
    const adjoints = this.#buffers.adjoints[layerIndex]?.[directionIndex] ?? 0;
    const cell = throughCell({ operations, memory, model, direction, plan: buffers, buffers: this.#buffers, adjoints, steps, copies, sequences });
    operations.clearExponents(together, exponents);
    const folds = model.code === cellCode.gru || model.code === cellCode['gru-reset-before'] ? 1 : 0;

    for (let index = steps - 1; index >= 0; index--) {
      const t = direction.direction === 'forward' ? index : steps - 1 - index;
      const live = positions ? positions.findIndex((position) => position >= t) : 0;
      if (live < 0) continue;
      const [from, to] = [live, copies];
      const [first, last] = [from * sequences, to * sequences];
      const { hidden, carry } = cell;
      if (place.final) beginFrom(operations, memory, this.#plan, { t, direction: direction.direction, copies, masked: this.#masked }, place.final, { h: hidden, c: carry, exponents });
      // 1. All that depends on hₜ: what lies above it, and what came back from the timestep after.
      const here = { rows: skipRows(partial.rows, t * together), exponents: partial.exponents + t * together * 4 };
      addScaled(operations, first, last, { rows: hidden, exponents }, here, { rows: carry, folds });
      if (this.#masked === 'masked') operations.kernels.silenceEnded(first, last, model.unitPanels, t, sequences, lengths, hidden.address, hidden.stride, carry.address, carry.stride, exponents);
      observer.step({ layer, layerIndex, directionIndex, t, hidden: { rows: hidden, exponents }, partial: here, carry, adjoints: cell.adjoints, from, to });
      // 2. Back through the cell, to the timestep before and the layer below.
      const target = dx && direction.transposedIh && { rows: skipRows(dx.rows, t * together), exponents: dx.exponents + t * together * 4 };
      const dxHere = target && (place.arrival === 'alone' ? target.rows : panelRange(this.#buffers.inputs, 0, model.x.panels));
      if (dxHere) operations.clear(last - first, skipRows(dxHere, first));
      cell.back(t, from, to, dxHere);
      if (!target || !dxHere) continue;
      if (place.arrival === 'alone') operations.copyExponents(last - first, exponents + first * 4, target.exponents + first * 4);
      else addScaled(operations, first, last, target, { rows: dxHere, exponents });
    }
    if (!observer.initial || direction.direction !== 'forward') return;
    const { hidden, carry } = cell;
    if (folds === 1) operations.add(together, hidden, carry, hidden);
    observer.initial(layerIndex, { h: hidden, c: carry, exponents });
  }
}

interface DirectionPlace {
  readonly layer: LayerPlan;
  readonly layerIndex: number;
  readonly directionIndex: number;
  readonly direction: DirectionModel;
  readonly buffers: DirectionPlan;
  readonly final?: ScaledStateAdjoint;
  /** What reaches the layer's inputs through this direction: all there is, or added to what is there. */
  readonly arrival: 'alone' | 'added';
}

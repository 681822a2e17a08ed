import { cellSequence, wavefrontLevels, type CellPlace, type ProcessingOrder } from '../../src/engine/order';
import type { Reading } from '../../src/shared/flow';

/** What the graph needs to know of a layer. */
export interface GraphLayer {
  readonly directions: readonly Reading[];
  readonly connection: 'none' | 'residual' | 'dense' | 'highway';
}

/** How the cells are played: one after the other in one of the orders, or all that can run at once together. */
export type PlayMode = ProcessingOrder | 'wavefront';

/** Inputs [first, last] that a cell's state depends on. */
export interface Seen {
  readonly first: number;
  readonly last: number;
}

/** The unrolled network: every application of a cell, and when it runs. */
export class UnrolledGraph {
  private readonly seenBy = new Map<string, Seen>();
  private readonly levelOf = new Map<string, number>();
  /** Highest wavefront level. */
  readonly depth: number;

  constructor(
    readonly layers: readonly GraphLayer[],
    readonly steps: number,
  ) {
    const sequence = cellSequence(layers, steps, 'layer-major');
    const levels = wavefrontLevels(layers, sequence);
    sequence.forEach((cell, index) => {
      this.levelOf.set(cellKey(cell), levels[index] ?? 0);
      this.seenBy.set(cellKey(cell), this.union(cell));
    });
    this.depth = levels.reduce((most, level) => Math.max(most, level), 0);
  }

  /** Cells in the order in which they run, in groups that run together: one cell a group, or one level of the wavefront. */
  groups(mode: PlayMode): readonly (readonly CellPlace[])[] {
    if (mode !== 'wavefront') return cellSequence(this.layers, this.steps, mode).map((cell) => [cell]);
    const groups = Array.from({ length: this.depth + 1 }, (): CellPlace[] => []);
    for (const cell of cellSequence(this.layers, this.steps, 'layer-major')) groups[this.level(cell)]?.push(cell);
    return groups;
  }

  /** Inputs that have reached this cell's state, through everything before and below it. */
  seen(cell: CellPlace): Seen {
    return this.seenBy.get(cellKey(cell)) ?? { first: cell.t, last: cell.t };
  }

  /** Wavefront level, from 0: cells of one level need nothing of each other. */
  level(cell: CellPlace): number {
    return this.levelOf.get(cellKey(cell)) ?? 0;
  }

  private union({ layer, direction, t }: CellPlace): Seen {
    const before = this.layers[layer]?.directions[direction] === 'reverse' ? t + 1 : t - 1;
    const parts = [this.seenBy.get(cellKey({ layer, direction, t: before })), ...(this.layers[layer - 1]?.directions.map((_, below) => this.seenBy.get(cellKey({ layer: layer - 1, direction: below, t }))) ?? [{ first: t, last: t }])].filter((part) => part !== undefined);
    return { first: Math.min(t, ...parts.map(({ first }) => first)), last: Math.max(t, ...parts.map(({ last }) => last)) };
  }
}

/** Names a cell. */
export function cellKey({ layer, direction, t }: CellPlace): string {
  return `${layer} ${direction} ${t}`;
}

import { listenToKeys } from './keyboard';
import type { Figure } from './scene';

/** What keys do in every figure of the panel. */
export interface PanelKeys {
  moveCheckpoint(by: number): void;
  play(): void;
}

/** What keys do in the figures of one axis. */
export interface AxisKeys {
  /** ← → Home End. */
  move(by: number | 'first' | 'last'): void;
  pin?(): void;
  /** Esc, after the figure's own. */
  clear?(): void;
}

/** Gives a figure its keys. */
export function listenToFigures(figure: Figure, panel: PanelKeys, axis: AxisKeys): void {
  const { frame } = figure;
  listenToKeys(frame.element, {
    ...panel,
    moveColumn: (by) => axis.move(by),
    moveTo: (end) => axis.move(end),
    moveRow: (by) => figure.moveRow?.(by),
    pin: () => axis.pin?.(),
    toggleTable: () => frame.toggleTable(),
    clear: () => {
      if (frame.closeHowTo() === 'closed') return;
      figure.clear?.();
      axis.clear?.();
    },
  });
}

import type { WireMetrics } from '../../src/shared/inspectorProtocol';
import { joinColumns } from '../../src/shared/joinColumns';
import type { RunMetrics } from '../../src/shared/run';
import { columnsOfWire } from '../../src/shared/wireMetrics';

/** A run's curve as the page has it: parts from the host, put together. */
export class MetricsStore {
  private metrics: RunMetrics = { columns: emptyColumns(), evaluations: [], references: [] };

  get current(): RunMetrics {
    return this.metrics;
  }

  /** Number of entries that are here already. */
  get length(): number {
    return this.metrics.columns.step.length;
  }

  clear(): void {
    this.metrics = { columns: emptyColumns(), evaluations: [], references: [] };
  }

  /** Puts a part where it belongs; a part that starts earlier replaces what followed. */
  add(part: WireMetrics): void {
    const from = Math.min(part.from, this.length);
    this.metrics = {
      columns: joinColumns(this.metrics.columns, from, columnsOfWire(part)),
      evaluations: part.evaluations,
      references: part.references,
      ...(part.clip ? { clip: part.clip } : {}),
    };
  }
}

function emptyColumns(): RunMetrics['columns'] {
  return { step: new Float64Array(), loss: new Float64Array(), gradNorm: new Float64Array(), clipped: new Uint8Array(), learningRate: new Float64Array() };
}

import type { WireMetrics } from '../../src/shared/inspectorProtocol';
import type { RunMetrics } from '../../src/shared/run';

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
    const { columns } = this.metrics;
    const from = Math.min(part.from, this.length);
    this.metrics = {
      columns: {
        step: joined(columns.step, from, part.step),
        loss: joined(columns.loss, from, part.loss),
        gradNorm: joined(columns.gradNorm, from, part.gradNorm),
        clipped: Uint8Array.from([...columns.clipped.subarray(0, from), ...new Uint8Array(part.clipped)]),
        learningRate: joined(columns.learningRate, from, part.learningRate),
      },
      evaluations: part.evaluations,
      references: part.references,
      ...(part.clip ? { clip: part.clip } : {}),
    };
  }
}

function joined(had: Float64Array, from: number, part: ArrayBuffer): Float64Array {
  const added = new Float64Array(part);
  const result = new Float64Array(from + added.length);
  result.set(had.subarray(0, from));
  result.set(added, from);
  return result;
}

function emptyColumns(): RunMetrics['columns'] {
  return { step: new Float64Array(), loss: new Float64Array(), gradNorm: new Float64Array(), clipped: new Uint8Array(), learningRate: new Float64Array() };
}

import type { WireLargest, WireMetrics } from './inspectorProtocol';
import type { MetricsColumns, RunMetrics } from './run';

/** A copy of these numbers alone, without what else their buffer holds. */
export function bytesOf(data: Float64Array | Float32Array | Int32Array | Uint8Array): ArrayBuffer {
  const copy = new Uint8Array(data.byteLength);
  copy.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return copy.buffer;
}

/** A run's curve from entry `from` on, as it travels to a page. */
export function sendableMetrics({ columns, evaluations, clip, references }: RunMetrics, from: number): WireMetrics {
  const optional = (column: Float64Array | undefined): ArrayBuffer | undefined => column && bytesOf(column.subarray(from));
  return {
    from,
    step: bytesOf(columns.step.subarray(from)),
    loss: bytesOf(columns.loss.subarray(from)),
    gradNorm: bytesOf(columns.gradNorm.subarray(from)),
    clipped: bytesOf(columns.clipped.subarray(from)),
    learningRate: bytesOf(columns.learningRate.subarray(from)),
    normAfter: optional(columns.normAfter),
    largest: largestOf(columns, from),
    clipAngle: optional(columns.clipAngle),
    seconds: optional(columns.seconds),
    tokens: optional(columns.tokens),
    // JSON has no NaN: an evaluation that diverged is left out.
    evaluations: evaluations.filter(({ validationLoss }) => Number.isFinite(validationLoss)),
    ...(clip ? { clip } : {}),
    references,
  };
}

function largestOf({ largestParameter, largestShare }: MetricsColumns, from: number): WireLargest | undefined {
  if (!largestParameter || !largestShare) return undefined;
  const part = largestParameter.slice(from);
  const names = [...new Set(part)].filter((name) => name !== '');
  const places = new Map(names.map((name, place) => [name, place]));
  return { names, index: bytesOf(Int32Array.from(part, (name) => places.get(name) ?? -1)), share: bytesOf(largestShare.subarray(from)) };
}

/** The columns of a part that arrived. */
export function columnsOfWire({ step, loss, gradNorm, clipped, learningRate, normAfter, largest, clipAngle, seconds, tokens }: WireMetrics): MetricsColumns {
  return {
    step: new Float64Array(step),
    loss: new Float64Array(loss),
    gradNorm: new Float64Array(gradNorm),
    clipped: new Uint8Array(clipped),
    learningRate: new Float64Array(learningRate),
    ...(normAfter && { normAfter: new Float64Array(normAfter) }),
    ...(largest && { largestParameter: Array.from(new Int32Array(largest.index), (place) => largest.names[place] ?? ''), largestShare: new Float64Array(largest.share) }),
    ...(clipAngle && { clipAngle: new Float64Array(clipAngle) }),
    ...(seconds && { seconds: new Float64Array(seconds) }),
    ...(tokens && { tokens: new Float64Array(tokens) }),
  };
}

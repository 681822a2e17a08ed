import type { Estimate, LayerCarry, LayerFacts, LongGradient, TrainingFacts } from '../shared/diagnosis';
import type { ProbeName } from './demand';

/** Everything that a verdict is based on; all gains and rises are shares of the constant answer's loss. */
export interface Evidence {
  readonly edges: readonly number[];
  /** The largest lag that counts as short. */
  readonly short: number;
  /** What inputs older than each edge are worth in the data, and which probe saw it. */
  readonly data: readonly Estimate[];
  readonly probes: readonly ProbeName[];
  /** What of that the model leaves unexplained. */
  readonly missing: readonly Estimate[];
  /** What lags up to `short` hold, and what of that the model leaves unexplained. */
  readonly dataShort: Estimate;
  readonly missingShort: Estimate;
  /** How much the loss rises when everything older than each edge is replaced. */
  readonly use: readonly Estimate[];
  /** Share of the constant answer's loss that the model explains. */
  readonly achieved: Estimate;
  /** Share of the constant answer's loss that the probes explain with all lags together. */
  readonly explained: Estimate;
  /** The smallest dependency on one old input that the probes would have found; undefined where they would have missed the largest that was tried. */
  readonly sensitivity: number | undefined;
  /** The part of the gradient from the wanted lag and beyond, where it was measured. */
  readonly longGradient: LongGradient | undefined;
  /** Weight of each lag in the probe that saw most at each edge, in the data and in what is missing. */
  readonly dataWeights: readonly Float64Array[];
  readonly missingWeights: readonly Float64Array[];
  readonly carry: readonly LayerCarry[];
  readonly facts: readonly LayerFacts[];
  readonly training: TrainingFacts;
  /** Timesteps of backpropagation; those of the longest sequence where sequences are trained whole. */
  readonly window: number;
  /** Whether sequences are cut into windows at all. */
  readonly cut: 'cut' | 'whole';
  readonly sequences: number;
  /** Whether every answer of the model was a finite number. */
  readonly finite: boolean;
}

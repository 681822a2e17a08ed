/**
 * The numbers that verdicts turn on. Gains and rises are shares of the constant answer's loss. Those that the
 * benchmark (`test/bench/diagnosis`) was tuned on were tuned on its tuning part only.
 */
export const thresholds = {
  /** Standard errors by which a probe's gain must stand above 0: many lags and probes are looked at. */
  demandZ: 3.5,
  /** The least gain that counts: below, structure cannot be told from a probe's own noise with a thousand sequences. */
  demandGain: 0.005,
  /** What a model leaves unexplained beyond an edge counts only from this share of what the data hold there. */
  missingShare: 0.25,
  /** Rise of the loss that shows a use, and the one that shows it without demand. */
  useZ: 4,
  useRise: 0.02,
  useAlone: 0.1,
  /** Carry below which a lag is out of the weights' reach as they are; below the firm one training seldom brings it back (see `prognosis` in the words). */
  carryFirm: 1e-5,
  carryLeast: 1e-3,
  /** Squared mean of the gradient from far back over its variance between batches: below, 32 of 82 nets learnt in a thousand steps, above 42 of 50. */
  drowned: 1e-7,
  /** Growth that is an explosion, from which lag on, and its least slope in decades per step. */
  explosion: 30,
  explosionLag: 8,
  explosionSlope: 0.04,
  /** A dependency this large must have been found if it were there, or its absence is not shown. */
  sensitivity: 0.35,
  /** Standard errors from which a gain that is not significant leaves it open whether there is one. */
  demandOpenZ: 2.6,
  /** How much more than the probes a model must explain to show that there is something they cannot see. */
  unseen: 0.03,
  /** Share of activations at an end of their range that is a saturated layer. */
  saturation: 0.6,
} as const;

import type { FigureHooks, SideFigure, TimeFigure } from '../scene';
import { ClippingFigure } from './clipping';
import { ConnectionsFigure } from './connections';
import { FlowFigure } from './flow';
import { GatesFigure } from './gates';
import { GradientFigure } from './gradient';
import { LossFigure } from './loss';
import { SaturationFigure } from './saturation';
import { TimeConstantsFigure } from './timeConstants';
import { TokensFigure } from './tokens';
import { UnitGradientsFigure } from './unitGradients';
import { UnrolledFigure } from './unrolled';
import { WhatIfFigure } from '../whatif/whatIfFigure';
import { WeightsFigure } from './weights';

/** Figures on the time axis, from top to bottom. */
export const timeFigures: readonly ((hooks: FigureHooks) => TimeFigure)[] = [
  (hooks) => new TokensFigure(hooks),
  (hooks) => new GatesFigure(hooks),
  (hooks) => new GradientFigure(hooks),
  (hooks) => new UnitGradientsFigure(hooks),
  (hooks) => new FlowFigure(hooks),
  (hooks) => new ConnectionsFigure(hooks),
  (hooks) => new UnrolledFigure(hooks),
];

/** Figures beside the time axis, from top to bottom. */
export const sideFigures: readonly ((hooks: FigureHooks) => SideFigure)[] = [
  (hooks) => new SaturationFigure(hooks),
  (hooks) => new TimeConstantsFigure(hooks),
  (hooks) => new ClippingFigure(hooks),
  (hooks) => new LossFigure(hooks),
];

/** Figures without a time axis that need more room, from left to right. */
export const lowerFigures: readonly ((hooks: FigureHooks) => SideFigure)[] = [
  (hooks) => new WeightsFigure(hooks),
  (hooks) => new WhatIfFigure(hooks),
];

import type { OptimizerSpec } from '../spec/schema';

/** An optimizer with every setting filled in, as the update rules of both engines need it. */
export interface OptimizerSettings {
  readonly kind: OptimizerSpec['kind'];
  readonly learningRate: number;
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly decay: number;
  readonly weightDecay: number;
}

/** Fills in PyTorch's defaults (https://pytorch.org/docs/stable/optim.html): weight decay 0, AdamW 0.01; epsilon 1e-8, Adagrad 1e-10. */
export function optimizerSettings(optimizer: OptimizerSpec): OptimizerSettings {
  const { kind, learningRate, momentum = 0, nesterov = false, betas = [0.9, 0.999], decay = 0.99 } = optimizer;
  const { epsilon = kind === 'adagrad' ? 1e-10 : 1e-8, weightDecay = kind === 'adamw' ? 0.01 : 0 } = optimizer;
  return { kind, learningRate, momentum, nesterov, beta1: betas[0], beta2: betas[1], epsilon, decay, weightDecay };
}

/** Running averages that an optimizer keeps of each parameter, by PyTorch's names in `optimizer.state`. */
export type Moment = 'momentum_buffer' | 'exp_avg' | 'exp_avg_sq' | 'square_avg' | 'sum';

/** All moments there are; those of any optimizer stand in the order of `momentsOf`. */
export const allMoments: readonly Moment[] = ['square_avg', 'momentum_buffer', 'exp_avg', 'exp_avg_sq', 'sum'];

/** The moments of an optimizer, in the order in which they are saved; each begins as zeros of its parameter's shape. */
export function momentsOf({ kind, momentum }: OptimizerSettings): readonly Moment[] {
  switch (kind) {
    case 'sgd':
      return momentum > 0 ? ['momentum_buffer'] : [];
    case 'adam':
    case 'adamw':
      return ['exp_avg', 'exp_avg_sq'];
    case 'rmsprop':
      return momentum > 0 ? ['square_avg', 'momentum_buffer'] : ['square_avg'];
    case 'adagrad':
      return ['sum'];
  }
}

/** Name of a moment in a checkpoint. */
export function momentName(moment: Moment, parameter: string): string {
  return `optimizer.${moment}.${parameter}`;
}

/** Name of the number of updates made so far, a scalar, in a checkpoint. */
export const optimizerStepName = 'optimizer.step';

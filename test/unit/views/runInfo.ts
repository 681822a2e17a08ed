import type { RunInfo } from '../../../src/shared/run';

/** A finished run to vary. */
export const doneRun: RunInfo = {
  id: '20260301-164000-a1',
  folder: '/models/.unroll/moby/20260301-164000-a1',
  specPath: '/models/moby.rnn.json',
  name: 'moby',
  state: 'done',
  step: 2000,
  steps: 2000,
  loss: 1.8154,
  validationLoss: 1.7936,
  parameters: 118_233,
  startedAt: Date.parse('2026-03-01T16:40:00'),
  checkpoints: [1000, 2000],
};

import type { Command } from './context';

/** Shows the log of trainings and failures. */
export const showLog: Command =
  ({ log }) =>
  () =>
    log.show();

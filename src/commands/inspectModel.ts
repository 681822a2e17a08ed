import type { Command } from './context';
import { showFailure } from './failure';
import { chooseTarget } from './target';

/** Opens the Inspector beside the spec, on a run when called on one. */
export const inspectModel: Command = (context) => async (target) => {
  const chosen = await chooseTarget(context, target, 'Inspect Model');
  if (!chosen) return;
  try {
    await context.inspector.show(chosen);
  } catch (error) {
    await showFailure(context, error, 'The Inspector could not be opened');
  }
};

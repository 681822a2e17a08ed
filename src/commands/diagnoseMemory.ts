import type { Command } from './context';
import { showFailure } from './failure';
import { chooseTarget } from './target';

/** Opens the Inspector and lets it find out why the model does, or does not, use the past. */
export const diagnoseMemory: Command = (context) => async (target) => {
  const chosen = await chooseTarget(context, target, 'Diagnose Memory');
  if (!chosen) return;
  try {
    await context.inspector.show({ ...chosen, then: 'diagnose' });
  } catch (error) {
    await showFailure(context, error, 'The memory was not diagnosed');
  }
};

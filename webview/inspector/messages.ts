import type { InspectorState } from '../../src/shared/inspectorProtocol';
import type { RunInfo } from '../../src/shared/run';
import { formatCount } from '../format';
import { element } from '../ui/dom';
import { button, progressRing } from '../ui/toolkit';

/** Next steps that a message can offer. */
export interface MessageHooks {
  train(): void;
  openSpec(): void;
  showLog(): void;
}

/** Something to say in place of figures, with what to do next. */
export interface Message {
  readonly title: string;
  readonly text: string;
  readonly actions: readonly ('train' | 'openSpec' | 'showLog')[];
  readonly busy?: 'busy';
}

const actionLabels = { train: 'Train', openSpec: 'Open spec', showLog: 'Show log' } as const;

/** Why there are no time figures, or undefined when there can be some. */
export function emptyMessage(state: InspectorState | undefined, run: RunInfo | undefined): Message | undefined {
  if (!state) return { title: 'Opening the inspector', text: 'Reading the spec and its runs.', actions: [], busy: 'busy' };
  if (state.problem !== undefined) return { title: `${state.name} cannot be read`, text: state.problem, actions: ['openSpec'] };
  if (!run) {
    return {
      title: `No run of ${state.name} yet`,
      text: 'Train the model to watch its gates, its states and its gradients at every timestep. The figures are live from the first step on.',
      actions: ['train'],
    };
  }
  const failed = run.state === 'failed' || run.state === 'diverged';
  if (failed && run.checkpoints.length === 0) {
    const what = run.state === 'failed' ? 'This run failed' : 'This run diverged';
    return { title: `${what} at step ${formatCount(run.step)}`, text: run.reason ?? 'No reason was recorded; the log may hold one.', actions: ['train', 'openSpec', 'showLog'] };
  }
  if (run.checkpoints.length === 0 && run.state !== 'running' && run.state !== 'stopping') {
    return { title: 'No checkpoint in this run', text: `${run.reason ?? 'It ended before its first checkpoint was written.'} Train again to see its figures.`, actions: ['train', 'showLog'] };
  }
  return undefined;
}

/** Builds a message with its buttons; the first is the primary one. */
export function messageElement(message: Message, hooks: MessageHooks): HTMLElement {
  const buttons = message.actions.map((action, index) => button(actionLabels[action], () => hooks[action](), index === 0 ? 'primary' : 'secondary'));
  return element('div', {
    class: 'message',
    attributes: { role: 'status' },
    children: [
      ...(message.busy ? [progressRing()] : []),
      element('h2', { text: message.title }),
      element('p', { text: message.text }),
      ...(buttons.length > 0 ? [element('div', { class: 'buttons', children: buttons })] : []),
    ],
  });
}

/** One line above the figures when the shown run ended badly but has checkpoints. */
export function runNotice(run: RunInfo | undefined): string | undefined {
  if (!run || !['failed', 'diverged', 'interrupted'].includes(run.state)) return undefined;
  return `This run ${run.state === 'interrupted' ? 'was interrupted' : run.state} at step ${formatCount(run.step)}. ${run.reason ?? ''}`.trim();
}

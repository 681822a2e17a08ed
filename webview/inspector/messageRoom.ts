import { messageElement, type Message, type MessageHooks } from './messages';

const tracing: Message = { title: 'Tracing the sample', text: 'Running the network over the sample.', actions: [], busy: 'busy' };

/** The place for a message instead of figures; what is there already stays, so that its buttons keep the focus. */
export class MessageRoom {
  private shown = 'null';

  constructor(
    private readonly room: HTMLElement,
    private readonly hooks: MessageHooks,
  ) {}

  /** Shows a message, or that a trace is on its way, or nothing. */
  show(message: Message | undefined, { waiting }: { readonly waiting: 'waiting' | 'no' }): void {
    const wanted = message ?? (waiting === 'waiting' ? tracing : undefined);
    const key = JSON.stringify(wanted ?? null);
    if (key === this.shown) return;
    this.shown = key;
    this.room.replaceChildren(...(wanted ? [messageElement(wanted, this.hooks)] : []));
  }
}

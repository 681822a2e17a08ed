import type { ViewState } from './viewState';

/** How long a checkpoint is shown at least while playing. */
const interval = 700;

/** What playing asks of the panel. */
export interface PlayerHooks {
  /** The shown checkpoint. */
  current(): ViewState['checkpoint'];
  first(): ViewState['checkpoint'];
  next(): ViewState['checkpoint'];
  choose(checkpoint: ViewState['checkpoint']): void;
  /** Whether the shown checkpoint's trace is still to come: none is passed over, however slow the machine. */
  isTracing(): boolean;
  /** It started or stopped. */
  changed(): void;
}

/** Plays the checkpoints of a run one after the other, to watch gates learn. */
export class Player {
  private timer?: ReturnType<typeof setInterval>;

  constructor(private readonly hooks: PlayerHooks) {}

  get state(): 'playing' | 'still' {
    return this.timer === undefined ? 'still' : 'playing';
  }

  /** Starts, from the beginning when it stands at the end, or pauses. */
  toggle(): void {
    if (this.timer !== undefined) return this.stop();
    if (this.hooks.current() === 'newest') this.hooks.choose(this.hooks.first());
    this.timer = setInterval(() => {
      if (this.hooks.isTracing()) return;
      this.hooks.choose(this.hooks.next());
      if (this.hooks.current() === 'newest') this.stop();
    }, interval);
    this.hooks.changed();
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.hooks.changed();
  }
}

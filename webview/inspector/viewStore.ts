import type { VsCodeApi } from './client';
import { restoredState, type ViewState } from './viewState';

/** Rest after a change before the choices are stored. */
const savePause = 150;

/** The person's choices: one copy, stored with the page so that it survives hiding, reloading and restarting. */
export class ViewStore {
  private view: ViewState;
  private saving?: ReturnType<typeof setTimeout>;

  constructor(
    private readonly api: VsCodeApi,
    /** Something has to be drawn anew: everything, or only what lies on the time axis. */
    private readonly changed: (what: 'all' | 'window') => void,
  ) {
    this.view = restoredState(api.getState());
  }

  get current(): ViewState {
    return this.view;
  }

  /** Changes choices and draws. */
  readonly change = (part: Partial<ViewState>): void => {
    this.keep(part);
    this.changed(Object.keys(part).every((name) => name === 'window') ? 'window' : 'all');
  };

  /** Changes choices that move nothing but the crosshair. */
  keep(part: Partial<ViewState>): void {
    this.view = { ...this.view, ...part };
    clearTimeout(this.saving);
    this.saving = setTimeout(() => this.api.setState(this.view), savePause);
  }
}

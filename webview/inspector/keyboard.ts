/** Keys that mean the same in every figure. */
export interface CommonKeys {
  /** Esc. */
  clear(): void;
  /** [ and ]. */
  moveCheckpoint(by: number): void;
  /** Space. */
  play(): void;
  /** T. */
  toggleTable(): void;
}

/** What the keys of a focused figure do. */
export interface FigureKeys extends CommonKeys {
  /** ← → by one column, with Ctrl by ten. */
  moveColumn(by: number): void;
  moveTo(end: 'first' | 'last'): void;
  /** ↑ ↓, in figures with rows. */
  moveRow?(by: number): void;
  /** Enter, in figures on the time axis. */
  pin?(): void;
}

/** Listens on a figure; keys pressed inside its buttons and tables keep their own meaning. */
export function listenToKeys(figure: HTMLElement, keys: FigureKeys): void {
  figure.addEventListener('keydown', (event) => {
    if (event.altKey || event.metaKey) return;
    if (event.key === 'Escape') {
      keys.clear();
      event.preventDefault();
      return;
    }
    if (event.target !== figure) return;
    const stride = event.ctrlKey ? 10 : 1;
    const actions: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => keys.moveColumn(-stride),
      ArrowRight: () => keys.moveColumn(stride),
      ArrowUp: () => keys.moveRow?.(-1),
      ArrowDown: () => keys.moveRow?.(1),
      Home: () => keys.moveTo('first'),
      End: () => keys.moveTo('last'),
      Enter: () => keys.pin?.(),
      '[': () => keys.moveCheckpoint(-1),
      ']': () => keys.moveCheckpoint(1),
      ' ': () => keys.play(),
      t: () => keys.toggleTable(),
      T: () => keys.toggleTable(),
    };
    const action = event.ctrlKey && !event.key.startsWith('Arrow') ? undefined : actions[event.key];
    if (!action) return;
    action();
    event.preventDefault();
  });
}

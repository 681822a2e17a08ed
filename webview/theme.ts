import { colorMaps, type ColorMaps, type ThemeKind } from './colorMaps';

/** Everything a canvas needs to look like the workbench around it. */
export interface Theme extends ColorMaps {
  readonly kind: ThemeKind;
  readonly highContrast: boolean;
  readonly background: string;
  readonly foreground: string;
  /** Units, ticks and notes. */
  readonly muted: string;
  /** Hidden state h, and single series. */
  readonly hidden: string;
  /** Cell state c. */
  readonly cell: string;
  /** What the data hold, and what the model uses of it. */
  readonly demand: string;
  readonly use: string;
  /** Limits: the clip threshold, float32's floor; always dashed and labelled. */
  readonly limit: string;
  /** Pinned token and row. */
  readonly focus: string;
  /** Grid lines. */
  readonly grid: string;
  /** Frames and tick marks that carry meaning. */
  readonly frame: string;
  /** Range of all units, and of the middle 80 %. */
  readonly outerBand: string;
  readonly innerBand: string;
  /** Font family of labels, and of tokens. */
  readonly font: string;
  readonly tokenFont: string;
  /** CSS sizes of titles, of units, legends and names in plots, and of ticks. */
  readonly titleSize: string;
  readonly labelSize: string;
  readonly tickSize: string;
}

const kinds: readonly ThemeKind[] = ['vscode-dark', 'vscode-light', 'vscode-high-contrast', 'vscode-high-contrast-light'];

/** Reads the theme that VS Code has put on the page. */
export function readTheme(): Theme {
  const style = getComputedStyle(document.body);
  const read = (name: string, otherwise = ''): string => style.getPropertyValue(`--${name}`).trim() || otherwise;
  const kind = kinds.find((known) => known === document.body.dataset['vscodeThemeKind']) ?? 'vscode-dark';
  const highContrast = kind.startsWith('vscode-high-contrast');
  const light = kind === 'vscode-light' || kind === 'vscode-high-contrast-light';
  const foreground = read('unroll-foreground');
  const faded = (percent: number): string => mix(foreground, percent);
  return {
    ...colorMaps(kind),
    kind,
    highContrast,
    background: read('vscode-editor-background'),
    foreground,
    muted: read('unroll-muted', foreground),
    hidden: read('vscode-charts-blue', foreground),
    cell: read('vscode-charts-yellow', foreground),
    demand: read('vscode-charts-purple', foreground),
    use: read('vscode-charts-green', foreground),
    limit: read('vscode-charts-red', foreground),
    focus: read('vscode-focusBorder', foreground),
    grid: faded(highContrast ? 18 : 7.5),
    frame: faded(28),
    outerBand: faded(highContrast ? 22 : light ? 10 : 11),
    innerBand: faded(highContrast ? 40 : light ? 22 : 24),
    font: read('vscode-font-family', 'sans-serif'),
    tokenFont: read('vscode-editor-font-family', 'monospace'),
    titleSize: read('unroll-title-size', '12px'),
    labelSize: read('unroll-label-size', '11px'),
    tickSize: read('unroll-tick-size', '10px'),
  };
}

/** A colour at `percent` of its opacity. */
export function mix(color: string, percent: number): string {
  return `color-mix(in srgb, ${color} ${percent}%, transparent)`;
}

/** Calls `changed` after VS Code switched the theme. Returns a function that stops it. */
export function watchTheme(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style', 'class'] });
  observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-kind', 'data-vscode-theme-id'] });
  return () => observer.disconnect();
}

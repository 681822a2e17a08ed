import * as vscode from 'vscode';
import type { HoverTheme } from './decaySvg';

const kinds: Readonly<Record<vscode.ColorThemeKind, HoverTheme>> = {
  [vscode.ColorThemeKind.Dark]: 'dark',
  [vscode.ColorThemeKind.Light]: 'light',
  [vscode.ColorThemeKind.HighContrast]: 'high-contrast',
  [vscode.ColorThemeKind.HighContrastLight]: 'high-contrast-light',
};

/** The kind of the theme that pictures in hovers are drawn for. */
export function hoverTheme(): HoverTheme {
  return kinds[vscode.window.activeColorTheme.kind];
}

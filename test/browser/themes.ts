import dark from './themes/vscode-dark.json';
import highContrast from './themes/vscode-high-contrast.json';
import highContrastLight from './themes/vscode-high-contrast-light.json';
import light from './themes/vscode-light.json';

/**
 * The CSS variables that VS Code 1.139's workbench has in its four default themes (Dark Modern, Light Modern,
 * and both high contrast ones), as far as the pages use them; read from a running workbench.
 */
export const themes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'vscode-dark': dark,
  'vscode-light': light,
  'vscode-high-contrast': highContrast,
  'vscode-high-contrast-light': highContrastLight,
};

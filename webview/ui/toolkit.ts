import { provideVSCodeDesignSystem, vsCodeButton, vsCodeDropdown, vsCodeOption, vsCodeProgressRing, vsCodeTextField } from '@vscode/webview-ui-toolkit';
import { customElement, type ElementOptions } from './dom';

/** Defines the toolkit's elements that Unroll uses. Once, before the page is built. */
export function registerToolkit(): void {
  provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeDropdown(), vsCodeOption(), vsCodeProgressRing(), vsCodeTextField());
}

/** A push button; `primary` for the one next step. */
export function button(label: string, press: () => void, appearance: 'primary' | 'secondary' = 'secondary'): HTMLElement {
  return customElement('vscode-button', { text: label, attributes: { appearance }, on: { click: press } });
}

/** A ring that turns while something loads. */
export function progressRing(): HTMLElement {
  return customElement('vscode-progress-ring', { attributes: { 'aria-label': 'Loading' } });
}

/** A choice of one of several. */
export interface Dropdown {
  readonly element: HTMLElement;
  /** Replaces the options and selects one by its value. */
  update(options: readonly { readonly value: string; readonly label: string }[], selected: string | undefined): void;
}

/** A drop-down list; `chosen` is called with the value a person picked. */
export function dropdown(label: string, chosen: (value: string) => void): Dropdown {
  const list = customElement('vscode-dropdown', { attributes: { 'aria-label': label } });
  let shown = '';
  list.addEventListener('change', () => chosen(valueOf(list)));
  return {
    element: list,
    update(options, selected) {
      const wanted = JSON.stringify(options);
      if (wanted !== shown) {
        shown = wanted;
        list.replaceChildren(...options.map(({ value, label: text }) => customElement('vscode-option', { text, attributes: { value } })));
      }
      // The list upgrades its options a moment after they are there.
      queueMicrotask(() => {
        if (selected !== undefined && valueOf(list) !== selected) Object.assign(list, { value: selected });
      });
    },
  };
}

/** A one-line text; `changed` is called at every keystroke. */
export function textField(options: ElementOptions, changed: (value: string) => void): HTMLElement {
  const field = customElement('vscode-text-field', options);
  field.addEventListener('input', () => changed(valueOf(field)));
  return field;
}

/** What a toolkit control holds. */
export function valueOf(control: HTMLElement): string {
  return 'value' in control && typeof control.value === 'string' ? control.value : '';
}

/** Sets what a toolkit control holds. */
export function setValue(control: HTMLElement, value: string): void {
  if (valueOf(control) !== value) Object.assign(control, { value });
}

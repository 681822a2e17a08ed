/** What an element is given; `text` and children are appended in this order. */
export interface ElementOptions {
  readonly class?: string;
  readonly text?: string;
  /** Attributes, as in HTML; never `style`, which the page's policy refuses. */
  readonly attributes?: Readonly<Record<string, string>>;
  readonly children?: readonly (Node | string)[];
  readonly on?: Readonly<Partial<Record<keyof HTMLElementEventMap, (event: Event) => void>>>;
}

/** Makes an HTML element. */
export function element<K extends keyof HTMLElementTagNameMap>(tag: K, options: ElementOptions = {}): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  applyOptions(made, options);
  return made;
}

/** Makes a custom element (`vscode-button` …) whose class is not in the DOM's own list. */
export function customElement(tag: `${string}-${string}`, options: ElementOptions = {}): HTMLElement {
  const made = document.createElement(tag);
  applyOptions(made, options);
  return made;
}

function applyOptions(made: HTMLElement, options: ElementOptions): void {
  if (options.class !== undefined) made.className = options.class;
  for (const [name, value] of Object.entries(options.attributes ?? {})) made.setAttribute(name, value);
  if (options.text !== undefined) made.append(options.text);
  made.append(...(options.children ?? []));
  for (const [name, listener] of Object.entries(options.on ?? {})) made.addEventListener(name, listener);
}

const icons = {
  info: 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zm0 1a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM7.5 7h1v4.5h-1zM7.4 4.6h1.2v1.2H7.4z',
  table: 'M2 2.5h12v11H2zM3 3.5v2h3v-2zM7 3.5v2h3v-2zM11 3.5v2h2v-2zM3 6.5v2.5h3V6.5zM7 6.5v2.5h3V6.5zM11 6.5v2.5h2V6.5zM3 10v2.5h3V10zM7 10v2.5h3V10zM11 10v2.5h2V10z',
  collapsed: 'M5.7 13.7 5 13l4.6-5L5 3l.7-.7L11 8z',
  expanded: 'M8 10.3 3 5.7l.7-.7L8 9l4.3-4 .7.7z',
  play: 'M4 2.5v11L13 8zM5 4.3 11 8l-6 3.7z',
  pause: 'M4.5 3h1.5v10H4.5zM10 3h1.5v10H10z',
  export: 'M4 1.5h6.2L13 4.3V11H4zM5 2.5V10h7V5h-2.5V2.5zM2.5 4v9.5H11v-1H3.5V4z',
  beside: 'M1.5 2.5h13v11h-13zM2.5 3.5v9h5v-9zM8.5 3.5v9h5v-9z',
  previous: 'M10.3 13.7 4.6 8l5.7-5.7.7.7L6 8l5 5z',
  next: 'M5.7 13.7 5 13l5-5-5-5 .7-.7L11.4 8z',
  good: 'M6.3 12.2 2.5 8.4l.8-.8 3 3 6.4-6.4.8.8z',
  warning: 'M8 1.5 15 14H1zM8 3.6 2.7 13h10.6zM7.5 6.5h1v3.5h-1zM7.5 10.9h1V12h-1z',
  pin: 'M10.5 1.5 14.5 5.5l-1 .7-2.7 2.7-.4 3.1-.8.8-2.8-2.8-4 4H2v-.8l4-4-2.8-2.8.8-.8 3.1-.4L9.8 2.5z',
} as const;

/** A 16 × 16 icon in the text's colour, hidden from screen readers. */
export function icon(name: keyof typeof icons): SVGSVGElement {
  const namespace = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(namespace, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', 'icon');
  const path = document.createElementNS(namespace, 'path');
  path.setAttribute('fill-rule', 'evenodd');
  path.setAttribute('d', icons[name]);
  svg.append(path);
  return svg;
}

/** A button that shows an icon and says what it does. */
export function iconButton(name: Parameters<typeof icon>[0], label: string, press: () => void): HTMLButtonElement {
  return element('button', { class: 'icon-button', attributes: { type: 'button', 'aria-label': label, title: label }, children: [icon(name)], on: { click: press } });
}

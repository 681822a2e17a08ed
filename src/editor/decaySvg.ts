import { longestLag, type InitialCarry } from '../diagnosis/initial/initialCarry';

/** Kinds of theme that a picture in a hover can tell apart; it sees no colours of the theme itself. */
export type HoverTheme = 'dark' | 'light' | 'high-contrast' | 'high-contrast-light';

/** Text, grid, curve and limit: those of VS Code's own default themes. */
const palettes: Readonly<Record<HoverTheme, { readonly text: string; readonly grid: string; readonly curve: string; readonly limit: string }>> = {
  dark: { text: '#cccccc', grid: '#cccccc26', curve: '#59a4f9', limit: '#f88070' },
  light: { text: '#3b3b3b', grid: '#3b3b3b26', curve: '#0063d3', limit: '#c72e0f' },
  'high-contrast': { text: '#ffffff', grid: '#ffffff55', curve: '#59a4f9', limit: '#ffa198' },
  'high-contrast-light': { text: '#292929', grid: '#29292955', curve: '#0063d3', limit: '#b5200d' },
};

const [width, height] = [340, 136];
const edge = { left: 36, right: 10, top: 8, bottom: 30 };
const lowest = -8;
const reaching = -2;

/** The decay of each curve with lag over fixed decades, as the Inspector's figure draws it. */
export function decaySvg(curves: readonly InitialCarry[], theme: HoverTheme): string {
  const { text, grid, curve, limit } = palettes[theme];
  const most = Math.max(0, ...curves.flatMap(({ rms }) => rms.map((value) => Math.log10(value))).filter(Number.isFinite));
  const top = Math.min(8, 2 * Math.ceil(most / 2 - 0.05));
  const x = (lag: number): number => edge.left + ((width - edge.left - edge.right) * lag) / longestLag;
  const y = (decades: number): number => edge.top + ((height - edge.top - edge.bottom) * (top - Math.max(lowest, Math.min(top, decades)))) / (top - lowest);
  const right = width - edge.right;
  const levels = Array.from({ length: (top - lowest) / 2 + 1 }, (_, i) => top - 2 * i);
  const label = (place: string, words: string, color = text): string => `<text ${place} fill="${color}">${words}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="10">`,
    ...levels.map((decades) => `<path d="M${edge.left} ${y(decades)}H${right}" stroke="${grid}"/>${label(`x="${edge.left - 5}" y="${y(decades) + 3}" text-anchor="end"`, decades === 0 ? '1' : `10<tspan dy="-3" font-size="8">${decades}</tspan>`)}`),
    ...[0, 50, 100, 150, 200].map((lag) => label(`x="${x(lag)}" y="${height - 18}" text-anchor="middle"`, String(lag))),
    label(`x="${(edge.left + right) / 2}" y="${height - 5}" text-anchor="middle"`, 'lag, timesteps back'),
    `<path d="M${edge.left} ${y(reaching)}H${right}" stroke="${limit}" stroke-dasharray="4 3"/>`,
    label(`x="${right}" y="${y(reaching) + 11}" text-anchor="end"`, '1 %', limit),
    ...curves.map(({ rms }) => `<path d="${pathOf(rms, x, y)}" fill="none" stroke="${curve}" stroke-width="2" stroke-linejoin="round"/>`),
    '</svg>',
  ].join('');
}

/** Ends where the line leaves the decades that are shown. */
function pathOf(rms: readonly number[], x: (lag: number) => number, y: (decades: number) => number): string {
  const left = rms.findIndex((value) => !(value > 10 ** lowest));
  return rms
    .slice(0, left < 0 ? undefined : left + 1)
    .map((value, lag) => `${lag === 0 ? 'M' : 'L'}${x(lag).toFixed(1)} ${y(Math.log10(value)).toFixed(1)}`)
    .join('');
}

/** A chart as Markdown, with what it says in words. */
export function decayMarkdown(curves: readonly InitialCarry[], words: string, theme: HoverTheme): string {
  const svg = Buffer.from(decaySvg(curves, theme)).toString('base64');
  return `This layer **${words}**: so far back 1 % of a change of its state is left, by the weights alone.\n\n![What is left of a change of the state, by lag](data:image/svg+xml;base64,${svg})`;
}

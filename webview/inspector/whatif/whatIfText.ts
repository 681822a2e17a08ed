import { longestLag, type InitialCarry } from '../../../src/diagnosis/initial/initialCarry';
import { editOf, type WhatIf } from '../../../src/diagnosis/initial/whatIf';
import type { InitialStack } from '../../../src/shared/initialNetwork';
import { formatNumber } from '../../format';

/** `reaches 26 steps`, `reaches beyond 200 steps`. */
export function reachText(reach: number): string {
  return reach >= longestLag ? `reaches beyond ${longestLag} steps` : `reaches ${reach} ${reach === 1 ? 'step' : 'steps'}`;
}

/** Growth over all lags that is an explosion. */
const explosion = 30;

/** How far the layer that reaches furthest does, and how far it does in the spec when that differs. */
export function whatIfSentence(curves: readonly InitialCarry[], asItIs: readonly InitialCarry[] | undefined): string {
  const best = furthest(curves);
  const before = asItIs && furthest(asItIs);
  const which = curves.length > 1 ? `Layer ${best?.layer ?? 0}` : 'A change of the state';
  const growth = Math.max(0, ...curves.map(({ rms }) => rms.at(-1) ?? 0));
  const grows = growth >= explosion ? ` It grows by a factor of ${formatNumber(growth)} over ${longestLag} steps: gradients explode.` : '';
  return `${which} ${reachText(best?.reach ?? 0)} before training${before ? `; as in the spec it ${reachText(before.reach)}` : ''}.${grows}`;
}

function furthest(curves: readonly InitialCarry[]): InitialCarry | undefined {
  return curves.reduce<InitialCarry | undefined>((best, curve) => (best && best.reach >= curve.reach ? best : curve), undefined);
}

/** Whether what is imagined is other than the spec. */
export function differs(stack: InitialStack, whatIf: WhatIf): 'differs' | 'same' {
  return (whatIf.recurrentScale ?? 1) !== 1 || editOf(stack, whatIf).length > 0 ? 'differs' : 'same';
}

/** What is imagined, as the view keeps it. */
export function storedWhatIf(whatIf: WhatIf): string {
  return JSON.stringify(whatIf);
}

const cells: readonly unknown[] = ['rnn', 'lstm', 'gru'];
const inits: readonly unknown[] = ['uniform', 'xavier', 'orthogonal', 'identity'];

/** Reads it back; what another version stored and is not understood is left out. */
export function parsedWhatIf(stored: string | undefined): WhatIf {
  const found = objectOf(stored);
  const number = (key: string, least: number, most: number): number | undefined => {
    const value = found[key];
    return typeof value === 'number' && value >= least && value <= most ? value : undefined;
  };
  return {
    cell: cells.includes(found['cell']) ? (found['cell'] as WhatIf['cell']) : undefined,
    init: inits.includes(found['init']) ? (found['init'] as WhatIf['init']) : undefined,
    keepBias: number('keepBias', -20, 20),
    recurrentScale: number('recurrentScale', 0, 100),
    depth: number('depth', 1, 64),
    units: number('units', 1, 4096),
  };
}

function objectOf(stored: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const found: unknown = JSON.parse(stored ?? '{}');
    return typeof found === 'object' && found !== null ? { ...found } : {};
  } catch {
    return {};
  }
}

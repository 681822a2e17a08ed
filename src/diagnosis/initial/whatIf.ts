import type { Fix } from '../../shared/diagnosis';
import type { InitialLayer, InitialNetwork, InitialStack } from '../../shared/initialNetwork';

/** What a person imagines to be other than the spec says; what is absent is as there. */
export interface WhatIf {
  readonly cell?: InitialLayer['cell'];
  /** Of the gate that keeps the state: the LSTM's forget gate, the GRU's update gate. */
  readonly keepBias?: number;
  /** Factor on all recurrent matrices, which no field of a spec sets. */
  readonly recurrentScale?: number;
  readonly init?: InitialLayer['init'];
  /** Layers of the stack, `repeat` unrolled. */
  readonly depth?: number;
  readonly units?: number;
}

/** Layers of a stack, `repeat` unrolled. */
export function depthOf({ layers }: InitialNetwork): number {
  return layers.reduce((sum, { repeat }) => sum + repeat, 0);
}

/** The bias with which the gate that keeps the state starts; undefined for vanilla layers. */
export function keepBiasOf({ cell, forgetBias, gateBias }: InitialLayer): number | undefined {
  return cell === 'lstm' ? forgetBias : cell === 'gru' ? (gateBias?.update ?? 0) : undefined;
}

/** The network as it is imagined; layers that are added are like the last. */
export function imagined(network: InitialNetwork, whatIf: WhatIf): InitialNetwork {
  const unrolled = network.layers.flatMap((layer) => Array.from({ length: layer.repeat }, (): InitialLayer => ({ ...layer, repeat: 1 })));
  const { depth = unrolled.length } = whatIf;
  const last = unrolled.at(-1);
  const layers = Array.from({ length: depth }, (_, index) => unrolled[index] ?? last).flatMap((layer) => (layer ? [changed(layer, whatIf)] : []));
  return { ...network, layers };
}

function changed(layer: InitialLayer, { cell = layer.cell, keepBias, init = layer.init, units = layer.units }: WhatIf): InitialLayer {
  // The settings of one cell mean nothing to another.
  const { gateBias, ...kept } = layer;
  const own = cell === layer.cell ? { ...kept, ...(gateBias && { gateBias }) } : { ...kept, forgetBias: 1, activation: 'tanh' as const };
  const next = { ...own, cell, init, units };
  if (keepBias === undefined || cell === 'rnn') return next;
  return cell === 'lstm' ? { ...next, forgetBias: keepBias } : { ...next, gateBias: { ...(cell === layer.cell ? gateBias : {}), update: keepBias } };
}

/** What to set in the spec so that it is as imagined, but for the recurrent scale; empty when nothing differs. */
export function editOf({ path, network }: InitialStack, whatIf: WhatIf): Fix['edit'] {
  const { layers } = network;
  const fields = layers.flatMap((layer, index) => {
    const next = changed(layer, whatIf);
    const at = [...path, index];
    const other = next.cell !== layer.cell;
    return [
      ...(other ? [{ path: [...at, 'cell'], value: next.cell }, ...['activation', 'resetAfter', 'gateBias', 'forgetBias'].map((key) => ({ path: [...at, key], value: undefined }))] : []),
      ...(next.init === layer.init ? [] : [{ path: [...at, 'init'], value: next.init }]),
      ...(next.units === layer.units ? [] : [{ path: [...at, 'units'], value: next.units }]),
      ...(keepBiasOf(next) === keepBiasOf(layer) && !other ? [] : biasEdit(next, at)),
    ];
  });
  return [...fields, ...depthEdit({ path, network }, whatIf.depth ?? depthOf(network))];
}

function biasEdit(layer: InitialLayer, at: readonly (string | number)[]): Fix['edit'] {
  if (layer.cell === 'lstm') return [{ path: [...at, 'forgetBias'], value: layer.forgetBias }];
  return layer.gateBias?.update === undefined ? [] : [{ path: [...at, 'gateBias', 'update'], value: layer.gateBias.update }];
}

/** More of the last layer, or fewer layers from the end. */
function depthEdit({ path, network: { layers } }: InitialStack, depth: number): Fix['edit'] {
  const edits: Fix['edit'][number][] = [];
  let rest = depth;
  layers.forEach(({ repeat }, index) => {
    const wanted = index === layers.length - 1 ? rest : Math.min(repeat, rest);
    if (wanted > 0 && wanted !== repeat) edits.push({ path: [...path, index, 'repeat'], value: wanted });
    // Behind all others, as places move when one is taken away.
    if (wanted === 0) edits.push({ path: [...path, index], value: undefined });
    rest -= wanted;
  });
  return edits.sort((a, b) => b.path.length - a.path.length || Number(b.path.at(-1)) - Number(a.path.at(-1)));
}

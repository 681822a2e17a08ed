import type { Architecture } from '../../../spec/architecture';
import type { EncoderShape } from '../../../spec/encoder';
import type { CellState } from '../cells/cell';
import type { LayerAdjoints, LayerRun } from '../layer';
import { columns, sideBySide, zeros, type Matrix } from '../matrix';

/** The states that the decoder's layers start from, from the last states of the encoder's; see `EncoderShape`. */
export function handOver(encoder: EncoderShape, layers: Architecture['layers'], encoderRun: readonly LayerRun[], sequences: number): CellState[][] {
  return layers.map(({ cell, units }, l) => {
    const from = encoder.handOver[l];
    const ends = from === undefined ? [] : (encoderRun[from]?.directions.map(({ final }) => final) ?? []);
    const h = ends.length > 0 ? sideBySide(ends.map((end) => end.h)) : zeros(sequences, units);
    if (cell !== 'lstm') return [{ h }];
    const cells = ends.map(({ c }) => c).filter((c) => c !== undefined);
    return [{ h, c: cells.length > 0 ? sideBySide(cells) : zeros(sequences, units) }];
  });
}

/** The adjoints of the encoder's last states, by layer and direction, from those of the decoder's first. */
export function handOverBackward({ layers, handOver: pairs }: EncoderShape, decoder: readonly LayerAdjoints[]): (CellState[] | undefined)[] {
  return layers.map(({ cell, units, directions }, l) => {
    const taker = pairs.indexOf(l);
    const initial = taker < 0 ? undefined : decoder[taker]?.directions[0]?.initial;
    if (!initial) return undefined;
    return directions.map((_, d) => {
      const part = (whole: Matrix): Matrix => columns(whole, d * units, (d + 1) * units);
      const h = part(initial.h);
      if (cell !== 'lstm') return { h };
      return { h, c: initial.c ? part(initial.c) : zeros(h.rows, units) };
    });
  });
}

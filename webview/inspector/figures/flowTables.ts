import { visibleToken } from '../../plots/tokenModel';
import type { DataTable } from '../../ui/dataTable';
import type { Scene } from '../scene';
import type { FlowRows } from './flow';
import { flowBins, placeOf, type FlowBlocks } from './flowBlocks';
import { meanSums } from './flowSums';

/** The per-lag curve, the sums over losses, and the shown part of the matrix; the largest number where several pairs share a cell. */
export function flowTables(scene: Scene, rows: FlowRows, blocks: FlowBlocks): readonly DataTable[] {
  const { layer, columns } = scene;
  const [lags, sums, total] = [layer.byLag, layer.flowSums, layer.norm('grad.h')];
  return [
    {
      caption: `Mean flow by lag, layer ${layer.index}; reach ${lags?.reach ?? 0} steps`,
      columns: ['lag', 'mean ‖∂ℓₜ/∂hₖ‖'],
      rows: Array.from(lags?.mean ?? [], (mean, lag) => [String(lag), mean]),
    },
    matrixTable(scene, rows, blocks),
    {
      caption: `Sum of norms and norm of the sum over all losses, layer ${layer.index}, both over their number`,
      columns: ['k', 'token', 'Σ‖∂ℓₜ/∂hₖ‖', '‖Σ∂ℓₜ/∂hₖ‖'],
      rows: Array.from(sums ? meanSums(sums, layer.losses) : [], (sum, k) => [String(k), visibleToken(columns.tokens[k] ?? ''), sum, total?.[k] ?? Number.NaN]),
    },
  ];
}

function matrixTable(scene: Scene, rows: FlowRows, blocks: FlowBlocks): DataTable {
  const { layer, axis, columns } = scene;
  const { bin, widthBin } = flowBins(axis, rows);
  const found = blocks.over(scene, rows).filter(({ ask }) => ask.bin === bin && ask.widthBin === widthBin);
  const starts = (first: number, count: number, size: number): number[] => Array.from({ length: Math.ceil((first + count) / size) - Math.floor(first / size) }, (_, index) => (Math.floor(first / size) + index) * size);
  const steps = starts(axis.first, Math.min(axis.count, layer.steps - axis.first), widthBin);
  const value = (t: number, k: number): number | string => {
    const block = found.find(({ ask }) => t >= ask.first && t < ask.first + ask.count && k >= ask.left && k < ask.left + ask.width);
    if (!block) return '';
    const { place, columns: wide } = placeOf(block, layer, (number) => number);
    const number = place(((k - block.ask.left) / widthBin) * (wide / block.cells.columns) + (widthBin > 1 ? 1 : 0), (t - block.ask.first) / bin);
    return Number.isNaN(number) ? '' : number;
  };
  return {
    caption: `‖∂ℓₜ/∂hₖ‖, layer ${layer.index}: a row for each loss t, a column for each step k${bin * widthBin > 1 ? '; the largest number of each cell' : ''}`,
    columns: ['t', ...steps.map((k) => (widthBin > 1 ? `${k}–${k + widthBin - 1}` : `${k} ${visibleToken(columns.tokens[k] ?? '')}`))],
    rows: starts(rows.first, rows.count, bin).map((t) => [bin > 1 ? `${t}–${t + bin - 1}` : String(t), ...steps.map((k) => value(t, k))]),
  };
}

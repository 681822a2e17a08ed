import type { Tensors } from '../../shared/tensor';
import { parameterShapes, type Architecture } from '../../spec/architecture';
import type { Batch, TraceOptions } from '../engine';
import { orderTensors, type ProcessingOrder } from '../order';
import { flowMatrices } from './flow';
import { backpropagate, lossesOf, meanLoss, sumLosses } from './gradient';
import { rowOf, type Matrix } from './matrix';
import type { NetworkRun } from './network';
import { stack } from './padding';

/**
 * Everything that happened in a forward pass, and all derivatives of its mean loss, under the names of
 * the trace files. Sequence tensors are [T,B,·] in input order and zero at padded positions.
 */
export function traceRun(architecture: Architecture, run: NetworkRun, batch: Batch, { flow, order }: TraceOptions & { readonly order: ProcessingOrder }): Tensors {
  const { steps, sequences, lengths } = batch;
  const trace: Tensors = new Map();
  const put = (name: string, shape: readonly number[], data: Float64Array): void => void trace.set(name, { dtype: 'F64', shape, data });
  const putSteps = (name: string, matrices: readonly Matrix[]): void => put(name, [steps, sequences, matrices[0]?.columns ?? 0], stack(matrices, lengths));

  const losses = lossesOf(architecture, run, batch);
  const { gradients, layers } = backpropagate(architecture, run, losses);
  const flows = flow === 'with-flow' ? flowMatrices(run, losses) : [];

  run.layers.forEach((layer, l) => {
    layer.directions.forEach(({ direction, steps: cellSteps, hidden }, d) => {
      const place = `layer${l}.${direction}`;
      for (const gate of Object.keys(cellSteps[0]?.gates ?? {})) putSteps(`${place}.gate.${gate}`, cellSteps.map(({ gates }) => gates[gate]).filter((m) => m !== undefined));
      putSteps(`${place}.h`, hidden);
      if (cellSteps[0]?.state.c) putSteps(`${place}.c`, cellSteps.map(({ state }) => state.c).filter((m) => m !== undefined));

      const adjoints = layers[l]?.directions[d];
      if (adjoints) {
        putSteps(`${place}.grad.h`, adjoints.h);
        putSteps(`${place}.grad.h.partial`, adjoints.partial);
        if (adjoints.c.length > 0) putSteps(`${place}.grad.c`, adjoints.c);
      }
      const matrix = flows[l]?.[d];
      if (matrix) put(`${place}.flow`, [losses.length, steps], matrix);
    });
    if (layer.gates.length > 0) putSteps(`layer${l}.connection.gate`, layer.gates);
    if (architecture.layers[l]?.connection === 'none') return;
    for (const [path, matrices] of Object.entries(layers[l]?.paths() ?? {})) put(`layer${l}.connection.grad.${path}`, [steps, sequences], rowNorms(matrices));
  });

  put('output.logits', [losses.length, sequences, architecture.outputs], stack(run.logits, architecture.loss === 'class' ? undefined : lengths));
  put('loss', [], Float64Array.of(meanLoss(sumLosses(losses))));
  put('loss.position', [losses.length], Float64Array.from(losses, (position) => meanLoss(sumLosses([position]))));
  for (const { name, shape } of parameterShapes(architecture)) put(`grad.param.${name}`, shape, gradients.get(name) ?? new Float64Array(0));
  for (const [name, tensor] of orderTensors(architecture.layers, steps, order)) trace.set(name, tensor);
  return trace;
}

/** ‖row‖₂ [T,B] of matrices [B,F] at each timestep. */
function rowNorms(matrices: readonly Matrix[]): Float64Array {
  return Float64Array.from(matrices.flatMap((matrix) => Array.from({ length: matrix.rows }, (_, row) => Math.hypot(...rowOf(matrix, row)))));
}

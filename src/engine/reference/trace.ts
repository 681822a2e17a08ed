import type { Tensors } from '../../shared/tensor';
import { parameterShapes, type Architecture } from '../../spec/architecture';
import type { Batch, TraceOptions } from '../engine';
import { orderTensors, type ProcessingOrder } from '../order';
import { flowMatrices } from './flow';
import { backpropagate, lossesOf, meanLoss, sumLosses } from './gradient';
import type { LayerAdjoints } from './layer';
import { rowOf, type Matrix } from './matrix';
import type { NetworkRun, NetworkStack } from './network';
import { stack } from './padding';

/**
 * Everything that happened in a forward pass, and all derivatives of its mean loss, under the names of
 * the trace files. Sequence tensors are [T,B,·] in input order and zero at padded positions.
 */
export function traceRun(architecture: Architecture, run: NetworkRun, batch: Batch, { flow, parameters, order }: TraceOptions & { readonly order: ProcessingOrder }): Tensors {
  const { sequences, lengths, source } = batch;
  const trace: Tensors = new Map();
  const put = putInto(trace);

  const losses = lossesOf(architecture, run, batch);
  const { gradients, adjoints } = backpropagate(architecture, run, losses);
  const flows = flow === 'with-flow' ? flowMatrices(run, losses) : [];
  run.stacks.forEach((own, s) => putStack(trace, own, sequences, { adjoints: adjoints[s] ?? [], flows: flows[s] ?? [], positions: losses.length }));

  if (run.attention) put('attention.weights', [run.attention.length, sequences, source?.steps ?? 0], stack(run.attention, lengths));
  put('output.logits', [losses.length, sequences, architecture.outputs], stack(run.logits, architecture.loss === 'class' ? undefined : lengths));
  put('loss', [], Float64Array.of(meanLoss(sumLosses(losses))));
  put('loss.position', [losses.length], Float64Array.from(losses, (position) => meanLoss(sumLosses([position]))));
  if (parameters !== 'without-gradients') for (const { name, shape } of parameterShapes(architecture)) put(`grad.param.${name}`, shape, gradients.get(name) ?? new Float64Array(0));
  for (const [name, tensor] of orderTensors(architecture, batch, order)) trace.set(name, tensor);
  return trace;
}

/** What the way back found about one stack. */
interface StackDerivatives {
  /** Of the mean loss. */
  readonly adjoints: readonly LayerAdjoints[];
  /** By layer and direction; empty without flow. */
  readonly flows: readonly (readonly Float64Array[])[];
  /** P. */
  readonly positions: number;
}

/** States, gates and derivatives of one stack's layers. */
function putStack(trace: Tensors, { prefix, shapes, lengths, layers }: NetworkStack, sequences: number, { adjoints, flows, positions }: StackDerivatives): void {
  const put = putInto(trace);
  layers.forEach((layer, l) => {
    const steps = layer.outputs.length;
    const putSteps = (name: string, matrices: readonly Matrix[]): void => put(name, [steps, sequences, matrices[0]?.columns ?? 0], stack(matrices, lengths));
    layer.directions.forEach(({ direction, steps: cellSteps, hidden }, d) => {
      const place = `${prefix}layer${l}.${direction}`;
      for (const gate of Object.keys(cellSteps[0]?.gates ?? {})) putSteps(`${place}.gate.${gate}`, cellSteps.map(({ gates }) => gates[gate]).filter((m) => m !== undefined));
      putSteps(`${place}.h`, hidden);
      if (cellSteps[0]?.state.c) putSteps(`${place}.c`, cellSteps.map(({ state }) => state.c).filter((m) => m !== undefined));

      const own = adjoints[l]?.directions[d];
      if (own) {
        putSteps(`${place}.grad.h`, own.h);
        putSteps(`${place}.grad.h.partial`, own.partial);
        if (own.c.length > 0) putSteps(`${place}.grad.c`, own.c);
      }
      const matrix = flows[l]?.[d];
      if (matrix) put(`${place}.flow`, [positions, steps], matrix);
    });
    if (layer.gates.length > 0) putSteps(`${prefix}layer${l}.connection.gate`, layer.gates);
    if (shapes[l]?.connection === 'none') return;
    for (const [path, matrices] of Object.entries(adjoints[l]?.paths() ?? {})) put(`${prefix}layer${l}.connection.grad.${path}`, [steps, sequences], rowNorms(matrices));
  });
}

function putInto(trace: Tensors): (name: string, shape: readonly number[], data: Float64Array) => void {
  return (name, shape, data) => void trace.set(name, { dtype: 'F64', shape, data });
}

/** ‖row‖₂ [T,B] of matrices [B,F] at each timestep. */
function rowNorms(matrices: readonly Matrix[]): Float64Array {
  return Float64Array.from(matrices.flatMap((matrix) => Array.from({ length: matrix.rows }, (_, row) => Math.hypot(...rowOf(matrix, row)))));
}

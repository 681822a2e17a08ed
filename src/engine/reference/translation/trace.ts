import type { Tensors } from '../../../shared/tensor';
import { parameterShapes } from '../../../spec/architecture';
import type { Batch } from '../../engine';
import { backpropagate, lossesOf, meanLoss, sumLosses } from '../gradient';
import { stack } from '../padding';
import type { TranslationArchitecture, TranslationRun } from './run';

/** Loss, logits, attention and parameter gradients of a translation model; see `Engine.trace`. */
export function traceTranslation(architecture: TranslationArchitecture, run: TranslationRun, batch: Batch): Tensors {
  const trace: Tensors = new Map();
  const put = (name: string, shape: readonly number[], data: Float64Array): void => void trace.set(name, { dtype: 'F64', shape, data });
  const { lengths, sequences, source } = batch;
  const losses = lossesOf(architecture, run, batch);
  const { attention } = run.decoder;
  if (attention.length > 0) put('attention.weights', [attention.length, sequences, source?.steps ?? 0], stack(attention.map(({ weights }) => weights), lengths));
  put('output.logits', [losses.length, sequences, architecture.outputs], stack(run.logits, lengths));
  put('loss', [], Float64Array.of(meanLoss(sumLosses(losses))));
  put('loss.position', [losses.length], Float64Array.from(losses, (position) => meanLoss(sumLosses([position]))));
  const { gradients } = backpropagate(architecture, run, losses);
  for (const { name, shape } of parameterShapes(architecture)) put(`grad.param.${name}`, shape, gradients.get(name) ?? new Float64Array(0));
  return trace;
}

import type { Problem } from '../shared/position';
import { gateBlocks, type DataSizes } from './architecture';
import { connectionProblems } from './connectionProblems';
import { layerStacks, type LayerStack } from './layerStacks';
import type { SpecRanges } from './ranges';
import type { LayerSpec, Spec } from './schema';
import { syntheticMisfit } from './synthetic';
import { translationProblems } from './translationProblems';

/** What is wrong or doubtful with a spec that follows the schema. With `sizes` of its data, also what depends on them. */
export function semanticProblems(spec: Spec, ranges: SpecRanges, sizes?: DataSizes): Problem[] {
  return [...modelProblems(spec, ranges), ...layerStacks(spec).flatMap((stack) => stackProblems(spec, stack, ranges)), ...connectionProblems(spec, ranges, sizes), ...translationProblems(spec, ranges), ...taskProblems(spec, ranges), ...trainingProblems(spec, ranges)];
}

function modelProblems({ model, task }: Spec, ranges: SpecRanges): Problem[] {
  const translates = task.kind === 'translation';
  const [wanted, unwanted] = translates ? ([['encoder', 'decoder'], ['layers']] as const) : ([['layers'], ['encoder', 'decoder']] as const);
  const problems: Problem[] = [];
  for (const key of wanted) {
    if (model[key] !== undefined) continue;
    const reason = translates ? 'a translation model has an encoder and a decoder' : 'the recurrent layers, from the input upwards';
    problems.push({ severity: 'error', code: 'missing-key', message: `"${key}" is missing in model: ${reason}.`, range: ranges.headOf(['model']) });
  }
  for (const key of unwanted) {
    const range = ranges.keyRangeOf(['model', key]);
    if (!range) continue;
    const reason = translates ? 'A translation model has "encoder" and "decoder" in place of "layers".' : `"${key}" belongs to the task "translation" only. Use "layers" for "${task.kind}".`;
    problems.push({ severity: 'error', code: 'model-parts', message: reason, range });
  }
  return problems;
}

/** From this depth on a plain stack is known to train badly. */
const deepStack = 5;

function stackProblems({ task }: Spec, { path, layers }: LayerStack, ranges: SpecRanges): Problem[] {
  const problems: Problem[] = [];
  const at = (index: number, key: string): Problem['range'] | undefined => ranges.keyRangeOf([...path, index, key]);
  layers.forEach((layer, index) => {
    const bidirectional = layer.bidirectional ? at(index, 'bidirectional') : undefined;
    if (bidirectional && (task.kind === 'language-model' || path[1] === 'decoder')) {
      const message = 'A layer that predicts the next token cannot be bidirectional: the reverse direction would read the very tokens it should predict (the future would leak). Remove "bidirectional".';
      problems.push({ severity: 'error', code: 'future-leak', message, range: bidirectional });
    }
    const activation = layer.cell !== 'rnn' && layer.activation === 'relu' ? ranges.rangeOf([...path, index, 'activation']) : undefined;
    if (activation) {
      const message = `activation "relu" is for the cell "rnn" only; the gates of ${article(layer.cell)} fix its nonlinearities. Remove it, or use "cell": "rnn".`;
      problems.push({ severity: 'error', code: 'activation-cell', message, range: activation, suggestion: { title: 'Change to "tanh"', text: '"tanh"' } });
    }
    const resetAfter = layer.cell === 'gru' ? undefined : at(index, 'resetAfter');
    if (resetAfter) problems.push(noEffect('resetAfter', `only a GRU has a reset gate, and this layer is ${article(layer.cell)}`, resetAfter));
    const forgetBias = layer.cell === 'lstm' ? undefined : at(index, 'forgetBias');
    if (forgetBias) problems.push(noEffect('forgetBias', `only an LSTM has a forget gate, and this layer is ${article(layer.cell)}`, forgetBias));
    const gates: readonly string[] = gateBlocks[layer.cell];
    for (const gate of Object.keys(layer.gateBias ?? {})) {
      const range = gates.includes(gate) ? undefined : ranges.keyRangeOf([...path, index, 'gateBias', gate]);
      if (range) problems.push(noEffect(`gateBias.${gate}`, `${article(layer.cell)} has no ${gate} gate`, range));
    }
  });
  const depth = layers.reduce((sum, { repeat }) => sum + repeat, 0);
  if (depth >= deepStack && layers.every(({ connection }) => connection === 'none')) {
    const message = `${depth} layers without a skip connection: the gradient shrinks in every layer on its way down, so the lowest ones hardly learn. Give layers "connection": "residual", "dense" or "highway", or use fewer.`;
    problems.push({ severity: 'warning', code: 'deep-without-skip', message, range: ranges.keyRangeOf(path) ?? ranges.headOf(path) });
  }
  return problems;
}

function article(cell: LayerSpec['cell']): string {
  return cell === 'gru' ? 'a GRU' : cell === 'lstm' ? 'an LSTM' : 'a vanilla RNN';
}

function noEffect(key: string, reason: string, range: Problem['range']): Problem {
  return { severity: 'warning', code: 'no-effect', message: `${key} has no effect: ${reason}. Remove it.`, range };
}

/** Tasks that cut a long text or series into windows; the others train whole sequences. */
const windowed: readonly Spec['task']['kind'][] = ['language-model', 'forecast'];

function taskProblems({ task }: Spec, ranges: SpecRanges): Problem[] {
  const problems: Problem[] = [];
  const misfit = task.kind === 'synthetic' ? syntheticMisfit(task) : undefined;
  if (misfit) problems.push({ severity: 'error', code: 'synthetic-size', message: misfit.message, range: ranges.rangeOf(['task', misfit.key]) ?? ranges.headOf(['task']) });
  if (windowed.includes(task.kind) || task.kind === 'batch') return problems;
  for (const key of ['window', 'stateful'] as const) {
    const range = ranges.keyRangeOf(['training', key]);
    if (range) problems.push(noEffect(key, `the task "${task.kind}" trains whole sequences, each from an empty state`, range));
  }
  return problems;
}

/** Optimizers that read an option; the others ignore it. */
const readers: Readonly<Record<'momentum' | 'nesterov' | 'betas' | 'decay' | 'epsilon', readonly Spec['training']['optimizer']['kind'][]>> = {
  momentum: ['sgd', 'rmsprop'],
  nesterov: ['sgd'],
  betas: ['adam', 'adamw'],
  decay: ['rmsprop'],
  epsilon: ['adam', 'adamw', 'rmsprop', 'adagrad'],
};

function trainingProblems({ task, training }: Spec, ranges: SpecRanges): Problem[] {
  const { optimizer } = training;
  const problems: Problem[] = [];
  const epochs = ranges.keyRangeOf(['training', 'epochs']);
  if (training.steps !== undefined && epochs) {
    problems.push({ severity: 'error', code: 'steps-and-epochs', message: 'steps and epochs both say how long to train. Keep one of them.', range: epochs });
  }
  const nesterov = optimizer.nesterov === true && optimizer.kind === 'sgd' ? ranges.keyRangeOf(['training', 'optimizer', 'nesterov']) : undefined;
  if (nesterov && !optimizer.momentum) {
    problems.push({ severity: 'error', code: 'nesterov-momentum', message: 'nesterov needs a momentum greater than 0. Add "momentum": 0.9, or remove nesterov.', range: nesterov });
  }
  for (const [key, kinds] of Object.entries(readers)) {
    const range = kinds.includes(optimizer.kind) ? undefined : ranges.keyRangeOf(['training', 'optimizer', key]);
    if (range) problems.push(noEffect(key, `"${optimizer.kind}" does not use it (${kinds.join(', ')} ${kinds.length === 1 ? 'does' : 'do'})`, range));
  }
  if ('validation' in task && task.validation === 0) {
    for (const key of ['evaluateEvery', 'patience'] as const) {
      const range = ranges.keyRangeOf(['training', key]);
      if (range) problems.push(noEffect(key, 'validation is 0, so no data are held out to evaluate on', range));
    }
  }
  return problems;
}

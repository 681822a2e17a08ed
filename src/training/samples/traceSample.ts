import { rowTexts } from '../../data/forecast';
import type { Sample, TaskData } from '../../data/task';
import { pairBatch, pairSample } from '../../data/translation';
import { decode } from '../../data/vocabulary';
import type { Batch, Checkpointed, Engine, TraceOptions } from '../../engine/engine';
import type { SampleChoice, SampleTrace, TracedLayer } from '../../shared/run';
import type { Tensors } from '../../shared/tensor';
import type { Architecture, LayerShape, LossKind } from '../../spec/architecture';
import { mostLikely, topIndices } from '../sampling';
import { translateGreedily } from '../translate';
import { answerPlace, answerText, type SampleContext } from './context';
import { heldOutSample } from './heldOutSample';
import { checkLength, mostSampleSteps } from './sampleError';
import { sampleSentence } from './sampleText';
import { typedSample, type TypedSample } from './typedSample';

/** What is looked at, and with which network. */
export interface SampleInspection {
  /** With the weights to look at. */
  readonly engine: Engine;
  readonly context: SampleContext;
  readonly choice: SampleChoice;
  /** The loaded data; held-out samples need them. */
  readonly data?: TaskData;
  readonly alive?: Checkpointed;
  /** Without the flow matrices, which take most of the time; with them unless said. */
  readonly flow?: TraceOptions['flow'];
}

/** A sample that can be traced: its batch has the answers, and whose they are is said. */
export interface ChosenSample extends TypedSample {
  /** What it is, in a sentence or two. */
  readonly sentence: string;
}

/**
 * The sample that was chosen. Where a typed one leaves its right answers open, they are the network's own most
 * probable ones. Throws a SampleError or a DataError, for a person.
 */
export function chooseSample({ engine, context, choice, data, alive }: SampleInspection): ChosenSample {
  const { loss } = engine.architecture;
  const chosen = choice.kind === 'text' ? typedSample(choice.text, context, loss) : { answers: 'given' as const, sample: heldOutSample(required(data), choice.index) };
  const { steps, source } = chosen.sample.batch;
  checkLength(Math.max(steps, source?.steps ?? 0), engine.architecture);
  const sample = chosen.answers === 'given' ? chosen.sample : answered(engine, context, chosen.sample, alive);
  return { sample, answers: chosen.answers, sentence: sampleSentence({ context, choice, sample, answers: chosen.answers, data }) };
}

/** Traces a sample; gradients of the parameters are left out. Throws as `chooseSample` does. */
export function traceSample(inspection: SampleInspection & { /** Step of the weights. */ readonly step: number; /** Milliseconds from any fixed point. */ readonly now: () => number }): SampleTrace {
  const { engine, context, choice, data, alive, step, now, flow = 'with-flow' } = inspection;
  const { architecture } = engine;
  const begin = now();
  const { sample, sentence } = chooseSample(inspection);
  const tensors = engine.trace(sample.batch, { flow, parameters: 'without-gradients', alive });
  const milliseconds = now() - begin;

  const { batch } = sample;
  const counts = lossCounts(batch, architecture);
  markLossless(tensors, counts);
  if (batch.inputs instanceof Float64Array) tensors.set('sample.inputs', { dtype: 'F64', shape: [batch.steps, 1, batch.inputs.length / batch.steps], data: batch.inputs });
  const logits = numbersOf(tensors, 'output.logits');
  const positionLoss = numbersOf(tensors, 'loss.position');
  return {
    step,
    sample: { choice, sentence, heldOut: data?.samples?.count, text: choice.kind === 'text' ? choice.text : textOf(sample, context) },
    tokens: sample.inputs,
    source: sample.source,
    answer: answerPlace(context, architecture.loss),
    targets: atTheirSteps(sample.targets, batch.steps, ''),
    losses: atTheirSteps(counts.map((counted, position) => (counted ? (positionLoss[position] ?? null) : null)), batch.steps, null),
    predictions: architecture.loss === 'values' ? sample.inputs.map(() => []) : atTheirSteps(predictionsOf(logits, architecture.outputs, context), batch.steps, []),
    values: valuesOf(context, logits, architecture),
    tensors,
    layers: tracedLayers(architecture),
    milliseconds,
  };
}

function required(data: TaskData | undefined): TaskData {
  if (!data) throw new Error('A held-out sample needs the data.');
  return data;
}

/** Tokens after which an own translation is cut off: an untrained network never writes the end. */
function longestTranslation(source: number): number {
  return 2 * source + 50;
}

/** The sample with the network's own most probable answers in place of those left open. */
function answered(engine: Engine, { words }: SampleContext, sample: Sample, alive: Checkpointed | undefined): Sample {
  const { batch } = sample;
  if (words?.kind === 'translation') {
    const source = batch.source?.inputs ?? new Int32Array();
    const [target = []] = translateGreedily(engine, [source], words, Math.min(mostSampleSteps - 1, longestTranslation(source.length)));
    return pairSample(pairBatch({ source, target: Int32Array.from(target) }, words), words);
  }
  const logits = numbersOf(engine.trace(batch, { flow: 'without-flow', parameters: 'without-gradients', alive }), 'output.logits');
  const targets = Int32Array.from(rowsOf(logits, engine.architecture.outputs), (row) => topIndices(row, 1)[0] ?? 0);
  return { ...sample, batch: { ...batch, targets }, targets: Array.from(targets, (target) => (words && 'tokens' in words ? (words.labels?.[target] ?? '') : '')) };
}

/** Whether each of the P positions has a loss, of a batch with one sequence. */
function lossCounts({ targets }: Batch, { loss, outputs }: { readonly loss: LossKind; readonly outputs: number }): boolean[] {
  if (loss !== 'values') return Array.from(targets, (target) => target >= 0);
  return rowsOf(targets, outputs).map((row) => row.every((value) => !Number.isNaN(value)));
}

/** A flow row without a loss is no gradient that vanished: it holds NaN, not 0. */
function markLossless(tensors: Tensors, counts: readonly boolean[]): void {
  for (const [name, { data, shape }] of tensors) {
    if (!name.endsWith('.flow') || !(data instanceof Float64Array || data instanceof Float32Array)) continue;
    const width = shape[1] ?? 0;
    counts.forEach((counted, row) => {
      if (!counted) data.fill(Number.NaN, row * width, (row + 1) * width);
    });
  }
}

/** What there is at each of T steps: T entries as they are, or one at the last step. */
function atTheirSteps<T>(entries: readonly T[], steps: number, none: T): readonly T[] {
  return entries.length === steps ? entries : Array.from({ length: steps }, (_, t) => (t === steps - 1 ? (entries[0] ?? none) : none));
}

/** The three most likely answers at each position, from logits [P,O]. */
function predictionsOf(logits: Float64Array, outputs: number, context: SampleContext): SampleTrace['predictions'] {
  return rowsOf(logits, outputs).map((row) => mostLikely(row, 3).map(({ token, probability }) => ({ token: answerText(token, context), probability })));
}

function valuesOf({ task, words }: SampleContext, answers: Float64Array, { loss, outputs }: Architecture): SampleTrace['values'] {
  if (loss !== 'values') return undefined;
  if (words?.kind === 'values') return { inputs: words.inputs.map(({ name }) => name), outputs: words.targets.map(({ name }) => name), answers: rowTexts(answers, words.targets) };
  const plain = rowsOf(answers, outputs).map((row) => Array.from(row, (value) => value.toPrecision(4)).join(' · '));
  return task.kind === 'synthetic' ? { inputs: ['value', 'mark'], outputs: ['sum'], answers: plain } : { inputs: [], outputs: [], answers: plain };
}

function numbersOf(tensors: Tensors, name: string): Float64Array {
  return Float64Array.from(tensors.get(name)?.data ?? [], Number);
}

function rowsOf(values: ArrayLike<number>, width: number): Float64Array[] {
  return Array.from({ length: values.length / width }, (_, row) => Float64Array.from({ length: width }, (_, column) => values[row * width + column] ?? Number.NaN));
}

/** What to type for this sample; undefined for samples of values. */
function textOf({ batch }: Sample, { words }: SampleContext): string | undefined {
  if (words === undefined || words.kind === 'values') return undefined;
  return words.kind === 'translation' ? decode(batch.source?.inputs ?? [], words.source) : decode(batch.inputs, words);
}

function tracedLayers({ layers, encoder }: Architecture): TracedLayer[] {
  const traced = (stack: string, reads: TracedLayer['reads']) => ({ cell, units, directions, connection }: LayerShape, index: number): TracedLayer => ({ prefix: `${stack}layer${index}`, reads, cell, units, directions, connection });
  return encoder ? [...encoder.layers.map(traced('encoder.', 'source')), ...layers.map(traced('decoder.', 'tokens'))] : layers.map(traced('', 'tokens'));
}

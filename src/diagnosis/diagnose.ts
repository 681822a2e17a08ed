import type { TaskData } from '../data/task';
import type { Checkpointed, Engine } from '../engine/engine';
import { initialParameters } from '../engine/initialise';
import type { Diagnosis, DiagnosisProgress, Estimate, TriedEdit } from '../shared/diagnosis';
import { sizeOf } from '../shared/tensor';
import { parameterShapes, type Architecture } from '../spec/architecture';
import type { Spec } from '../spec/schema';
import { lagOf } from '../spec/synthetic';
import { answerReader, AnswerRows, groupsOf, readSequences } from './answers';
import { bestCarrier, carryInterval, measureCarry } from './carry';
import { measureDemand } from './demand';
import { interval } from './estimate';
import type { Evidence } from './evidence';
import { stateFacts, trainingFacts, type TrainingHistory } from './facts';
import { fixesFor } from './fixes';
import { measureLongGradient } from './gradient';
import { batchOfSequences, heldOutSequences, stretchOf, trainingText, type HeldOut } from './heldOut';
import { lagEdges, shortLag } from './lags';
import { contextFeatures } from './probes/contexts';
import { missingLong, wantedLag } from './questions';
import { decisionFor, sentenceFor } from './sentences';
import { failedTrials, fixesAfterTrying } from './tried';
import { UseMeter } from './use';
import { judge } from './verdict';

/** What is diagnosed. */
export interface DiagnosisRequest {
  /** With the weights to diagnose. */
  readonly engine: Engine;
  readonly spec: Spec;
  readonly data: TaskData;
  /** Updates that the weights have had. */
  readonly step: number;
  /** The curves of the run, when they are known. */
  readonly history?: TrainingHistory;
  /** Whether the training ended because its loss or weights were no longer finite. */
  readonly diverged?: boolean;
  /** Edits that were tried on this model, oldest first. */
  readonly tried?: readonly TriedEdit[];
}

/** A network that this diagnosis has no measurements for; the message says which and why. */
export class DiagnosisError extends Error {
  override readonly name = 'DiagnosisError';
}

/** Sequences at most, more where each has one answer only; and how many of them are also spliced to see what the model uses. */
const [mostSequences, mostWithOneAnswer, splicedSequences] = [1200, 2400, 384];

/** Operations that reading all sequences once may take: a second or two. */
const readingBudget = 2e10;

/** Sequences that are read side by side. */
const together = 128;

/** Timesteps that Jacobians and traces look at. */
const mostSteps = 256;

/**
 * Carry, demand and use of a network, each measured apart from the others, and the verdict that follows. Yields
 * between pieces of work of at most a second or so; `alive` is asked much more often, and throws to abandon it. The
 * engine's parameters are left as they were, also then. Throws a DiagnosisError for networks that it cannot
 * look at, and what loading batches throws.
 */
export function* diagnose({ engine, spec, data, step, history, diverged = false, tried = [] }: DiagnosisRequest, alive: Checkpointed = () => undefined): Generator<DiagnosisProgress, Diagnosis> {
  const { architecture } = engine;
  const parameters = engine.parameters();
  try {
    refuse(architecture, spec);
    yield { stage: 'data', done: 0 };
    const heldOut = heldOutSequences(data, spec.task, spec.training, sequencesWithin(architecture, spec));
    if (heldOut.sequences.length === 0) throw new DiagnosisError(tooLittleData(data, spec));
    const cut = isCut(spec);
    const window = cut ? spec.training.window : heldOut.longest;
    const short = shortLag(window);
    const edges = lagEdges(heldOut.longest - 1, short);

    yield { stage: 'carry', done: 0.05 };
    const carry = measureCarry(engine, batchOfSequences(heldOut.sequences.slice(0, 16), heldOut, mostSteps), initialParameters(architecture, spec.training.seed), alive);
    yield { stage: 'carry', done: 0.15 };
    const facts = stateFacts(engine, batchOfSequences(heldOut.sequences.slice(0, tracedSequences(heldOut)), heldOut, mostSteps), alive);

    const groups = groupsOf(heldOut);
    const reader = answerReader(heldOut, groups);
    const rows = new AnswerRows(heldOut, groups);
    const meter = new UseMeter(engine, heldOut, edges);
    const losses: number[] = [];
    for (let first = 0; first < heldOut.sequences.length; first += together) {
      yield { stage: 'answers', done: 0.2 + (0.45 * first) / heldOut.sequences.length };
      const reading = readSequences(engine, heldOut.sequences.slice(first, first + together), first, reader, rows, alive);
      for (const own of reading.losses) losses.push(...own.filter((loss) => !Number.isNaN(loss)));
      yield { stage: 'use', done: 0.2 + 0.45 * Math.min(1, (first + together / 2) / heldOut.sequences.length) };
      if (first < splicedSequences) meter.measure(reading, reader, alive);
    }

    yield { stage: 'demand', done: 0.65 };
    const answers = rows.finish();
    const contexts = spec.task.kind === 'language-model' ? contextFeatures(heldOut, answers, groups, trainingText(data, spec.task, spec.training), edges) : undefined;
    const probing = measureDemand(heldOut, answers, edges, short, alive, contexts);
    let probed = probing.next();
    for (let count = 1; probed.done !== true; probed = probing.next(), count++) yield { stage: 'demand', done: 0.65 + 0.05 * count };
    const demands = probed.value;
    yield { stage: 'verdict', done: 0.95 };

    const measured: Evidence = {
      edges,
      short,
      data: demands.data.gains,
      probes: demands.data.probes,
      missing: demands.missing.gains,
      dataShort: demands.data.short,
      missingShort: demands.missing.short,
      use: meter.estimates(chanceLoss(heldOut)),
      achieved: demands.achieved,
      explained: demands.explained,
      sensitivity: demands.sensitivity,
      longGradient: undefined,
      dataWeights: demands.data.weightByLag,
      missingWeights: demands.missing.weightByLag,
      carry,
      facts: facts.layers,
      training: trainingFacts(history, step, diverged),
      window,
      cut: cut ? 'cut' : 'whole',
      sequences: heldOut.sequences.length,
      finite: answers.finite && losses.every(Number.isFinite),
    };
    const wanted = wantedLag(measured);
    const evidence = wanted && measured.finite && missingLong(measured) ? { ...measured, longGradient: measureLongGradient(engine, heldOut, wanted.low, spec.training.batch, alive) } : measured;
    return assemble(spec, evidence, { flow: facts.flow, notes: heldOut.notes, tried });
  } finally {
    engine.setParameters(parameters);
  }
}

/** Runs a diagnosis to its end, telling how far it is. */
export function diagnoseAtOnce(request: DiagnosisRequest, onProgress: (progress: DiagnosisProgress) => void = () => undefined, alive?: Checkpointed): Diagnosis {
  const work = diagnose(request, alive);
  let next = work.next();
  for (; next.done !== true; next = work.next()) onProgress(next.value);
  return next.value;
}

function refuse({ layers, encoder }: Architecture, { task }: Spec): void {
  if (encoder) throw new DiagnosisError('Translation models cannot be diagnosed yet: lags between a source and its translation are not defined. Diagnose an encoder alone, as a classification or tagging model.');
  if (task.kind === 'batch') throw new DiagnosisError('A model of the task "batch" has no data to be diagnosed on. Give the spec a task with data.');
  if (layers.length === 0) throw new DiagnosisError('The model has no recurrent layer, so there is no memory to diagnose.');
  if (layers.some(({ directions }) => directions.length > 1)) throw new DiagnosisError('Bidirectional models cannot be diagnosed yet: they read the future as well, and lags are measured into the past. Diagnose the model with "bidirectional": false.');
}

/** Whether the data are one text or series, which is cut into stretches, rather than sequences of their own. */
function isCut({ task }: Spec): boolean {
  return task.kind === 'language-model' || task.kind === 'forecast';
}

/** What to do where not one sequence is there to judge by. */
function tooLittleData({ positions }: TaskData, spec: Spec): string {
  if (!isCut(spec)) return 'The data hold no sequence to diagnose the model on. Add some, or hold out a larger share of them ("validation").';
  const stretch = stretchOf(spec.training.window);
  return `The held-out part of the data has ${positions.validation} timesteps, but a diagnosis of a model with window ${spec.training.window} reads stretches of ${stretch}. Use a longer text or series, or hold out a larger share of it ("validation" of the task).`;
}

/** As many sequences as can be read once within the budget, but enough for a judgement. */
function sequencesWithin(architecture: Architecture, { task, training }: Spec): number {
  const weights = parameterShapes(architecture).filter(({ name }) => !name.includes('embedding')).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const steps = task.kind === 'synthetic' ? task.length : 2 * training.window;
  const most = task.kind === 'classification' || (task.kind === 'synthetic' && task.problem === 'adding') ? mostWithOneAnswer : mostSequences;
  return Math.max(400, Math.min(most, Math.floor(readingBudget / (2 * weights * steps))));
}

/** Sequences of the traced batch: flow costs their number times the square of their length. */
function tracedSequences({ longest }: HeldOut): number {
  return Math.max(2, Math.min(8, Math.floor(40_000 / Math.min(longest, mostSteps) ** 2)));
}

/** Mean loss of the best constant answer over all answers: variance, or Brier score against the shares of the classes. */
function chanceLoss({ sequences, loss, outputs }: HeldOut): number {
  if (loss !== 'values') {
    const counts = new Float64Array(outputs);
    let total = 0;
    for (const { targets } of sequences) for (const target of targets) if (target >= 0) [counts[target], total] = [(counts[target] ?? 0) + 1, total + 1];
    return Math.max(1e-12, 1 - counts.reduce((sum, count) => sum + (count / Math.max(1, total)) ** 2, 0));
  }
  let chance = 0;
  for (let k = 0; k < outputs; k++) {
    const values = sequences.flatMap(({ targets }) => Array.from(targets).filter((value, i) => i % outputs === k && !Number.isNaN(value)));
    const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
    chance += values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length);
  }
  return Math.max(1e-12, chance);
}

function assemble(spec: Spec, evidence: Evidence, { flow, notes, tried }: { readonly flow: readonly Float64Array[]; readonly notes: readonly string[]; readonly tried: readonly TriedEdit[] }): Diagnosis {
  const judgement = judge(evidence);
  const { edges, carry } = evidence;
  const shown = judgement.carrier ?? bestCarrier(carry, 0) ?? carry[0];
  const place = Math.max(0, carry.findIndex((layer) => layer === shown));
  const column = (estimates: readonly Estimate[]): { mean: number[]; low: number[]; high: number[] } => ({
    mean: estimates.map(({ mean }) => mean),
    low: estimates.map((one) => interval(one).low),
    high: estimates.map((one) => interval(one).high),
  });
  const [demand, missing, use] = [column(evidence.data), column(evidence.missing), column(evidence.use)];
  return {
    verdict: judgement.verdict,
    confidence: Number(judgement.confidence.toFixed(3)),
    sentence: sentenceFor(evidence, judgement) + failedTrials(tried),
    decides: decisionFor(evidence, judgement),
    wantedLag: judgement.wantedLag ?? null,
    trueLag: (spec.task.kind === 'synthetic' && spec.task.problem !== 'none' ? lagOf(spec.task) : undefined) ?? null,
    lags: edges,
    carry: edges.map((lag) => shown?.rms[Math.min(lag, shown.rms.length - 1)] ?? 0),
    carryLow: edges.map((lag) => (shown ? carryInterval(shown, lag).low : 0)),
    carryHigh: edges.map((lag) => (shown ? carryInterval(shown, lag).high : 0)),
    demand: demand.mean,
    demandLow: demand.low,
    demandHigh: demand.high,
    missing: missing.mean,
    missingLow: missing.low,
    missingHigh: missing.high,
    use: use.mean,
    useLow: use.low,
    useHigh: use.high,
    flow: edges.map((lag) => flow[place]?.[lag] ?? 0),
    fixes: fixesAfterTrying(fixesFor(spec, evidence, judgement), tried),
    layers: carry,
    facts: evidence.facts,
    training: evidence.training,
    achieved: evidence.achieved.mean,
    sensitivity: evidence.sensitivity ?? null,
    longGradient: evidence.longGradient ?? null,
    sequences: evidence.sequences,
    window: evidence.window,
    notes: [...notes, 'Demand is what probes find: sums over lags, products of any two inputs, and one input that is found by what it is or stands behind. What takes three or more inputs at once may stay unseen.'],
  };
}

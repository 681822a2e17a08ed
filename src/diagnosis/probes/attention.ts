import type { Answers } from '../answers';
import type { HeldOut, HeldOutSequence } from '../heldOut';
import { AttentionHead, type Reader, type Start } from './attentionHead';
import { pairedGain, sequenceLosses, type ProbeGain, type ProbeRows, type Residual } from './ridge';
import { viewOf } from './inputs';

/** Kinds of token, or numbers of a step, that the probe sees. */
const mostKinds = 16;

/** Numbers of a step of values whose being high or low makes its code. */
const codedFeatures = 4;

/** Further edges at which a head of its own is fitted, where there is something to locate. */
const locatedEdges = 6;

/**
 * Probe T, attention: one softmax head over past steps, for what no fixed lag tells: the value that stood behind a key, or
 * the latest mark. A head is fitted by gradient descent, so it is asked only where the cheaper probes find nothing;
 * what lags above an edge are worth is the test loss of a head that sees the lags up to it, less that of one that
 * sees all. Between the edges for which a head was fitted the smaller gain of its neighbours stands.
 * Undefined where older inputs than `short` steps back do not help on validation sequences.
 */
export function attentionGain(heldOut: HeldOut, answers: Answers, rows: ProbeRows, residual: Residual, edges: readonly number[], short: number, alive: () => void): ProbeGain | undefined {
  const reader = readerOf(heldOut, answers);
  const fit = (most: number, starts: readonly Start[]): AttentionHead => {
    const heads = starts.map((start) => AttentionHead.fit(reader, rows, residual, { start, most, edges, alive }));
    return heads.reduce((best, head) => (head.validationLoss < best.validationLoss ? head : best));
  };
  const whole = fit(heldOut.longest - 1, ['match', 'even']);
  const near = fit(short, ['match', 'even']);
  if (!(whole.validationLoss < near.validationLoss)) return undefined;
  const lossesOf = (head: AttentionHead): Map<number, number> => sequenceLosses(rows, residual, (row, answer) => head.answer(row, answer));
  const final = lossesOf(whole);
  const long = edges.filter((edge) => edge > short);
  const further = long.filter((_, place) => place % Math.ceil(long.length / locatedEdges) === 0);
  const fitted = new Map([[short, pairedGain(lossesOf(near), final, residual.chance)]]);
  for (const edge of further) fitted.set(edge, pairedGain(lossesOf(fit(edge, [whole.start])), final, residual.chance));
  const constant = sequenceLosses(rows, residual, (_, answer) => answer.fill(0));
  const nothing = { mean: 0, error: 0 };
  const attended = whole.attentionByLag(rows.test);
  return {
    gains: edges.map((edge) => fitted.get([...fitted.keys()].find((own) => own >= edge) ?? -1) ?? nothing),
    upTo: edges.map((edge) => (edge >= short ? pairedGain(constant, lossesOf(near), residual.chance) : nothing)),
    whole: pairedGain(constant, final, residual.chance),
    left: residual,
    weightByLag: edges.map(() => attended),
  };
}

/** Codes and numbers of all timesteps, and the steps that are to be answered. */
function readerOf(heldOut: HeldOut, { sequence, timestep }: Answers): Reader {
  const view = viewOf(heldOut, mostKinds);
  const { sequences, features } = heldOut;
  const tokens = sequences[0]?.inputs instanceof Int32Array;
  const means = tokens ? [] : meansOf(sequences, features);
  const codes: Int32Array[] = [];
  const entries = sequences.map((own) => {
    const [starts, columns, values] = [[0], [] as number[], [] as number[]];
    codes.push(Int32Array.from({ length: own.steps }, (_, t) => {
      let code = tokens ? view.width : means.reduce((sum, mean, j) => sum + ((own.inputs[t * features + j] ?? 0) > mean ? 2 ** j : 0), 0);
      view.see(own, t, (column, value) => {
        columns.push(column);
        values.push(value);
        if (tokens) code = column;
      });
      starts.push(columns.length);
      return code;
    }));
    return { starts: Int32Array.from(starts), columns: Int32Array.from(columns), values: Float64Array.from(values) };
  });
  return { sequence, timestep, codes, entries, kinds: tokens ? view.width + 1 : 2 ** means.length, width: view.width };
}

/** Means of the first few features. */
function meansOf(sequences: readonly HeldOutSequence[], features: number): number[] {
  return Array.from({ length: Math.min(features, codedFeatures) }, (_, j) => {
    let [sum, count] = [0, 0];
    for (const { inputs, steps } of sequences) for (let t = 0; t < steps; t++) [sum, count] = [sum + (inputs[t * features + j] ?? 0), count + 1];
    return sum / Math.max(1, count);
  });
}

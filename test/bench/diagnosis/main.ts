import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { diagnoseAtOnce } from '../../../src/diagnosis/diagnose';
import type { Diagnosis, Verdict } from '../../../src/shared/diagnosis';
import { kinds, type Kind } from './kinds';
import { makeNet } from './nets';
import { prognosis } from './prognosis';

/** What a situation was called. */
interface Outcome {
  readonly kind: string;
  readonly truth: Verdict;
  readonly lag?: number;
  readonly seed: number;
  readonly diagnosis: Diagnosis;
  /** Whether training reached what makes the label true. */
  readonly valid: boolean;
  readonly loss?: number;
  readonly seconds: number;
}

const options = {
  part: { type: 'string', default: 'tuning' },
  kinds: { type: 'string', default: '' },
  seeds: { type: 'string', default: '3' },
  /** Outcomes are appended here, and those that stand here already are not made again. */
  out: { type: 'string' },
  /** Stops before the next situation after so many minutes; `out` lets it go on later. */
  minutes: { type: 'string', default: 'Infinity' },
  /** Trains (and keeps) the nets, without a look at what the diagnosis says of them. */
  train: { type: 'boolean', default: false },
  /** Trains nets of known carry instead, and tells how many of them learn. */
  prognosis: { type: 'boolean', default: false },
  verbose: { type: 'boolean', default: false },
} as const;

/** Diagnoses situations whose cause is known and prints how often the verdict is right. `cache`: where trained nets are kept. */
export async function main(args: readonly string[], cache: string): Promise<void> {
  const { values } = parseArgs({ args: [...args], options });
  if (values.prognosis) return prognosis(cache);
  const parts = values.part.split(',');
  const chosen = kinds.filter(({ part, name }) => (values.part === 'all' || parts.includes(part)) && name.toLowerCase().includes(values.kinds.toLowerCase()));
  const outcomes = values.out !== undefined && existsSync(values.out) ? readFileSync(values.out, 'utf8').split('\n').filter(Boolean).map((one) => JSON.parse(one) as Outcome) : [];
  const until = performance.now() + 60_000 * Number(values.minutes);
  for (const kind of chosen) {
    for (let seed = 1; seed <= Number(values.seeds); seed++) {
      if (outcomes.some((outcome) => outcome.kind === kind.name && outcome.seed === seed)) continue;
      if (performance.now() > until) return console.log('Out of time: not all is done.');
      const outcome = await outcomeOf(kind, seed, cache, values.train ? 'only-trained' : 'diagnosed');
      if (!outcome) continue;
      outcomes.push(outcome);
      if (values.out !== undefined) appendFileSync(values.out, `${JSON.stringify(outcome)}\n`);
      console.log(line(outcome));
      if (values.verbose) console.log(details(outcome.diagnosis));
    }
  }
  if (!values.train) console.log(summary(outcomes.filter(({ kind }) => chosen.some(({ name }) => name === kind))));
}

async function outcomeOf(kind: Kind, seed: number, cache: string, how: 'diagnosed' | 'only-trained'): Promise<Outcome | undefined> {
  const begin = performance.now();
  const net = await makeNet(kind, seed, cache);
  try {
    const ready = performance.now();
    const valid = kind.reaches === undefined || (net.loss ?? Infinity) <= kind.reaches;
    if (how === 'only-trained') {
      if (kind.steps) console.log(`${valid ? 'as labelled' : 'LABEL VOID '}  ${kind.name}, seed ${seed}: loss ${net.loss?.toFixed(3) ?? '–'}${kind.reaches === undefined ? '' : `, wanted ${kind.reaches}`}  ${((ready - begin) / 1000).toFixed(1)} s`);
      return undefined;
    }
    const diagnosis = diagnoseAtOnce(net);
    return { kind: kind.name, truth: kind.truth, lag: kind.lag, seed, diagnosis, valid, loss: net.loss, seconds: (performance.now() - ready) / 1000 };
  } finally {
    net.engine.dispose();
  }
}

function line({ kind, truth, lag: trueLag, seed, diagnosis, valid, loss, seconds }: Outcome): string {
  const mark = !valid ? 'label void' : diagnosis.verdict === truth ? 'right' : 'WRONG';
  const lag = `lag ${diagnosis.wantedLag ?? '–'}${trueLag === undefined ? '' : ` (${trueLag})`}`;
  return [mark.padEnd(10), `${kind}, seed ${seed}`.padEnd(62), truth.padEnd(18), diagnosis.verdict.padEnd(18), diagnosis.confidence.toFixed(2), lag.padEnd(14), loss === undefined ? '' : `loss ${loss.toFixed(3)}`, `${seconds.toFixed(1)} s`].join('  ');
}

/** The curves as a table, for tuning. */
function details(diagnosis: Diagnosis): string {
  const rows = diagnosis.lags.map((lag, i) => {
    const share = (value: number | undefined): string => (100 * (value ?? 0)).toFixed(2).padStart(7);
    const z = (mean: number, low: number): string => (mean === 0 ? 0 : mean / Math.max(1e-12, (mean - low) / 1.96)).toFixed(1).padStart(7);
    return `    ${String(lag).padStart(4)}  carry ${(diagnosis.carry[i] ?? 0).toExponential(1)}  demand ${share(diagnosis.demand[i])} z ${z(diagnosis.demand[i] ?? 0, diagnosis.demandLow[i] ?? 0)}  missing ${share(diagnosis.missing[i])} z ${z(diagnosis.missing[i] ?? 0, diagnosis.missingLow[i] ?? 0)}  use ${share(diagnosis.use[i])} z ${z(diagnosis.use[i] ?? 0, diagnosis.useLow[i] ?? 0)}`;
  });
  return [`    ${diagnosis.sentence}`, `    achieved ${(100 * diagnosis.achieved).toFixed(1)} %, ${diagnosis.sequences} sequences, saturation ${diagnosis.facts.map(({ saturation }) => saturation.toFixed(2)).join(' ')}`, ...rows].join('\n');
}

function summary(outcomes: readonly Outcome[]): string {
  const valid = outcomes.filter((outcome) => outcome.valid);
  const right = valid.filter(({ truth, diagnosis }) => diagnosis.verdict === truth);
  const confusions = new Map<string, number>();
  for (const { truth, diagnosis } of valid) if (diagnosis.verdict !== truth) confusions.set(`${truth} called ${diagnosis.verdict}`, (confusions.get(`${truth} called ${diagnosis.verdict}`) ?? 0) + 1);
  const sick = (verdict: Verdict): boolean => verdict !== 'healthy' && verdict !== 'no-long-dependency';
  const missed = valid.filter(({ truth, diagnosis }) => sick(truth) && diagnosis.verdict === 'healthy').length;
  return [
    '',
    `${right.length} of ${valid.length} right (${((100 * right.length) / Math.max(1, valid.length)).toFixed(1)} %), ${new Set(valid.map(({ kind }) => kind)).size} kinds; ${missed} sick called healthy; ${outcomes.length - valid.length} nets did not reach what their label needs`,
    ...[...confusions].sort((a, b) => b[1] - a[1]).map(([confusion, count]) => `  ${count} × ${confusion}`),
    `seconds a diagnosis: ${(outcomes.reduce((sum, { seconds }) => sum + seconds, 0) / Math.max(1, outcomes.length)).toFixed(1)} mean, ${Math.max(0, ...outcomes.map(({ seconds }) => seconds)).toFixed(1)} most`,
  ].join('\n');
}

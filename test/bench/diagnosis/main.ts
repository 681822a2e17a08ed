import { parseArgs } from 'node:util';
import { diagnoseAtOnce } from '../../../src/diagnosis/diagnose';
import type { Diagnosis, Verdict } from '../../../src/shared/diagnosis';
import { kinds, type Kind } from './kinds';
import { makeNet } from './nets';

interface Outcome {
  readonly kind: Kind;
  readonly seed: number;
  readonly diagnosis: Diagnosis;
  /** Whether training reached what makes the label true. */
  readonly valid: boolean;
  readonly loss: number | undefined;
  readonly seconds: number;
}

/** Diagnoses situations whose cause is known and prints how often the verdict is right. `cache`: where trained nets are kept. */
export async function main(args: readonly string[], cache: string): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { part: { type: 'string', default: 'tuning' }, kinds: { type: 'string', default: '' }, seeds: { type: 'string', default: '3' }, verbose: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } } });
  const chosen = kinds.filter(({ part, name }) => (values.part === 'all' || part === values.part) && name.toLowerCase().includes(values.kinds.toLowerCase()));
  const outcomes: Outcome[] = [];
  for (const kind of chosen) {
    for (let seed = 1; seed <= Number(values.seeds); seed++) {
      const net = await makeNet(kind, seed, cache);
      const begin = performance.now();
      const diagnosis = diagnoseAtOnce(net);
      net.engine.dispose();
      const outcome = { kind, seed, diagnosis, valid: kind.reaches === undefined || (net.loss ?? Infinity) <= kind.reaches, loss: net.loss, seconds: (performance.now() - begin) / 1000 };
      outcomes.push(outcome);
      if (values.json) console.log(JSON.stringify({ ...outcome, kind: kind.name, truth: kind.truth }));
      else console.log(line(outcome));
      if (values.verbose) console.log(details(diagnosis));
    }
  }
  console.log(summary(outcomes));
}

function line({ kind, seed, diagnosis, valid, loss, seconds }: Outcome): string {
  const mark = !valid ? 'label void' : diagnosis.verdict === kind.truth ? 'right' : 'WRONG';
  const lag = `lag ${diagnosis.wantedLag ?? '–'}${kind.lag === undefined ? '' : ` (${kind.lag})`}`;
  return [mark.padEnd(10), `${kind.name}, seed ${seed}`.padEnd(62), kind.truth.padEnd(18), diagnosis.verdict.padEnd(18), diagnosis.confidence.toFixed(2), lag.padEnd(14), loss === undefined ? '' : `loss ${loss.toFixed(3)}`, `${seconds.toFixed(1)} s`].join('  ');
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
  const right = valid.filter(({ kind, diagnosis }) => diagnosis.verdict === kind.truth);
  const confusions = new Map<string, number>();
  for (const { kind, diagnosis } of valid) if (diagnosis.verdict !== kind.truth) confusions.set(`${kind.truth} called ${diagnosis.verdict}`, (confusions.get(`${kind.truth} called ${diagnosis.verdict}`) ?? 0) + 1);
  const sick = (verdict: Verdict): boolean => verdict !== 'healthy' && verdict !== 'no-long-dependency';
  const missed = valid.filter(({ kind, diagnosis }) => sick(kind.truth) && diagnosis.verdict === 'healthy').length;
  return [
    '',
    `${right.length} of ${valid.length} right (${((100 * right.length) / Math.max(1, valid.length)).toFixed(1)} %), ${new Set(valid.map(({ kind }) => kind.name)).size} kinds; ${missed} sick called healthy; ${outcomes.length - valid.length} nets did not reach what their label needs`,
    ...[...confusions].sort((a, b) => b[1] - a[1]).map(([confusion, count]) => `  ${count} × ${confusion}`),
    `seconds a diagnosis: ${(outcomes.reduce((sum, { seconds }) => sum + seconds, 0) / Math.max(1, outcomes.length)).toFixed(1)} mean, ${Math.max(0, ...outcomes.map(({ seconds }) => seconds)).toFixed(1)} most`,
  ].join('\n');
}

import type { Command } from 'commander';
import { Runs } from '../runs/runs';
import type { Diagnosis, DiagnosisProgress } from '../shared/diagnosis';
import { exitStatus, printJson, report, warn } from './output';
import { shareBar } from './progressBar';
import { stopOnSignals } from './signals';
import { textTable } from './textTable';

interface DiagnoseFlags {
  readonly run?: string;
  readonly json?: true;
}

/** Adds `unroll diagnose SPEC [--run DIR] [--json]`: why a network does, or does not, use the past. */
export function registerDiagnose(program: Command): void {
  program
    .command('diagnose')
    .description('tell why a network does or does not use the past, with the evidence and what may help')
    .argument('<spec>', 'a .rnn.json file')
    .option('--run <folder>', 'take the newest checkpoint of this run (default: of the newest run of the spec; without one, the weights that it begins with)')
    .option('--json', 'one JSON object: {"verdict","confidence","sentence","decides","wantedLag","lags","carry","demand","demandLow","demandHigh","use","flow","fixes",…}')
    .action(async (spec: string, flags: DiagnoseFlags) => diagnose(spec, flags));
}

async function diagnose(specPath: string, { run, json }: DiagnoseFlags): Promise<void> {
  const runs = new Runs();
  const interrupt = new AbortController();
  const stop = stopOnSignals(interrupt);
  const bar = shareBar(json ? 'hidden' : 'shown');
  try {
    const diagnosis = await runs.diagnose({ specPath, run, signal: interrupt.signal, onProgress: ({ stage, done }: DiagnosisProgress) => bar.show(done, stages[stage]) });
    bar.end();
    if (json) printJson(diagnosis);
    else process.stdout.write(textOf(diagnosis));
  } catch (error) {
    bar.end();
    if (interrupt.signal.aborted) {
      warn('Interrupted.');
      process.exitCode = exitStatus.interrupted;
    } else report(error, specPath);
  } finally {
    stop();
    await runs.dispose();
  }
}

const stages: Readonly<Record<DiagnosisProgress['stage'], string>> = {
  data: 'reads held-out sequences',
  carry: 'measures what the weights can carry',
  answers: 'reads the model’s answers',
  use: 'replaces old inputs',
  demand: 'probes what the data hold',
  verdict: 'judges',
};

/** A diagnosis for a person: the verdict, the curves, and what may help. */
function textOf({ verdict, confidence, sentence, decides, trueLag, lags, carry, carryLow, carryHigh, demand, demandLow, demandHigh, missing, use, useLow, useHigh, flow, fixes, notes }: Diagnosis): string {
  const percent = (share: number | undefined): string => `${(100 * (share ?? 0)).toFixed(1)} %`;
  // An interval as wide as from −100 to 100 % stands for no knowledge at all.
  const range = (low = 0, high = 0): string => (high - low >= 2 ? 'unknown' : `${(100 * low).toFixed(1)} … ${(100 * high).toFixed(1)}`);
  const table = textTable(
    ['lag', 'carry', '95 %', 'demand', '95 %', 'missing', 'use', '95 %', 'gradient'],
    lags.map((lag, i) => [String(lag), (carry[i] ?? 0).toExponential(1), `${(carryLow[i] ?? 0).toExponential(1)} … ${(carryHigh[i] ?? 0).toExponential(1)}`, percent(demand[i]), range(demandLow[i], demandHigh[i]), percent(missing[i]), percent(use[i]), range(useLow[i], useHigh[i]), (flow[i] ?? 0).toExponential(1)]),
  );
  return [
    `${verdict} (confidence ${confidence.toFixed(2)})`,
    sentence,
    ...(decides === null ? [] : [`What would decide it: ${decides}`]),
    ...(trueLag === null ? [] : [`The problem was made with a dependency over ${trueLag} ${trueLag === 1 ? 'step' : 'steps'}.`]),
    '',
    table,
    'carry: what is left of a change of the state after so many steps. Demand: what all older inputs are worth in the',
    'data, missing: what of it the model leaves, use: how much the loss rises without them; shares of the loss of a',
    'constant answer. Gradient: of a loss by the state so many steps before.',
    ...(fixes.length > 0 ? ['', 'What may help:', ...fixes.map(({ title, reason }) => `- ${title}: ${reason}`)] : []),
    ...notes.map((note) => `\nNote: ${note}`),
    '',
  ].join('\n');
}

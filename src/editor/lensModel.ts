import type { DataFacts } from '../data/facts';
import type { TextRange } from '../shared/position';
import type { RunInfo } from '../shared/run';
import { architectureOf, parameterShapes } from '../spec/architecture';
import { isUsable, type ParsedSpec } from '../spec/parse';
import type { Spec } from '../spec/schema';
import { sizeOf } from '../shared/tensor';
import type { CheckBadge } from '../views/gradientChecks';
import { countText, headlineLoss, isUnderWay, lossText, progressText } from '../views/runText';
import { sizedLayers, sizesOf, type SizedLayer } from './layerSizes';

/** A line above a piece of the spec. */
export interface Lens {
  readonly range: TextRange;
  readonly title: string;
  readonly tooltip?: string;
  /** What a click does; absent for lines that only tell. */
  readonly action?: 'train' | 'inspect' | 'stop' | 'problems' | 'check';
}

/** What the lenses of a spec are made from. */
export interface LensSource {
  readonly parsed: ParsedSpec;
  /** Once the data have been read. */
  readonly facts?: DataFacts;
  /** Problems of spec and data together. */
  readonly errors: number;
  /** Newest first. */
  readonly runs: readonly RunInfo[];
  /** Of the gradient check, when there was one. */
  readonly check?: CheckBadge;
}

/** All lenses of a spec: above the model, its data and each layer. */
export function specLenses(source: LensSource): Lens[] {
  const root = source.parsed.rangeOf([]);
  if (!root) return [];
  return [...modelLenses(source, { start: root.start, end: root.start + 1 }), ...dataLenses(source), ...layerLenses(source)];
}

function modelLenses({ parsed, facts, errors, runs, check }: LensSource, range: TextRange): Lens[] {
  const training = runs.find(({ state }) => isUnderWay(state));
  const lenses: Lens[] = [];
  if (training) {
    lenses.push({ range, title: liveText(training), tooltip: 'Watch it in the Inspector', action: 'inspect' });
    if (training.state !== 'stopping') lenses.push({ range, title: '□ Stop', tooltip: 'Stop after the current step and keep a checkpoint', action: 'stop' });
  } else if (errors > 0) {
    lenses.push({ range, title: `✕ ${errors} ${errors === 1 ? 'problem' : 'problems'}`, tooltip: 'Show what is wrong with this spec', action: 'problems' });
  } else {
    lenses.push({ range, title: '▷ Train', tooltip: 'Train this model', action: 'train' });
  }
  lenses.push({ range, title: '◫ Inspect', tooltip: 'Show gates, states and gradients of the newest run', action: 'inspect' });
  const own = runs.filter(({ name }) => name === parsed.spec?.name);
  if (!training && own.length > 0) lenses.push({ range, title: runsText(own), tooltip: runsTooltip(runs.length - own.length), action: 'inspect' });
  const parameters = isUsable(parsed) && facts ? totalParameters(parsed.spec, facts) : undefined;
  if (parameters !== undefined) lenses.push({ range, title: `${countText(parameters)} parameters` });
  if (check) lenses.push({ range, title: `${{ right: '✓', wrong: '✕', stale: '○' }[check.kind]} ${check.text}`, tooltip: `${check.tooltip} Click to check again.`, action: 'check' });
  return lenses;
}

/** `step 420 of 2,000 · loss 1.913`. */
function liveText(run: RunInfo): string {
  return [progressText(run), headlineLoss(run)].filter((part) => part !== undefined).join(' · ');
}

function runsText(runs: readonly RunInfo[]): string {
  const losses = runs.flatMap(({ validationLoss }) => (validationLoss !== undefined && Number.isFinite(validationLoss) ? [validationLoss] : []));
  const best = losses.length > 0 ? `, best validation ${lossText(Math.min(...losses))}` : '';
  return `${runs.length} ${runs.length === 1 ? 'run' : 'runs'}${best}`;
}

/** Runs of edits that were tried and of cells that were compared have names of their own, and are no runs of this model. */
function runsTooltip(others: number): string {
  return others === 0 ? 'Open the Inspector' : `Open the Inspector, which also has ${others} ${others === 1 ? 'run' : 'runs'} of edits and cells that were tried`;
}

function totalParameters(spec: Spec, facts: DataFacts): number | undefined {
  const sizes = sizesOf(facts);
  if (!sizes || sizedLayers(spec, sizes).some(({ shapes }) => shapes.length === 0)) return undefined;
  return parameterShapes(architectureOf(spec, sizes)).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

const tokenWords = { char: 'characters', word: 'words and marks', byte: 'bytes' } as const;

/** What tokens of this kind are called: `characters`. */
export function tokenWord(kind: string): string {
  return kind in tokenWords ? tokenWords[kind as keyof typeof tokenWords] : 'tokens';
}

function dataLenses({ parsed, facts }: LensSource): Lens[] {
  const range = parsed.keyRangeOf(['task']);
  if (!range || !facts?.text) return [];
  const { vocabulary, length } = facts.text;
  const kinds = vocabulary.tokens.length;
  return [{ range, title: `${countText(length)} ${tokenWord(vocabulary.kind)} · ${countText(kinds)} kinds · knowing nothing costs ln ${countText(kinds)} = ${lossText(Math.log(kinds))} nats` }];
}

function layerLenses({ parsed, facts }: LensSource): Lens[] {
  if (!parsed.spec) return [];
  return sizedLayers(parsed.spec, sizesOf(facts)).flatMap((layer) => {
    const range = parsed.rangeOf(layer.path);
    return range ? [{ range: { start: range.start, end: range.start + 1 }, title: layerText(layer) }] : [];
  });
}

/** `LSTM 64 → 128 · 99,328 parameters`; sizes that only the data know are left out until they are read. */
export function layerText({ layer, shapes, parameters }: SizedLayer): string {
  const [first] = shapes;
  const times = layer.repeat > 1 ? `${layer.repeat} × ` : '';
  const cell = layer.cell === 'rnn' ? `RNN (${layer.activation})` : layer.cell.toUpperCase();
  const from = first ? `${first.inputSize} → ` : '→ ';
  const units = layer.bidirectional ? `2 × ${layer.units}` : String(layer.units);
  const parts = [`${times}${cell} ${from}${units}`];
  if (layer.connection !== 'none') parts.push(layer.connection === 'dense' && first ? `dense, ${first.outputSize} out` : layer.connection);
  if (parameters !== undefined) parts.push(`${countText(parameters)} parameters`);
  return parts.join(' · ');
}

import type { DataFacts } from '../data/facts';
import type { TextRange } from '../shared/position';
import type { ParsedSpec } from '../spec/parse';
import type { Spec } from '../spec/schema';
import type { SpecPath } from '../spec/schemaAt';
import { countText, lossText } from '../views/runText';
import { layerHover } from './layerHover';
import { sizesOf } from './layerSizes';
import { tokenWord } from './lensModel';

/** What a hover says, in Markdown, and about which piece of the text. */
export interface Hover {
  readonly range: TextRange;
  readonly markdown: string;
}

/**
 * What follows from the field at `path` with these data: counts, sizes and times. What the field
 * means at all is said by VS Code's own JSON hover, from the schema, so it is not repeated here.
 */
export function hoverAt(parsed: ParsedSpec, path: SpecPath, facts?: DataFacts): Hover | undefined {
  const range = parsed.keyRangeOf(path) ?? parsed.rangeOf(path);
  if (!parsed.spec || !range) return undefined;
  const markdown = modelHover(parsed.spec, path, facts) ?? taskHover(parsed.spec, path, facts) ?? trainingHover(parsed.spec, path, facts) ?? layerHover(parsed.spec, path, sizesOf(facts));
  return markdown === undefined ? undefined : { range, markdown };
}

function modelHover({ model }: Spec, path: SpecPath, facts?: DataFacts): string | undefined {
  if (path.join('.') !== 'model.embedding' || facts?.sizes?.input.kind !== 'tokens') return undefined;
  const { vocabulary } = facts.sizes.input;
  if (model.embedding === 0) return `One-hot: xₜ has ${countText(vocabulary)} entries, a single one of them 1.`;
  return `${countText(vocabulary)} tokens × ${model.embedding} = **${countText(vocabulary * model.embedding)} parameters**`;
}

function taskHover({ task }: Spec, path: SpecPath, facts?: DataFacts): string | undefined {
  if (path[0] !== 'task' || !facts?.text) return undefined;
  const { vocabulary, length, training } = facts.text;
  const word = tokenWord(vocabulary.kind);
  const kinds = vocabulary.tokens.length;
  switch (path[1]) {
    case 'data':
      return [
        `**${countText(length)} ${word}** of ${countText(kinds)} kinds: ${countText(training)} to learn from, ${countText(length - training)} held out.`,
        `A model that knows nothing has the loss ln ${countText(kinds)} = ${lossText(Math.log(kinds))} nats (${lossText(Math.log2(kinds))} bits).`,
      ].join('\n\n');
    case 'validation':
      return 'validation' in task ? `${countText(length - training)} of ${countText(length)} ${word}, the end of the text.` : undefined;
    case 'vocabulary':
      return vocabulary.unknown === undefined ? `All ${countText(kinds)} kinds are kept.` : `${countText(kinds - 1)} kinds are kept; every other is one unknown token.`;
    default:
      return undefined;
  }
}

function trainingHover({ training }: Spec, path: SpecPath, facts?: DataFacts): string | undefined {
  if (path[0] !== 'training') return undefined;
  const { batch, window } = training;
  const perEpoch = facts?.text ? Math.floor(Math.floor((facts.text.training - 1) / batch) / window) : 0;
  const pass = perEpoch > 0 ? `\n\nOne pass over the training part takes ${countText(perEpoch)} steps.` : '';
  switch (path[1]) {
    case 'batch':
    case 'window':
      return `${countText(batch)} sequences × ${countText(window)} timesteps = **${countText(batch * window)} predictions a step**${pass}`;
    case 'steps':
      return training.steps !== undefined && perEpoch > 0 ? `${countText(training.steps)} steps of ${countText(perEpoch)} a pass: **${passes(training.steps / perEpoch)} passes** over the training part.` : undefined;
    case 'epochs':
      return training.epochs !== undefined && perEpoch > 0 ? `${training.epochs} × ${countText(perEpoch)} steps = **${countText(training.epochs * perEpoch)} steps**` : undefined;
    default:
      return undefined;
  }
}

function passes(count: number): string {
  return count >= 10 ? countText(count) : count.toPrecision(2);
}

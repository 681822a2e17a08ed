import type { TaskSpec } from '../spec/schema';

/** What models do that write no text. */
const otherwise: Readonly<Partial<Record<TaskSpec['kind'], string>>> = {
  classification: 'gives a whole sequence one label',
  tagging: 'gives each token a tag',
  forecast: 'answers each row with values',
  synthetic: 'solves sequences that are made up',
  batch: 'has no words',
};

/** Why a model of this task cannot write, for a person; undefined for those that can: language models and translations. */
export function whyNoText({ kind }: TaskSpec): string | undefined {
  const does = otherwise[kind];
  return does && `Text is written by models of the tasks "language-model" and "translation"; this one ("${kind}") ${does}. The Inspector and \`unroll trace\` show its answers to a sample.`;
}

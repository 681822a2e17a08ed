import type { GenerateRequest } from '../runs/api';

/** A manner of writing that a person can pick. */
export interface GenerationPreset {
  readonly label: string;
  readonly detail: string;
  readonly settings: Pick<GenerateRequest, 'temperature' | 'topK' | 'topP' | 'beam'>;
}

/** The usual choice first. */
export const generationPresets: readonly GenerationPreset[] = [
  { label: 'Temperature 0.8', detail: 'Likelier tokens a little more often than the model says: lively and mostly sound.', settings: { temperature: 0.8 } },
  { label: 'Temperature 0.6', detail: 'Careful: the likely tokens prevail.', settings: { temperature: 0.6 } },
  { label: 'Temperature 1.0', detail: 'Just as the model predicts.', settings: { temperature: 1 } },
  { label: 'Top-k 40', detail: 'As the model predicts, among the 40 most likely tokens (Fan et al. 2018).', settings: { temperature: 1, topK: 40 } },
  { label: 'Top-p 0.9', detail: 'As the model predicts, among the most likely tokens that make up 90 % (nucleus, Holtzman et al. 2020).', settings: { temperature: 1, topP: 0.9 } },
  { label: 'Greedy', detail: 'Always the most likely token: the same text each time, and often a loop.', settings: { temperature: 0 } },
  { label: 'Beam 4', detail: 'The most probable text that four hypotheses side by side find; it comes in bursts.', settings: { beam: 4 } },
];

/** The same for translations, which are looked for rather than drawn. */
export const translationPresets: readonly GenerationPreset[] = [
  { label: 'Beam 4', detail: 'The best translation that four hypotheses side by side find (length-normalised, Wu et al. 2016).', settings: { beam: 4 } },
  { label: 'Greedy', detail: 'Always the most likely token.', settings: { temperature: 0 } },
  { label: 'Beam 16', detail: 'A wider search; seldom another result.', settings: { beam: 16 } },
  { label: 'Temperature 0.8', detail: 'Drawn: what else the model holds possible.', settings: { temperature: 0.8 } },
];

/** How long a suggested beginning may be. */
const promptLength = 40;

/** The beginning of a sample, cut between two words where it has some. */
export function promptFrom(sample: string): string {
  const characters = [...sample];
  if (characters.length <= promptLength) return sample;
  const beginning = characters.slice(0, promptLength + 1).join('');
  const space = beginning.search(/\s\S*$/);
  return space > 0 ? beginning.slice(0, space) : characters.slice(0, promptLength).join('');
}

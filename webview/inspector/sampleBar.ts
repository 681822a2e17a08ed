import type { SampleChoice, TracedSample } from '../../src/shared/run';
import { formatCount } from '../format';
import { element, iconButton } from '../ui/dom';
import { setValue, textField } from '../ui/toolkit';

/** What the bar shows. */
export interface SampleBarScene {
  readonly sample: TracedSample;
  readonly steps: number;
  readonly milliseconds: number;
  /** What the person chose; absent: the spec's sample. */
  readonly chosen?: SampleChoice;
}

const lineBreak = '↵';
/** What the trace says of a typed text of which nothing else is known. */
const typedSentence = 'A typed text.';

/** The sample: typed where the task reads what a person can type, picked among held-out ones otherwise. */
export class SampleBar {
  readonly element: HTMLElement;
  private readonly field: HTMLElement;
  private readonly sentence = element('span', { class: 'sample-sentence' });
  private readonly position = element('span', { class: 'note' });
  private readonly picker: HTMLElement;
  private readonly note = element('span', { class: 'note traced' });
  private at = 0;
  private heldOut = 0;

  constructor(choose: (sample: SampleChoice) => void) {
    this.field = textField({ class: 'sample-field', attributes: { spellcheck: 'false' } }, (shown) => choose({ kind: 'text', text: shown.replaceAll(lineBreak, '\n') }));
    const step = (by: number): void => choose({ kind: 'held-out', index: (this.at + by + this.heldOut) % Math.max(1, this.heldOut) });
    this.picker = element('span', { class: 'held-out', children: [iconButton('previous', 'Previous held-out sample', () => step(-1)), this.position, iconButton('next', 'Next held-out sample', () => step(1))] });
    this.element = element('div', { class: 'sample', children: [element('span', { class: 'label', text: 'Sample' }), this.field, this.sentence, this.picker, this.note] });
  }

  /** The toolkit names its field "Text field" when it is connected; this names it for what it is. */
  connected(): void {
    this.field.setAttribute('aria-label', 'Sample text');
  }

  update({ sample, steps, milliseconds, chosen }: SampleBarScene): void {
    this.field.hidden = sample.text === undefined;
    this.sentence.textContent = sample.sentence;
    this.sentence.title = sample.sentence;
    // The field says already that a text was typed, unless there is more to tell.
    this.sentence.hidden = sample.text !== undefined && sample.sentence === typedSentence;
    this.heldOut = sample.heldOut ?? 0;
    this.picker.hidden = this.heldOut === 0;
    this.at = sample.choice.kind === 'held-out' ? sample.choice.index : -1;
    this.position.textContent = sample.choice.kind === 'held-out' ? `held-out ${formatCount(this.at + 1)} of ${formatCount(this.heldOut)}` : `${formatCount(this.heldOut)} held out`;
    this.note.textContent = `${steps} steps · traced in ${Math.max(1, Math.round(milliseconds))} ms`;
    if (sample.text === undefined || this.field.contains(document.activeElement) || document.activeElement === this.field) return;
    // What was typed stays as it was typed, even while it cannot be traced.
    const typed = chosen?.kind === 'text' ? chosen.text : sample.text;
    setValue(this.field, typed.replaceAll('\n', lineBreak));
  }
}

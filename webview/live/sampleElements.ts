import type { LiveAnswer, LiveSample } from '../../src/shared/liveProtocol';
import { element, icon } from '../ui/dom';

/** What a model was given and made of it, each answer marked as right or wrong where there is such a thing. */
export function sampleElements({ prompt, text, right, answers }: LiveSample): readonly (Node | string)[] {
  const given = element('span', { class: 'prompt', text: prompt });
  if (right === undefined) return [given, text];
  if (!answers) return [given, ` → ${text}`, element('span', { class: 'unit right-answer', text: ` right: ${right}` })];
  const hits = answers.filter((answer) => answer.given === answer.right).length;
  const all = hits === answers.length;
  const between = answers.map((answer) => answer.right).join('') === right ? '' : ' ';
  return [
    given,
    ' → ',
    ...answers.flatMap((answer, index) => [...(index > 0 ? [between] : []), answerElement(answer)]),
    element('span', { class: 'unit right-answer', children: [icon(all ? 'good' : 'warning'), answers.length === 1 ? (all ? 'right' : `wrong: ${right} is right`) : `${hits} of ${answers.length} right${all ? '' : `: ${right}`}`] }),
  ];
}

/** Right and wrong are told apart by a line, a colour and words. */
function answerElement({ given, right }: LiveAnswer): HTMLElement {
  const correct = given === right;
  const title = correct ? 'right' : right === '' ? 'wrong: nothing more belongs here' : `wrong: ${right} is right`;
  return element('span', { class: correct ? 'answer right' : 'answer wrong', text: given === '' ? '␣' : given, attributes: { title } });
}

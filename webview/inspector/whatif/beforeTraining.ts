import type { InitialStack } from '../../../src/shared/initialNetwork';
import { element } from '../../ui/dom';
import { Board } from '../board';
import { listenToFigures } from '../figureKeys';
import type { FigureHooks, Look } from '../scene';
import type { ViewStore } from '../viewStore';
import { WhatIfFigure } from './whatIfFigure';

/** What can be looked at before there is any run: what the weights would carry that a training begins with. */
export class BeforeTraining {
  readonly element = element('div', { class: 'before-training', attributes: { hidden: '' } });
  private readonly figure: WhatIfFigure;
  private readonly board: Board;
  private scene?: { readonly look: Look; readonly stacks: readonly InitialStack[] };

  constructor(store: ViewStore, hooks: FigureHooks, keys: Parameters<typeof listenToFigures>[1]) {
    this.board = new Board(store);
    this.figure = new WhatIfFigure({ ...hooks, changed: () => this.board.figureChanged() });
    this.element.append(this.figure.frame.element);
    this.board.add(this.figure, () => {
      const { scene } = this;
      const width = this.figure.frame.element.clientWidth;
      if (scene && width > 0) this.figure.show({ theme: scene.look.theme, width, stacks: scene.stacks });
    });
    listenToFigures(this.figure, keys, { move: (by) => this.figure.moveColumn(by), clear: () => this.figure.clear() });
  }

  /** Shows a spec that has no run; undefined: there is one, or no spec. */
  draw(look: Look, stacks: readonly InitialStack[] | undefined): void {
    this.element.hidden = stacks === undefined;
    if (!stacks) return;
    this.scene = { look, stacks };
    this.board.draw();
  }
}

import { basename } from 'node:path';
import * as vscode from 'vscode';
import { SpecProblemsError } from '../runs/api';
import { cellKinds, cellNames, cellVariants } from '../spec/cellVariants';
import { isUsable, parseSpec } from '../spec/parse';
import type { Command } from './context';
import { showFailure } from './failure';
import { trainSideBySide } from './sideBySide';
import { chooseTarget } from './target';

/**
 * Trains the spec with LSTM, GRU and vanilla RNN cells, one after the other on the same seed and steps, and
 * shows them side by side while they learn. A finished run of the same training is taken as it is.
 */
export const compareCells: Command = (context) => async (target) => {
  const chosen = await chooseTarget(context, target, 'Compare Cells');
  if (!chosen) return;
  const { specPath } = chosen;
  try {
    const text = (await vscode.workspace.openTextDocument(specPath)).getText();
    const parsed = parseSpec(text);
    if (!isUsable(parsed)) throw new SpecProblemsError(specPath, text, parsed.problems);
    const { name } = parsed.spec;
    const variants = cellVariants(parsed).map(({ cell, text: changed }) => ({ label: cellNames[cell], text: changed }));
    await trainSideBySide(context, { specPath, doing: `Comparing the cells of ${name}`, variants, shown: cellKinds.map((cell) => cellNames[cell]), target: { title: `Cells · ${name}`, kind: { cells: variants.length } } });
  } catch (error) {
    await showFailure(context, error, `The cells of ${basename(specPath)} were not compared`);
  }
};

import { describe, expect, it } from 'vitest';
import { formatCount, formatExact, formatPercent } from '../../webview/format';
import { figureOf, inspecting, lensOf, middleOf } from './inspecting';
import { ModelRuns, numberAt, sample } from './modelRuns';
import { untilAllHold } from './untilAllHold';

const units = 12;
const layers = [
  { cell: 'lstm', units },
  { cell: 'gru', units, connection: 'highway' },
];
const runs = new ModelRuns(layers).train(48, [48]);
const trace = runs.traceNow({ checkpoint: 'latest' });
const traced = inspecting(runs, layers);
const steps = sample.length;
const of = (name: string, t: number): number => numberAt(trace, name, t, 0);

/** The middle of a column of the time axis. */
const columnAt = (column: number): ((width: number) => number) => middleOf(column, steps);

/** Where a training step stands on a curve. */
const stepAt = (step: number) => (width: number): number => 40 + (step / 48) * (width - 50);

describe('the glass tells what the trace holds', () => {
  it('of a token: its loss, and what of it flows to the pinned one', () =>
    traced(async (inspector) => {
      const plot = figureOf(inspector, 'Tokens').locator('.plot').first();
      const read = lensOf(plot, columnAt(20), 30);
      await expect.poll(read).toEqual([`‘${sample[20] === ' ' ? '·' : sample[20]}’ at 20`, `surprisal in nats ${formatExact(trace.losses[19])}`, `influence on the pinned loss ${formatExact(numberAt(trace, 'layer0.forward.flow', steps - 2, 20))}`]);
    }));

  it('of a layer with a highway: which way its gradient goes, and how far its gate is open', () =>
    traced(async (inspector) => {
      const plot = figureOf(inspector, 'Connections').locator('.plot').first();
      const norms = ['identity', 'transform'].map((way) => of(`layer1.connection.grad.${way}`, 9)) as [number, number];
      const gate = Array.from({ length: units }, (_, unit) => numberAt(trace, 'layer1.connection.gate', 9, unit)).sort((a, b) => a - b);
      const read = lensOf(plot, columnAt(9), 20);
      await expect.poll(read).toEqual([
        'layer 1, highway, step 9',
        `share around the layer ${formatExact(norms[0] / (norms[0] + norms[1]))}`,
        `‖∂L/∂x‖ around ${formatExact(norms[0])}, through ${formatExact(norms[1])}`,
        expect.stringContaining(`gate: median ${formatExact((gate[5]! + gate[6]!) / 2)}, `),
        `all units ${formatExact(gate[0])} to ${formatExact(gate.at(-1))}`,
      ]);
    }));

  it('of a dot among the time constants: whose it is', () =>
    traced(async (inspector) => {
      const plot = figureOf(inspector, 'Time constants').locator('.plot').first();
      // A walk over the whole plot meets every dot.
      const walk = (): Promise<string[]> =>
        plot.evaluate((room) => {
          const [{ left, top, width, height }, lens] = [room.getBoundingClientRect(), room.querySelector<HTMLElement>('.lens')!];
          const said = new Set<string>();
          for (let y = 0; y < height; y += 2) {
            for (let x = 0; x < width; x += 2) {
              room.dispatchEvent(new PointerEvent('pointermove', { clientX: left + x, clientY: top + y }));
              if (!lens.hidden) said.add([...lens.querySelectorAll('p')].map((line) => line.textContent).join('|'));
            }
          }
          return [...said];
        });
      const mean = (name: string, unit: number): number => Array.from({ length: steps }, (_, t) => numberAt(trace, name, t, unit)).reduce((sum, value) => sum + value, 0) / steps;
      await untilAllHold(async () => {
        await plot.scrollIntoViewIfNeeded();
        const said = await walk();
        for (const [label, name] of [['layer 0', 'layer0.forward.gate.forget'], ['layer 1', 'layer1.forward.gate.update']] as const) {
          const own = said.filter((line) => line.startsWith(label));
          expect(own.length, label).toBe(units);
          for (const line of own) {
            const [head, tau] = line.split('|');
            const unit = Number(/unit (\d+)$/.exec(head!)![1]);
            expect(tau).toBe(`τ ${formatExact(-1 / Math.log(mean(name, unit)))} steps`);
          }
        }
      });
    }));

  it('of a dot of the saturation: its unit, and in how many steps its gate is shut and open', () =>
    traced(async (inspector) => {
      const plot = figureOf(inspector, 'Gate saturation').locator('.plot').first();
      const values = (unit: number): number[] => Array.from({ length: steps }, (_, t) => numberAt(trace, 'layer0.forward.gate.input', t, unit));
      const share = (unit: number, test: (value: number) => boolean): number => values(unit).filter(test).length / steps;
      const [below, above] = [(unit: number) => share(unit, (value) => value < 0.1), (unit: number) => share(unit, (value) => value > 0.9)];
      // Gates of a model that learnt for a moment are nearly never shut or open: all of them at the lower left.
      const read = lensOf(plot, () => 34 + 3, 16 + Math.min(110, (272 - 42) / 3 - 10) - 3);
      await untilAllHold(async () => {
        const [head, shut, open, mean] = await read();
        const unit = Number(/^input of unit (\d+)$/.exec(head ?? '')?.[1]);
        expect([shut, open, mean]).toEqual([`below 0.1 in ${formatPercent(below(unit))} of steps`, `above 0.9 in ${formatPercent(above(unit))}`, `mean ${formatExact(values(unit).reduce((sum, value) => sum + value, 0) / steps)}`]);
      });
    }));

  it('of a unit’s gradient: its sign and its size', () =>
    traced(async (inspector) => {
      const plot = figureOf(inspector, 'Gradient by unit').locator('.plot').first();
      const read = lensOf(plot, columnAt(11), 3);
      await untilAllHold(async () => {
        const [head, value] = await read();
        const unit = Number(/of unit (\d+), step 11$/.exec(head ?? '')?.[1]);
        expect(value).toBe(formatExact(numberAt(trace, 'layer0.forward.grad.h', 11, unit)));
      });
    }));

  it('of a cell of the unrolled network: what it has seen, and when it runs', () =>
    traced(async (inspector) => {
      const plot = figureOf(inspector, 'Unrolled network').locator('.plot').first();
      const read = lensOf(plot, columnAt(7), 10);
      await expect.poll(read).toEqual(['Layer 1, step 7', expect.stringMatching(/^has seen tokens 0 … 7 \(‘.’ … ‘.’\)$/), `turn ${steps + 8} of ${2 * steps}, wavefront 8 of ${steps}`]);
    }));

  it('of the flow: the mean at a lag, and both sums of a step', () =>
    traced(async (inspector) => {
      const figure = figureOf(inspector, 'Flow matrix');
      const lag = lensOf(figure.locator('.plot').first(), () => 1000, 60);
      await untilAllHold(async () => {
        const [head, mean] = await lag();
        const own = Number(/^lag (\d+)/.exec(head ?? '')?.[1]);
        const diagonal = Array.from({ length: steps - 1 }, (_, t) => t).filter((t) => t >= own).map((t) => numberAt(trace, 'layer0.forward.flow', t, t - own));
        expect(mean).toBe(`mean ‖∂ℓₜ/∂hₖ‖ ${formatExact(diagonal.reduce((sum, value) => sum + value, 0) / diagonal.length)}`);
      });
      const sums = figure.locator('.plot').last();
      const read = lensOf(sums, columnAt(12), 30);
      const norms = Array.from({ length: steps - 1 }, (_, t) => numberAt(trace, 'layer0.forward.flow', t, 12)).filter((value) => value > 0);
      const total = Math.hypot(...Array.from({ length: units }, (_, unit) => numberAt(trace, 'layer0.forward.grad.h', 12, unit)));
      await expect.poll(read).toEqual([`step 12, over ${steps - 1} losses`, `sum of the norms ${formatExact(norms.reduce((sum, value) => sum + value, 0) / (steps - 1))}`, `norm of the sum ‖∂L/∂hₖ‖ ${formatExact(total)}`]);
    }));

  it('of the singular values: those of every gate at a rank', () =>
    traced(async (inspector) => {
      const figure = figureOf(inspector, 'Weights');
      await figure.scrollIntoViewIfNeeded();
      const plot = figure.locator('.plot').last();
      await expect.poll(() => plot.locator('canvas').isVisible()).toBe(true);
      const { spectra } = await runs.weights({ checkpoint: 'latest' });
      const read = lensOf(plot, () => 36, 50);
      await expect.poll(read).toEqual([`rank 1 of ${units}`, ...spectra[0]!.gates.map(({ gate, singularValues }) => `σ of ${gate} ${formatExact(singularValues[0])}`)]);
    }));

  it('of a training step: its loss, its norm, and the clipped share of its bar', () =>
    traced(async (inspector) => {
      const { columns, evaluations } = await runs.metrics();
      const index = 32;
      const loss = figureOf(inspector, 'Loss').locator('.curve').first();
      const read = lensOf(loss, stepAt(columns.step[index]!), 60);
      await expect.poll(read).toEqual([`step ${index + 1}`, `loss ${formatExact(columns.loss[index])}`, `held-out ${formatExact(evaluations[1]!.validationLoss)} at step 40`, 'rate 0.01']);
      await expect.poll(() => inspector.page.locator('[data-figure="Loss"] .step-readout').textContent()).toContain(`step ${index + 1}: loss ${formatExact(columns.loss[index])}`);
      const bars = figureOf(inspector, 'Clipping').locator('.curve').nth(1);
      const clipped = lensOf(bars, stepAt(columns.step[index]!), 30);
      const pair = [...columns.clipped.slice(index, index + 2)];
      const count = pair.reduce((sum, flag) => sum + flag, 0);
      await expect.poll(clipped).toEqual([`step ${index + 1}`, `‖∇θ‖ ${formatExact(columns.gradNorm[index])}`, `${pair[0] === 1 ? 'clipped' : 'not clipped'}; ${count} of 2 in steps ${formatCount(index + 1)} to ${formatCount(index + 2)} (${formatPercent(count / 2)})`]);
    }));
});

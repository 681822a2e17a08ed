// Measures how the Inspector's page keeps up with a large trace, in a Chromium without a GPU: 2,000 timesteps of four LSTM
// layers of 1,024 units while it is panned and zoomed, and what the page holds of it. `npm run bench:page`.
// The numbers of the trace are made here, smooth in time as a network's are: how fast they are drawn does not depend on them.
import type { Browser } from 'playwright-core';
import { launchChromium } from './chromium';
import { openInspector, servePage } from './inspectorPage';
import { ModelRuns, specPath, specText } from './modelRuns';
import { measureEditing, measureLive } from './paceEditing';
import { measureWhatIf } from './paceWhatIf';
import type { SampleTrace } from '../../src/shared/run';
import type { Tensors } from '../../src/shared/tensor';

const steps = Number(process.env['UNROLL_PACE_STEPS'] ?? 2000);
const units = Number(process.env['UNROLL_PACE_UNITS'] ?? 1024);
const layers = Array.from({ length: 4 }, () => ({ cell: 'lstm' as const, units }));

/** Curves between two ends that wander from step to step. */
function wandering(low: number, high: number): Float32Array {
  const data = new Float32Array(steps * units);
  for (let unit = 0; unit < units; unit++) {
    const [speed, phase] = [0.01 + (unit % 37) / 120, (unit * 2.4) % 6.28];
    for (let t = 0; t < steps; t++) data[t * units + unit] = low + (high - low) * (0.5 + 0.3 * Math.sin(speed * t + phase) + 0.2 * Math.sin(0.9 * t + unit));
  }
  return data;
}

function flowMatrix(): Float32Array {
  const data = new Float32Array(steps * steps);
  for (let t = 0; t < steps; t++) for (let k = 0; k <= t; k++) data[t * steps + k] = (t === steps - 1 ? Number.NaN : 1) * 0.97 ** (t - k) * (1 + 0.3 * Math.sin(k * 0.7 + t * 0.1));
  return data;
}

function largeTrace(): SampleTrace {
  const tensors: Tensors = new Map();
  const [gate, signed, small, flow] = [wandering(0, 1), wandering(-1, 1), wandering(-1e-3, 1e-3), flowMatrix()];
  for (let layer = 0; layer < 4; layer++) {
    const add = (name: string, data: Float32Array): unknown => tensors.set(`layer${layer}.forward.${name}`, { dtype: 'F32', shape: [steps, 1, units], data });
    for (const name of ['gate.input', 'gate.forget', 'gate.output']) add(name, gate);
    for (const name of ['gate.cell', 'c', 'h']) add(name, signed);
    for (const name of ['grad.h', 'grad.h.partial', 'grad.c']) add(name, small);
    tensors.set(`layer${layer}.forward.flow`, { dtype: 'F32', shape: [steps, steps], data: flow });
  }
  const tokens = Array.from({ length: steps }, (_, t) => 'the whale swam on '[t % 18] ?? ' ');
  return {
    step: 1, sample: { choice: { kind: 'text', text: tokens.join('') }, sentence: 'A typed text.', text: tokens.join('') }, tokens, answer: 'next',
    targets: [...tokens.slice(1), ''], losses: tokens.map((_, t) => (t === steps - 1 ? null : 2 + Math.sin(t))), predictions: tokens.map(() => [{ token: 'a', probability: 0.5 }]), tensors,
    layers: layers.map((layer, index) => ({ ...layer, prefix: `layer${index}`, reads: 'tokens', directions: ['forward'], connection: 'none' })), milliseconds: 1,
  };
}

/** Runs in the page: turns the wheel once a frame and notes how long each frame took. */
async function turn({ wheel, frames, figure }: { wheel: { ctrlKey: boolean; shiftKey: boolean; deltaY: number[] }; frames: number; figure: string }): Promise<{ median: number; worst: number; late: number }> {
  const plot = document.querySelector<HTMLElement>(`[data-figure="${figure}"] .plot`);
  if (!plot) throw new Error(`No figure ${figure}.`);
  const box = plot.getBoundingClientRect();
  const times: number[] = [];
  const next = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
  let before = await next();
  for (let frame = 0; frame < frames; frame++) {
    plot.dispatchEvent(new WheelEvent('wheel', { bubbles: true, cancelable: true, clientX: box.left + box.width / 2, clientY: box.top + 10, ctrlKey: wheel.ctrlKey, shiftKey: wheel.shiftKey, deltaY: wheel.deltaY[frame % wheel.deltaY.length] ?? 0 }));
    const now = await next();
    times.push(now - before);
    before = now;
  }
  const sorted = [...times].sort((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)] ?? 0, worst: sorted.at(-1) ?? 0, late: times.filter((time) => time > 20).length / times.length };
}

async function measureSize(browser: Browser): Promise<void> {
  const trace = largeTrace();
  const small = [{ cell: 'lstm', units: 4 }];
  const runs = new ModelRuns(small).train(1, [1]);
  runs.trace = async () => trace;
  const server = await servePage();
  const { page, close } = await openInspector(browser, { origin: server.origin, runs, target: { specPath }, specText: specText(small), width: 1400, height: 1000, state: { specPath, window: { first: 0, count: steps }, open: ['gate.forget'] } });
  try {
    const started = Date.now();
    await page.waitForSelector('#inspector[data-state=traced]', { timeout: 60_000 });
    await page.waitForTimeout(6_000);
    const trace = process.env['UNROLL_PACE_TRACE'];
    if (trace !== undefined) await browser.startTracing(page, { path: trace, categories: ['devtools.timeline', 'disabled-by-default-v8.cpu_profiler', 'v8'] });
    const report = async (what: string, wheel: { ctrlKey: boolean; shiftKey: boolean; deltaY: number[] }): Promise<void> => {
      const { median, worst, late } = await page.evaluate(turn, { wheel, frames: 90, figure: 'Gate activations' });
      process.stdout.write(`${what}: ${median.toFixed(1)} ms a frame (median), ${worst.toFixed(0)} ms (worst), ${(100 * late).toFixed(0)} % of frames later than 20 ms\n`);
    };
    process.stdout.write(`${steps} timesteps × ${units} units × 4 layers, ready after ${Date.now() - started} ms\n`);
    await page.evaluate(() => ((window as unknown as { __name: unknown }).__name = (f: unknown) => f));
    await report('zooming from the whole text in and out', { ctrlKey: true, shiftKey: false, deltaY: [...Array<number>(15).fill(-40), ...Array<number>(15).fill(40)] });
    await page.waitForTimeout(1_000);
    for (let press = 0; press < 1; press++) await page.evaluate(turn, { wheel: { ctrlKey: true, shiftKey: false, deltaY: [-40] }, frames: 12, figure: 'Gate activations' });
    await page.waitForTimeout(2_000);
    await report('panning a part of it', { ctrlKey: false, shiftKey: true, deltaY: [...Array<number>(15).fill(1), ...Array<number>(15).fill(-1)] });
    if (trace !== undefined) await browser.stopTracing();
    const heap = await page.evaluate(() => (performance as unknown as { memory?: { usedJSHeapSize: number } }).memory?.usedJSHeapSize ?? Number.NaN);
    process.stdout.write(`heap of the page: ${(heap / 2 ** 20).toFixed(0)} MiB\n`);
  } finally {
    await close();
    server.close();
  }
}

/** All parts, or those that are named: `size`, `editing`, `live`, `what-if`. */
async function main(parts: readonly string[]): Promise<void> {
  const wanted = (part: string): boolean => parts.length === 0 || parts.includes(part);
  const browser = await launchChromium();
  try {
    if (wanted('size')) await measureSize(browser);
    if (wanted('editing')) process.stdout.write(`${await measureEditing(browser)}\n`);
    if (wanted('live')) process.stdout.write(`${await measureLive(browser)}\n`);
    if (wanted('what-if')) process.stdout.write(`${await measureWhatIf(browser)}\n`);
  } finally {
    await browser.close();
  }
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);

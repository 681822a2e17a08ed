import type { LiveHostService, LiveSample, LiveState, LiveViewService } from '../../src/shared/liveProtocol';
import { connect, type Remote } from '../../src/shared/rpc';
import type { RunInfo, RunMetrics } from '../../src/shared/run';
import { formatCount, formatFixed, formatNumber, formatPercent } from '../format';
import { hostTransport, type VsCodeApi } from '../inspector/client';
import { MetricsStore } from '../inspector/metricsStore';
import { clippedShare } from '../plots/lossModel';
import { watchTheme } from '../theme';
import { element } from '../ui/dom';
import { button } from '../ui/toolkit';
import { clippedWindow, durationText, secondsLeft, shortCount, tokensRead } from './model';
import { CurveRow, LiveNumber } from './rows';
import { sampleElements } from './sampleElements';

/** A new sample is asked for at most this often, in milliseconds: writing takes the engine's time. */
const sampleBeat = 3000;

/** The page of the *Live* view: what the training under way does, at a glance. */
export class LivePage {
  readonly #root: HTMLElement;
  readonly #host: Remote<LiveHostService>;
  readonly #metrics = new MetricsStore();
  #state: LiveState | undefined;
  #shown: string | undefined;
  #sample: LiveSample | undefined;
  #sampleAsked = { step: -1, at: 0 };
  #asking: 'asking' | 'idle' | 'again' = 'idle';

  readonly #name = element('strong');
  readonly #progressText = element('span', { class: 'unit' });
  readonly #share = element('span', { class: 'unit' });
  readonly #progress = element('progress', { attributes: { max: '1', 'aria-label': 'Training' } });
  readonly #loss = new CurveRow('training loss');
  readonly #norm = new CurveRow('gradient norm');
  readonly #left = new LiveNumber();
  readonly #speed = new LiveNumber();
  readonly #read = new LiveNumber();
  readonly #sampleTitle = element('h2');
  readonly #sampleText = element('p', { class: 'written' });
  readonly #sampleRoom: HTMLElement;
  readonly #body: HTMLElement;
  readonly #empty: HTMLElement;

  constructor(root: HTMLElement, api: VsCodeApi) {
    this.#root = root;
    const service: LiveViewService = { changed: () => void this.#ask() };
    this.#host = connect<LiveHostService>(hostTransport(api), service);
    const copy = button('Copy', () => void (this.#sample && this.#host.call('copy', { text: this.#sample.prompt + this.#sample.text })));
    copy.classList.add('small');
    this.#sampleRoom = element('section', { class: 'sample-room', children: [element('div', { class: 'sample-head', children: [this.#sampleTitle, copy] }), this.#sampleText] });
    this.#body = element('div', {
      children: [
        element('div', { class: 'head', children: [this.#name, this.#progressText, this.#share] }),
        this.#progress,
        this.#loss.element,
        this.#norm.element,
        element('dl', { class: 'numbers', children: [this.#left.element, this.#speed.element, this.#read.element] }),
        this.#sampleRoom,
      ],
    });
    const start = button('New Model', () => void this.#host.call('newModel', null), 'primary');
    this.#empty = element('div', { class: 'empty', children: [element('p', { text: 'Nothing has been trained here yet. Press ▷ Train above a spec, or begin with a new model; its loss, gradient norm and newest sample appear here.' }), start] });
    this.#body.hidden = true;
    this.#empty.hidden = true;
    root.replaceChildren(element('h1', { class: 'visually-hidden', text: 'Live training' }), this.#body, this.#empty);
  }

  start(): void {
    watchTheme(() => this.#draw());
    new ResizeObserver(() => this.#draw()).observe(this.#root);
    void this.#ask();
  }

  /** Asks for all that is new; what changes meanwhile is asked for afterwards. */
  async #ask(): Promise<void> {
    if (this.#asking !== 'idle') {
      this.#asking = 'again';
      return;
    }
    do {
      this.#asking = 'asking';
      try {
        await this.#renew();
      } catch (error) {
        this.#progressText.textContent = (error as Error).message;
      }
    } while ((this.#asking as 'asking' | 'again') === 'again');
    this.#asking = 'idle';
  }

  async #renew(): Promise<void> {
    const state = await this.#host.call('state', null);
    const { run } = state;
    this.#state = state;
    if (run) {
      if (this.#shown !== run.folder) {
        this.#shown = run.folder;
        this.#metrics.clear();
        this.#sample = undefined;
        this.#sampleAsked = { step: -1, at: 0 };
      }
      this.#metrics.add(await this.#host.call('metrics', { run: run.folder, from: this.#metrics.length }));
      void this.#write(run);
    }
    this.#draw();
  }

  /** Lets the newest checkpoint write, when it has not yet. */
  async #write({ folder, checkpoints, state }: RunInfo): Promise<void> {
    const step = checkpoints.at(-1);
    const moving = state === 'running';
    if (!this.#state?.writes || step === undefined || step === this.#sampleAsked.step || (moving && Date.now() - this.#sampleAsked.at < sampleBeat)) return;
    this.#sampleAsked = { step, at: Date.now() };
    const sample = await this.#host.call('sample', { run: folder, step }).catch(() => undefined);
    if (!sample || this.#shown !== folder) return;
    this.#sample = sample;
    this.#drawSample();
  }

  #draw(): void {
    const state = this.#state;
    const run = state?.run;
    this.#body.hidden = run === undefined;
    this.#empty.hidden = state === undefined || run !== undefined;
    if (!state || !run) return;
    const metrics = this.#metrics.current;
    const share = run.steps > 0 ? run.step / run.steps : 0;
    this.#name.textContent = run.name;
    this.#progressText.textContent = progressText(run);
    this.#share.textContent = `${Math.floor(100 * share)} %`;
    this.#progress.value = share;
    this.#root.dataset['state'] = run.state;
    this.#drawCurves(state, run, metrics);
    this.#drawNumbers(state, run, metrics);
    this.#drawSample();
  }

  #drawCurves({ lossUnit }: LiveState, run: RunInfo, { columns, references, evaluations, clip }: RunMetrics): void {
    const validation = evaluations.at(-1)?.validationLoss;
    const training = run.loss === undefined ? '' : formatFixed(run.loss, 3);
    if (validation === undefined) this.#loss.figure.show(training || '—', `loss, ${lossUnit}`);
    else this.#loss.figure.show(formatFixed(validation, 3), `validation, ${lossUnit}`);
    this.#loss.note.textContent = validation === undefined ? '' : `training ${training}`;
    const reference = references.at(-1);
    this.#loss.draw(`Loss from ${formatNumber(columns.loss[0])} to ${formatNumber(columns.loss.at(-1))}`, {
      steps: run.steps,
      step: columns.step,
      values: columns.loss,
      scale: 'linear',
      ...(reference ? { level: { label: `${reference.label}${reference.label.includes('ln') ? ' =' : ''} ${formatFixed(reference.loss, 2)}`, value: reference.loss, kind: 'reference' as const } } : {}),
    });
    const norm = columns.gradNorm.at(-1);
    this.#norm.figure.show(formatNumber(norm), 'gradient norm');
    const clipped = clippedShare(columns.clipped, clippedWindow);
    this.#norm.note.textContent = clip ? `${formatPercent(clipped)} clipped` : 'not clipped';
    this.#norm.note.classList.toggle('limited', clipped > 0.5);
    this.#norm.draw(`Gradient norm, now ${formatNumber(norm)}`, {
      steps: run.steps,
      step: columns.step,
      values: columns.gradNorm,
      scale: 'log',
      ...(clip?.kind === 'norm' ? { level: { label: `clip ${clip.threshold}`, value: clip.threshold, kind: 'limit' as const } } : {}),
    });
  }

  #drawNumbers({ tokenWord }: LiveState, run: RunInfo, metrics: RunMetrics): void {
    const seconds = run.state === 'running' ? secondsLeft(metrics, run.steps - run.step) : undefined;
    const took = metrics.columns.seconds?.reduce((sum, one) => sum + (Number.isFinite(one) ? one : 0), 0);
    if (run.state === 'running') this.#left.show(seconds === undefined ? '—' : durationText(seconds), 'left');
    else this.#left.show(took === undefined ? '—' : durationText(took), 'of training');
    this.#speed.show(run.tokensPerSecond === undefined ? '—' : shortCount(run.tokensPerSecond), `${tokenWord}/s`);
    const read = tokensRead(metrics);
    this.#read.show(read === undefined ? '—' : shortCount(read), `${tokenWord} read`);
  }

  #drawSample(): void {
    const sample = this.#sample;
    this.#sampleRoom.hidden = this.#state?.writes !== true;
    this.#sampleTitle.textContent = sample ? `Newest sample, step ${formatCount(sample.step)}, ${sample.how}` : 'Newest sample';
    if (sample) this.#sampleText.replaceChildren(...sampleElements(sample));
    else this.#sampleText.replaceChildren(element('span', { class: 'unit', text: 'It comes with the first checkpoint.' }));
  }
}

function progressText({ state, step, steps, reason }: RunInfo): string {
  if (state === 'running') return `step ${formatCount(step)} of ${formatCount(steps)}`;
  const where = state === 'done' ? `done, ${formatCount(step)} steps` : `${state} at step ${formatCount(step)}`;
  return reason === undefined ? where : `${where}: ${reason}`;
}

import type { GradientsSummary, HostService } from '../../src/shared/inspectorProtocol';
import { AbortError, type Remote } from '../../src/shared/rpc';
import { spreadRows } from '../../src/shared/tensorView';
import type { Spread } from './layerTrace';
import type { TraceScene } from './scene';
import { partsOf, TraceViews } from './traceViews';

/** Rest before a batch is traced: typing, scrubbing and playing go on first. */
const restMilliseconds = 300;

/** While a training is followed, at most this often: a batch takes the engine's time. */
const liveMilliseconds = 4000;

/** Whose gradients: of the mean of all losses, or of the loss at one position. */
export type BatchLoss = 'all' | number;

/** Gradients of held-out sequences beside a trace. */
export interface BatchTrace {
  readonly sequences: number;
  /** Step of their weights: while a training is followed they may lag behind the trace. */
  readonly step: number;
  /** How ‖·‖₂ spreads over the sequences at each step, by the tensor's full name; undefined until it has come. */
  spread(name: string): Spread | undefined;
}

/** What is known of one loss. */
interface Known {
  readonly key: string;
  readonly batch?: BatchTrace;
  /** Why there is none, for a person. */
  readonly problem?: string;
  readonly asked: number;
}

/** The batches beside the traces of a session, asked for when a figure draws them and nothing else is going on. */
export class Batches {
  private readonly known = new Map<'all' | 'one', Known>();
  private scene?: TraceScene;
  private timer?: ReturnType<typeof setTimeout>;
  private asking?: AbortController;
  private readonly wanted = new Map<'all' | 'one', BatchLoss>();

  constructor(
    private readonly host: Remote<HostService>,
    private readonly arrived: () => void,
  ) {}

  /** The trace that is shown now; none: nothing of it is wanted any more. */
  follow(scene: TraceScene | undefined): void {
    const before = this.scene;
    this.scene = scene;
    // A training that is followed brings a trace every moment: what was asked for is still wanted.
    if (scene && before && scene.asked.checkpoint === 'live' && keyOf(scene, 'all') === keyOf(before, 'all')) return;
    this.interrupt();
    if (!scene) this.known.clear();
  }

  /** Another trace is wanted: it must not wait for a batch. What was asked for is asked for again by the next drawing. */
  interrupt(): void {
    this.asking?.abort();
    this.wanted.clear();
    clearTimeout(this.timer);
  }

  /** The batch beside the trace, as far as it has come; why there is none. */
  of(loss: BatchLoss): Pick<Known, 'batch' | 'problem'> {
    const { scene } = this;
    if (!scene) return {};
    const slot = slotOf(loss);
    const known = this.known.get(slot);
    const key = keyOf(scene, loss);
    if (known?.key !== `${key} ${scene.summary.step}`) this.askSoon(slot, loss, known);
    // Of other weights of the same run they are still worth seeing; of another length or loss they say nothing.
    return known?.key.startsWith(`${key} `) ? known : {};
  }

  private askSoon(slot: 'all' | 'one', loss: BatchLoss, known: Known | undefined): void {
    if (this.wanted.get(slot) === loss) return;
    this.wanted.set(slot, loss);
    clearTimeout(this.timer);
    const rest = this.scene?.asked.checkpoint === 'live' && known ? Math.max(restMilliseconds, known.asked + liveMilliseconds - performance.now()) : restMilliseconds;
    this.timer = setTimeout(() => void this.ask(), rest);
  }

  private async ask(): Promise<void> {
    const { scene } = this;
    if (!scene) return;
    const controller = new AbortController();
    this.asking = controller;
    for (const [slot, loss] of [...this.wanted]) {
      const key = keyOf(scene, loss);
      try {
        const summary = await this.host.call('openGradients', { ...askedOf(scene), loss }, { signal: controller.signal });
        if (controller.signal.aborted) return;
        this.known.set(slot, { key: `${key} ${scene.summary.step}`, asked: performance.now(), batch: this.batchOf(summary) });
      } catch (error) {
        if (controller.signal.aborted || error instanceof AbortError) return;
        this.known.set(slot, { key: `${key} ${scene.summary.step}`, asked: performance.now(), problem: error instanceof Error ? error.message : String(error) });
      }
      this.wanted.delete(slot);
      this.arrived();
    }
  }

  private batchOf({ trace, sequences, step }: GradientsSummary): BatchTrace {
    const views = new TraceViews(this.host, trace, this.arrived);
    return {
      sequences,
      step,
      spread(name) {
        const found = views.get({ of: 'spread', name });
        return found && (partsOf(spreadRows, found) as Spread);
      },
    };
  }
}

function slotOf(loss: BatchLoss): 'all' | 'one' {
  return loss === 'all' ? 'all' : 'one';
}

/** What a batch depends on besides the weights. */
function keyOf({ asked, summary }: TraceScene, loss: BatchLoss): string {
  const losses = summary.losses.map((one) => (one === null ? '-' : '+')).join('');
  return `${asked.run} ${loss} ${losses} ${summary.source?.length ?? 0}`;
}

function askedOf({ asked: { run, checkpoint, sample } }: TraceScene): Pick<TraceScene['asked'], 'run' | 'checkpoint' | 'sample'> {
  return { run, checkpoint, ...(sample ? { sample } : {}) };
}

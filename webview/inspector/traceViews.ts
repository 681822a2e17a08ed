import type { HostService, WireTensor } from '../../src/shared/inspectorProtocol';
import type { Remote } from '../../src/shared/rpc';
import { viewKey, type TensorView } from '../../src/shared/tensorView';
import type { Numbers } from '../plots/numbers';

/** Numbers of a view with their shape. */
export interface ViewNumbers {
  readonly shape: readonly number[];
  readonly data: Numbers;
}

/** The page keeps at most this many bytes of a trace; what was not used for longest goes first. */
const mostBytes = 96 << 20;

/** Views that were drawn this lately are wanted of the next trace too. */
const wantedMilliseconds = 3000;

interface Held extends ViewNumbers {
  readonly view: TensorView;
  used: number;
}

/**
 * The views of one trace as figures ask for them while they draw: what is here is returned, what is not is
 * asked for, all of a drawing in one request, and `arrived` is called when it came.
 */
export class TraceViews {
  private readonly held = new Map<string, Held>();
  private missing = new Map<string, TensorView>();
  /** What may be wanted next; asked for when nothing is missing. */
  private later = new Map<string, TensorView>();
  private asking: 'no' | 'yes' = 'no';
  private bytes = 0;

  constructor(
    private readonly host: Remote<HostService>,
    private readonly trace: number,
    private readonly arrived: () => void,
    /** Of the trace that flow matrices are seen of, where this one has none. */
    private readonly flow?: TraceViews,
  ) {}

  /** Where the flow matrices are that these views show. */
  get ofFlow(): TraceViews {
    return this.flow ?? this;
  }

  /** Where a view of this name comes from. */
  private from(name: string): TraceViews {
    return isFlow(name) ? this.ofFlow : this;
  }

  /** The numbers of a view, or undefined until they have come. */
  get(view: TensorView): ViewNumbers | undefined {
    const from = this.from(view.name);
    if (from !== this) return from.get(view);
    const key = viewKey(view);
    const here = this.held.get(key);
    if (here) {
      here.used = performance.now();
      return here;
    }
    this.missing.set(key, view);
    TraceViews.missed++;
    this.askSoon();
    return undefined;
  }

  /** How often any view that a figure asked for was not here yet: tells which figures wait. */
  static missed = 0;

  /** Says that a view may be wanted soon. */
  prefetch(view: TensorView): void {
    const from = this.from(view.name);
    if (from !== this) return from.prefetch(view);
    const key = viewKey(view);
    if (this.held.has(key)) return;
    this.later.set(key, view);
    this.askSoon();
  }

  /** All figures that can be seen are about to be drawn and will ask again: parts of heatmaps that they no longer need are not asked for. */
  redraw(): void {
    for (const [key, { of }] of this.missing) if (of === 'cells') this.missing.delete(key);
    this.later.clear();
  }

  /** The numbers of a view if they are here; asks for nothing. */
  peek(view: TensorView): ViewNumbers | undefined {
    return this.from(view.name).held.get(viewKey(view));
  }

  /** What was drawn lately: a trace that is to take this one's place asks for it before it is shown. */
  lately(): readonly TensorView[] {
    const since = performance.now() - wantedMilliseconds;
    const own = [...this.held.values()].filter(({ used }) => used >= since).map(({ view }) => view);
    return this.flow ? [...own, ...this.flow.lately().filter(({ name }) => isFlow(name))] : own;
  }

  /** Asks for views at once. Rejects when the host holds the trace no longer. */
  async load(wanted: readonly TensorView[], signal?: AbortSignal): Promise<void> {
    const views = wanted.filter(({ name }) => this.from(name) === this);
    if (views.length === 0) return;
    const tensors = await this.host.call('views', { trace: this.trace, views }, signal ? { signal } : {});
    views.forEach((view, index) => {
      const tensor = tensors[index];
      if (tensor) this.keep(view, tensor);
    });
  }

  private askSoon(): void {
    if (this.asking === 'yes') return;
    this.asking = 'yes';
    queueMicrotask(() => void this.ask());
  }

  private async ask(): Promise<void> {
    while (this.missing.size + this.later.size > 0) {
      const wanted = this.missing.size > 0 ? this.missing : this.later;
      const views = [...wanted.values()];
      wanted.clear();
      try {
        await this.load(views);
      } catch {
        break; // the host has let go of the trace; the next one is on its way
      }
      if (wanted === this.missing) this.arrived();
    }
    this.asking = 'no';
  }

  private keep(view: TensorView, { dtype, shape, data }: WireTensor): void {
    this.held.set(viewKey(view), { view, shape, data: dtype === 'F32' ? new Float32Array(data) : new Float64Array(data), used: performance.now() });
    this.bytes += data.byteLength;
    if (this.bytes <= mostBytes) return;
    for (const [key, { data: old }] of [...this.held].sort(([, a], [, b]) => a.used - b.used)) {
      if (this.bytes <= mostBytes) break;
      this.held.delete(key);
      this.bytes -= old.byteLength;
    }
  }
}

function isFlow(name: string): boolean {
  return name.endsWith('.flow');
}

/** The same parts for the same view, so that what was made of them can be kept. */
const knownParts = new WeakMap<ViewNumbers, Readonly<Record<string, Numbers>>>();

/** The rows of a view by their names. */
export function partsOf(names: readonly string[], view: ViewNumbers): Readonly<Record<string, Numbers>> {
  const had = knownParts.get(view);
  if (had) return had;
  const length = view.shape[1] ?? 0;
  const parts = Object.fromEntries(names.map((name, row) => [name, view.data.subarray(row * length, (row + 1) * length)]));
  knownParts.set(view, parts);
  return parts;
}

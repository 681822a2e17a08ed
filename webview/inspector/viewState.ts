import type { InspectorTarget } from '../../src/shared/inspectorProtocol';
import type { SampleChoice } from '../../src/shared/run';
import type { TimeWindow } from '../plots/timeAxis';
import type { Reading } from '../../src/shared/flow';

/** Weights of a run at a step. */
export interface Weights {
  /** The run's folder; absent: the newest run. */
  readonly run?: string;
  readonly checkpoint: number | 'newest';
}

/** What survives hiding, reloading and restarting: choices, never data. */
export interface ViewState {
  readonly specPath: string;
  /** Folder of the shown run; absent: the newest. */
  readonly run?: string;
  /** A stored step, or the newest weights there are (live while training). */
  readonly checkpoint: number | 'newest';
  readonly layer: number;
  readonly direction: Reading;
  /** The sample that a person typed or picked; absent: the spec's. */
  readonly sample?: SampleChoice;
  /** Position of the pinned loss; `last` until somebody chose, `none` after Esc. */
  readonly pinned: number | 'last' | 'none';
  /** Column under the crosshair. */
  readonly cursor?: number;
  /** Names of the tracks whose heatmap is open. */
  readonly open: readonly string[];
  /** Names of the figures that show their table. */
  readonly tables: readonly string[];
  /** Names of the figures that show their header only. */
  readonly collapsed: readonly string[];
  /** Choices of single figures by name, `gates.sort` and the like. */
  readonly options: Readonly<Record<string, string>>;
  /** What is shown beside it, on the same axis and scales. */
  readonly beside?: Weights;
  /** Absent: as many columns as fit. */
  readonly window?: Pick<TimeWindow, 'first' | 'count'>;
}

/** What a panel for this spec starts with. */
export function initialState(specPath: string): ViewState {
  return { specPath, checkpoint: 'newest', layer: 0, direction: 'forward', pinned: 'last', open: ['gate.forget', 'gate.update'], tables: [], collapsed: [], options: {} };
}

/** A stored state, checked: another version's field that does not fit falls back to its default. */
export function restoredState(stored: unknown): ViewState {
  if (typeof stored !== 'object' || stored === null || !('specPath' in stored) || typeof stored.specPath !== 'string') return initialState('');
  const initial = initialState(stored.specPath);
  const from: Readonly<Record<string, unknown>> = { ...stored };
  const names = (value: unknown, otherwise: readonly string[]): readonly string[] => (Array.isArray(value) ? value.filter((name) => typeof name === 'string') : otherwise);
  const count = (value: unknown): number | undefined => (typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined);
  const run = typeof from['run'] === 'string' ? { run: from['run'] } : {};
  const cursor = count(from['cursor']);
  const pinned = count(from['pinned']);
  return {
    ...initial,
    ...run,
    ...sampleOf(from['sample']),
    checkpoint: count(from['checkpoint']) ?? 'newest',
    layer: count(from['layer']) ?? 0,
    direction: from['direction'] === 'reverse' ? 'reverse' : 'forward',
    pinned: pinned ?? (from['pinned'] === 'none' ? 'none' : 'last'),
    ...(cursor === undefined ? {} : { cursor }),
    ...windowOf(from['window']),
    open: names(from['open'], initial.open),
    tables: names(from['tables'], []),
    collapsed: names(from['collapsed'], []),
    options: Object.fromEntries(Object.entries(typeof from['options'] === 'object' && from['options'] !== null ? from['options'] : {}).filter((entry): entry is [string, string] => typeof entry[1] === 'string')),
    ...besideOf(from['beside']),
  };
}

function sampleOf(stored: unknown): Pick<ViewState, 'sample'> {
  if (typeof stored !== 'object' || stored === null) return {};
  if ('text' in stored && typeof stored.text === 'string') return { sample: { kind: 'text', text: stored.text } };
  return 'index' in stored && Number.isInteger(stored.index) ? { sample: { kind: 'held-out', index: Number(stored.index) } } : {};
}

function besideOf(stored: unknown): Pick<ViewState, 'beside'> {
  if (typeof stored !== 'object' || stored === null || !('checkpoint' in stored)) return {};
  const checkpoint = Number.isInteger(stored.checkpoint) ? Number(stored.checkpoint) : 'newest';
  return { beside: { checkpoint, ...('run' in stored && typeof stored.run === 'string' ? { run: stored.run } : {}) } };
}

function windowOf(stored: unknown): Pick<ViewState, 'window'> {
  if (typeof stored !== 'object' || stored === null || !('first' in stored) || !('count' in stored)) return {};
  const { first, count } = stored;
  return Number.isInteger(first) && Number.isInteger(count) ? { window: { first: Number(first), count: Number(count) } } : {};
}

/** The view after somebody asked for this spec, run and checkpoint. */
export function targetedState(view: ViewState, target: InspectorTarget): ViewState {
  const { specPath, run, checkpoint } = target;
  return { ...(specPath === view.specPath ? view : initialState(specPath)), ...(run === undefined ? {} : { run }), checkpoint: checkpoint ?? 'newest' };
}

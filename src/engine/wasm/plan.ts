import { panelsOf } from './columns';
import { Arena, panelRange, skipRows, type EngineMemory, type Panels } from './memory';
import type { LayerModel, Model, Stack } from './model';

/** What a plan has room for: `train` also for gradients and dropout. */
export type Purpose = 'forward' | 'train';

/** Buffers of one direction of a layer; see `Recurrence` in `src/engine/kernels/cells/cell.ts`. */
export interface DirectionPlan {
  readonly gates: Panels;
  /** With the state before the first timestep: block t + 1 is timestep t. */
  readonly states: Panels;
  /** The same of cₜ, of an LSTM. */
  readonly cellStates: Panels | undefined;
  readonly cellTanh: Panels | undefined;
  /** hₜ of all timesteps. */
  readonly hidden: Panels;
  /** hₜ₋₁ (reverse: hₜ₊₁) of all timesteps. */
  readonly hiddenBefore: Panels;
  /** A `Recurrence`. */
  readonly job: number;
}

/** Buffers of one layer. */
export interface LayerPlan {
  readonly model: LayerModel;
  /** Of one-hot inputs only where a connection reads them. */
  readonly x: Panels | undefined;
  /** x as the connection reads it: moved, where its padding lies elsewhere than that of h. */
  readonly around: Panels | undefined;
  readonly directions: readonly DirectionPlan[];
  /** hₜ of all directions side by side. */
  readonly hidden: Panels;
  /** The same after dropout; `hidden` itself without. */
  readonly dropped: Panels;
  readonly highwayGate: Panels | undefined;
  readonly output: Panels;
}

/** The buffers of a stack of layers for batches of T timesteps and B sequences. */
export interface StackPlan {
  readonly purpose: Purpose;
  readonly steps: number;
  readonly sequences: number;
  /** T·B. */
  readonly rows: number;
  /** i32 [T·B], of token inputs. */
  readonly tokens: number;
  /** f64 [T·B,features], of inputs that are values, as they come from outside. */
  readonly values: number;
  /** i32 [B]. */
  readonly lengths: number;
  /** What the lowest layer reads; undefined for one-hot inputs that no connection reads. */
  readonly inputs: Panels | undefined;
  readonly layers: readonly LayerPlan[];
  /** The top layer's outputs (the inputs, of a network without layers). */
  readonly top: Panels;
}

/** All buffers for batches of T timesteps and B sequences. */
export interface Plan extends StackPlan {
  readonly head: HeadPlan;
  readonly backward: BackwardPlan | undefined;
  /** The first address behind the plan. */
  readonly end: number;
}

export interface HeadPlan {
  /** Rows with an output: T·B, or B when the loss is taken once. */
  readonly rows: number;
  /** Rows of logits that are held at once; the head works in such chunks. */
  readonly chunk: number;
  readonly logits: Panels;
  /** What the output layer reads when the loss is taken once: the last states [B]. */
  readonly last: Panels | undefined;
  /** Tokens: i32 [rows], −1 where there is no loss. Values: i32 [rows], 0 where there is none. */
  readonly marks: number;
  /** Target values, of the loss `values`. */
  readonly targets: Panels | undefined;
  /** f64 [rows]. */
  readonly losses: number;
}

export interface BackwardPlan {
  /** Adjoints of what is above and below a layer, in turn; the second has no panels where nothing needs it. */
  readonly adjoints: readonly [Panels, Panels];
  /** Adjoint of the highway's pre-activation; of what the head read when the loss is taken once. */
  readonly highway: Panels;
  readonly last: Panels;
  /** Adjoint of x where it had to be moved. */
  readonly moved: Panels;
  /** Of each direction. */
  readonly carries: readonly [Carries, Carries];
  /** Adjoint of the state before the first timestep, [B]. */
  readonly initial: Panels;
  /** Sums of all blocks' rows, for bias gradients. */
  readonly biasSums: number;
}

/** What the backward pass of one direction carries from timestep to timestep, [B][U]. */
export interface Carries {
  /** See `Recurrence.carry`. */
  readonly carry: number;
  /** The same of what reaches the last cell states from outside. */
  readonly finalCarry: number;
}

/** Logits held at once: 4 MB, so that they stay in the cache between the product and the loss. */
const logitBytes = 4 * 2 ** 20;

/** Takes the buffers for batches of this shape from address `start` on. Throws a RangeError when memory does not suffice. */
export function planFor(model: Model, memory: EngineMemory, start: number, steps: number, sequences: number, purpose: Purpose): Plan {
  const arena = new Arena(start);
  const stack = planStack(arena, model, steps, sequences, purpose);
  const head = planHead(arena, model, steps, sequences);
  const staged = valuesBytes(model, stack);
  const gates = stack.layers[0]?.directions[0]?.gates;
  const fitsGates = gates !== undefined && gates.stride * gates.panels >= staged;
  const backward = purpose === 'train' ? planBackward(arena, model, stack, headNeeds(model, sequences), fitsGates && handsNothingDown(model) ? 'one' : 'two') : undefined;
  // Nothing is in the gates when values are read, nor in the adjoints, of which two have room for numbers in f64.
  const values = fitsGates ? gates.address : (backward?.adjoints[0].address ?? arena.take(staged));
  memory.reserve(arena.end);
  return { ...stack, values, head, backward, end: arena.end };
}

/** Bytes of a batch's values as they come from outside. */
function valuesBytes({ input }: Stack, { rows }: StackPlan): number {
  return input.kind === 'values' ? rows * input.features * 8 : 0;
}

/** Whether no adjoint is handed from a layer to one below, nor around one. */
function handsNothingDown({ layers, embedding }: Stack): boolean {
  return layers.length === 1 && !embedding && layers[0]?.shape.connection === 'none';
}

/** The buffers of embedding and layers. */
export function planStack(arena: Arena, { input, embedding, layers: models, output }: Stack, steps: number, sequences: number, purpose: Purpose): StackPlan {
  const rows = steps * sequences;
  const tokens = arena.take(input.kind === 'tokens' ? rows * 4 : 0);
  const lengths = arena.take(sequences * 4);

  const oneHot = input.kind === 'tokens' && !embedding;
  const lowest = models[0];
  const readsInputs = !oneHot || !lowest || lowest.shape.connection !== 'none';
  const inputs = readsInputs ? arena.panels(rows, lowest?.x.panels ?? output.panels) : undefined;

  let x = inputs;
  const layers = models.map((layer): LayerPlan => {
    const plan = planLayer(arena, layer, x, steps, sequences, purpose);
    x = plan.output;
    return plan;
  });
  const top = layers.at(-1)?.output ?? inputs;
  if (!top) throw new RangeError('a network without layers on one-hot inputs has nothing to read');
  return { purpose, steps, sequences, rows, tokens, values: 0, lengths, inputs, layers, top };
}

function planLayer(arena: Arena, model: LayerModel, x: Panels | undefined, steps: number, sequences: number, purpose: Purpose): LayerPlan {
  const rows = steps * sequences;
  const { unitPanels, blocks, shape, h } = model;
  // One block of rows more at either end, for the states that the directions start from.
  const states = arena.panels(rows + 2 * sequences, h.panels);
  const directions = model.directions.map(({ direction }, index): DirectionPlan => {
    const own = panelRange(states, index * unitPanels, unitPanels);
    const lstm = shape.cell === 'lstm';
    // Gates first: their stride is that of tanh(c) too.
    const gates = arena.panels(rows, blocks * unitPanels);
    return {
      gates,
      states: own,
      cellStates: lstm ? arena.panels(rows + 2 * sequences, unitPanels) : undefined,
      cellTanh: lstm ? arena.panels(rows, unitPanels) : undefined,
      hidden: skipRows(own, sequences),
      hiddenBefore: skipRows(own, direction === 'forward' ? 0 : 2 * sequences),
      job: arena.take(128),
    };
  });
  const hidden = skipRows(states, sequences);
  const dropped = purpose === 'train' && shape.dropout > 0 ? arena.panels(rows, h.panels) : hidden;
  const around = model.moveX ? arena.panels(rows, h.panels) : x;
  const highwayGate = shape.connection === 'highway' ? arena.panels(rows, h.panels) : undefined;
  const output = shape.connection === 'none' ? dropped : arena.panels(rows, model.output.panels);
  return { model, x, around, directions, hidden, dropped, highwayGate, output };
}

export function planHead(arena: Arena, { architecture, head }: Pick<Model, 'architecture' | 'head'>, steps: number, sequences: number): HeadPlan {
  const once = architecture.loss === 'class';
  const rows = once ? sequences : steps * sequences;
  const { kPanels, nPanels } = head.weight.value;
  const chunk = Math.min(rows, Math.max(sequences, Math.floor(logitBytes / (nPanels * 32))));
  return {
    rows,
    chunk,
    logits: arena.panels(chunk, nPanels),
    last: once ? arena.panels(rows, kPanels) : undefined,
    marks: arena.take(rows * 4),
    targets: architecture.loss === 'values' ? arena.panels(rows, panelsOf(architecture.outputs)) : undefined,
    losses: arena.take(rows * 8),
  };
}

/** What an output layer needs of a backward plan. */
export interface HeadNeeds {
  /** Panels that it reads; 0 without an output layer. */
  readonly panels: number;
  /** Rows that it reads apart, when the loss is taken once. */
  readonly lastRows: number;
}

export function headNeeds({ architecture, head }: Pick<Model, 'architecture' | 'head'>, sequences: number): HeadNeeds {
  return { panels: head.weight.value.kPanels, lastRows: architecture.loss === 'class' ? sequences : 0 };
}

export function planBackward(arena: Arena, { layers }: Pick<Stack, 'layers'>, { rows, sequences }: StackPlan, head: HeadNeeds, adjoints: 'one' | 'two' = 'two'): BackwardPlan {
  const widest = Math.max(head.panels, ...layers.map(({ x, output }) => Math.max(x.panels, output.panels)));
  const widestOf = (panels: (layer: LayerModel) => number): number => Math.max(0, ...layers.map(panels));
  const carries = (of: (layer: LayerModel) => boolean): Carries => {
    const bytes = sequences * 32 * widestOf((layer) => (of(layer) ? layer.unitPanels : 0));
    return { carry: arena.take(bytes), finalCarry: arena.take(bytes) };
  };
  return {
    adjoints: [arena.panels(rows, widest), arena.panels(rows, adjoints === 'two' ? widest : 0)],
    highway: arena.panels(rows, widestOf(({ highway, h }) => (highway ? h.panels : 0))),
    last: arena.panels(head.lastRows, head.panels),
    moved: arena.panels(rows, widestOf(({ moveX, h }) => (moveX ? h.panels : 0))),
    carries: [carries(() => true), carries(({ directions }) => directions.length > 1)],
    initial: arena.panels(sequences, widestOf(({ unitPanels }) => unitPanels)),
    biasSums: arena.take(32 * widestOf(({ blocks, unitPanels }) => blocks * unitPanels)),
  };
}

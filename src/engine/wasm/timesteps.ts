import type { Crew } from './crew/crew';
import type { Kernels } from './kernels';
import type { EngineMemory } from './memory';
import { cellCode } from './model';
import type { Operations } from './operations';
import { piecesInStretch } from './pace';
import type { LayerPlan, StackPlan } from './plan';
import { writeShare } from './recurrence';

/**
 * How threads share a layer's timesteps, which must wait for one another:
 *
 * - `directions`: each takes one of the two, and nobody waits;
 * - `units`: each takes some of the units, and all meet behind every stage;
 * - `sequences`: each takes some of the sequences, and nobody waits, but all read all weights;
 * - `alone`: what there is to do is less than the waiting.
 */
type Way = 'directions' | 'units' | 'sequences' | 'alone';

/** Panels of units from which meeting behind every stage costs little beside the stage. */
const widePanels = 16;
/** Operations of a stage from which it is worth the meeting behind it also where it is narrow. */
const worthMeeting = 4e5;

/** One call of `recurForward` or `recurBackward`: stages [from, to), panels [u0, u1) of the units. */
type Stages = (kernels: Kernels, job: number, crew: number, adjoints: number, from: number, to: number, u0: number, u1: number) => void;

/** Timesteps of all directions of a layer forwards, all of them or only [from, to) in their own order. */
export function runForward(operations: Operations, memory: EngineMemory, plan: StackPlan, layer: LayerPlan, from = 0, to = plan.steps): void {
  runStages(operations, memory, plan, layer, from, to, (kernels, job, crew, _, ...range) => kernels.recurForward(job, crew, ...range));
}

/** And backwards, all of them. */
export function runBackward(operations: Operations, memory: EngineMemory, plan: StackPlan, layer: LayerPlan): void {
  runStages(operations, memory, plan, layer, 0, plan.steps, (kernels, job, crew, adjoints, ...range) => kernels.recurBackward(job, crew, adjoints, ...range));
}

function runStages(operations: Operations, memory: EngineMemory, plan: StackPlan, layer: LayerPlan, firstStep: number, endStep: number, run: Stages): void {
  const { crew } = operations;
  const { directions, model } = layer;
  const cost = costOf(plan, layer);
  const perStep = model.code === cellCode['gru-reset-before'] ? 2 : 1;
  const way = wayToShare(crew, plan, layer, cost, (endStep - firstStep) * perStep);
  const stretches = (members: number, act: (from: number, to: number, u0: number, u1: number) => void): void => inStretches(operations, model.unitPanels, cost, members, firstStep * perStep, endStep * perStep, act);

  if (way === 'directions') {
    stretches(1, (...range) =>
      crew.each((kernels, member) => {
        const own = directions[member];
        if (own) run(kernels, own.job, 0, crew.adjoints(member), ...range);
      }),
    );
    return;
  }
  for (const { job } of directions) {
    if (way === 'units') {
      stretches(crew.members, (from, to, u0, u1) =>
        crew.each((kernels, member, members) => {
          const border = (m: number): number => u0 + Math.floor(((u1 - u0) * m) / members);
          run(kernels, job, crew.address, crew.adjoints(member), from, to, border(member), border(member + 1));
        }),
      );
    } else if (way === 'sequences') {
      const border = (m: number): number => Math.floor((plan.sequences * m) / crew.members);
      for (let member = 0; member < crew.members; member++) writeShare(memory, job, crew.recurrence(member), border(member), border(member + 1));
      stretches(crew.members, (...range) => crew.each((kernels, member) => run(kernels, crew.recurrence(member), 0, crew.adjoints(member), ...range)));
    } else stretches(1, (...range) => run(crew.kernels, job, 0, crew.adjoints(0), ...range));
  }
}

/** Operations of one panel of units in one stage: the product, and the cell's equations. */
function costOf({ sequences }: StackPlan, { model: { blocks, unitPanels } }: LayerPlan): number {
  return sequences * 8 * blocks * (16 * unitPanels + 20);
}

function wayToShare(crew: Crew, { sequences }: StackPlan, { directions, model: { unitPanels } }: LayerPlan, cost: number, stages: number): Way {
  const { members } = crew;
  const stage = cost * unitPanels;
  if (!crew.isWorth(stage * stages)) return 'alone';
  if (members === directions.length) return 'directions';
  if (unitPanels >= Math.max(widePanels, members)) return 'units';
  if (sequences >= 2 * members) return 'sequences';
  if (unitPanels >= members && stage >= worthMeeting) return 'units';
  return directions.length > 1 ? 'directions' : 'alone';
}

/** Many stages a call or, where one alone is too long, some units of one. */
function inStretches({ pace }: Operations, unitPanels: number, cost: number, members: number, first: number, end: number, act: (from: number, to: number, u0: number, u1: number) => void): void {
  const unitsTogether = Math.min(unitPanels, piecesInStretch(cost) * members);
  const together = unitsTogether < unitPanels ? 1 : piecesInStretch(cost * unitPanels) * members;
  for (let from = first; from < end; from += together) {
    const to = Math.min(from + together, end);
    for (let u = 0; u < unitPanels; u += unitsTogether) {
      const unitsEnd = Math.min(u + unitsTogether, unitPanels);
      act(from, to, u, unitsEnd);
      pace.spend(cost * (to - from) * (unitsEnd - u));
    }
  }
}

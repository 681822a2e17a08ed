/*
 * A training step as a program: a list of instructions that stand one after the other in memory, each a kernel with its
 * arguments. The engine writes it once for a shape of batch, and then has it done in stretches of about a millisecond,
 * between which it asks whether to go on:
 *
 *     for each instruction of the stretch      every member of the team walks the same list
 *       each member: its share of the pieces   a fixed one, so that no sum depends on who computes it
 *       all members meet                       when the next needs what the others have done
 *
 * An instruction that is not worth sharing is the leader's alone, and so are its neighbours of that kind: nobody
 * waits between them.
 */
import { attentionBackward, attentionForward } from './attention';
import { attentionAdjoint } from './attentionAdjoint';
import { combineBiases, splitBiases } from './biases';
import { carryBack, cellJacobian, cellSlopes } from './cellJacobian';
import { awaitJob, barrier, isBroken, membersOf, postJob, stretchOf } from './team';
import { dropout } from './dropout';
import { gather, oneHot, scatter } from './lookup';
import { crossEntropy, squaredError, sumLosses } from './losses';
import { moveColumns } from './moveColumns';
import { Operation } from './operation';
import { adagrad, adam, clippedDot, clipValues, rmsprop, sgd, sgdMomentum, sumOfSquares } from './optimizers';
import { outerProduct } from './outerProduct';
import { add, broadcast, clear, copy, highwayBackward, highwayForward, lastRows, lastRowsBackward, sumRows } from './panels';
import { product, productOfPanels } from './product';
import { canShareStages, cellDerivatives, recurBackward, recurForward } from './recurrence';
import { addScaled, clearExponents, copyExponents, rowNorms } from './scaledRows';
import { transpose } from './transpose';
import { readValues } from './values';

/** One instruction; written by `src/engine/wasm/instructions.ts`. */
@unmanaged
class Instruction {
  operation: Operation;
  /** Pieces of work, which can be done by different threads, or one after the other. */
  pieces: i32;
  /** As many follow one another that must be complete before the next: the units of a timestep; else 1. */
  together: i32;
  /** Floating-point operations of a piece, about. */
  cost: f32;
}

const INTEGERS: usize = 16;
const FLOATS: usize = INTEGERS + 16 * 4;
const BYTES: usize = FLOATS + 12 * 4;

/** Where the team stands in a program, and how far it goes; written by `src/engine/wasm/team/team.ts`. */
@unmanaged
class Stretch {
  /** The next instruction, and how many of its pieces are done. */
  next: usize;
  piece: i32;
  /** The end of the last instruction. */
  end: usize;
  /** Operations until the engine wants to be asked; what remains of them afterwards. */
  left: f64;
  /** Operations from which an instruction is worth sharing. */
  worth: f64;
}

/** What a stretch led to. */
enum Outcome {
  /** There is more to do. */
  paused,
  done,
  /** A helper has died. */
  lost,
}

/** The leader does a stretch, together with all members of the team. */
export function runStretch(team: usize): i32 {
  const members = membersOf(team);
  if (members > 1) postJob(team);
  walk(team, 0, members);
  if (members > 1 && isBroken(team)) return Outcome.lost;
  const stretch = changetype<Stretch>(stretchOf(team));
  return stretch.next < stretch.end ? Outcome.paused : Outcome.done;
}

/** A helper takes part in all stretches until its thread is ended. */
export function helpTeam(team: usize, member: i32): void {
  for (let job = 0; ; ) {
    job = awaitJob(team, member, job);
    walk(team, member, membersOf(team));
  }
}

/** Since the members last met, what may be under way. */
const NOTHING: i32 = 0;
const LEADERS: i32 = 1;
const EVERYBODYS: i32 = 2;

/** One member's way through a stretch. All come to the same decisions, as they decide by the same numbers. */
function walk(team: usize, member: i32, members: i32): void {
  const stretch = changetype<Stretch>(stretchOf(team));
  const end = stretch.end;
  const worth = stretch.worth;
  let at = stretch.next;
  let piece = stretch.piece;
  let left = stretch.left;
  let underWay = NOTHING;
  while (at < end && left > 0) {
    const instruction = changetype<Instruction>(at);
    const from = piece;
    const to = from + piecesThatFit(instruction, from, left, members);
    const cost = <f64>instruction.cost * <f64>(to - from);
    if (members == 1) {
      perform(at, from, to, team, 0, 1);
    } else if (to - from < 2 || cost < worth || !canShare(at, members)) {
      if (underWay == EVERYBODYS) {
        barrier(team);
        underWay = NOTHING;
      }
      if (member == 0) perform(at, from, to, team, 0, 1);
      underWay = max(underWay, LEADERS);
    } else {
      if (underWay != NOTHING) barrier(team);
      perform(at, from, to, team, member, members);
      underWay = EVERYBODYS;
    }
    left -= cost;
    piece = to;
    if (to == instruction.pieces) {
      at += BYTES;
      piece = 0;
    }
  }
  if (members > 1) barrier(team);
  if (member != 0) return;
  stretch.next = at;
  stretch.piece = piece;
  stretch.left = left;
}

/** How many pieces from `from` on are done until so many operations are spent: at least one a member, and of a recurrence whole timesteps or units of one. */
function piecesThatFit(instruction: Instruction, from: i32, left: f64, members: i32): i32 {
  const rest = instruction.pieces - from;
  const each = ceil(left / (<f64>instruction.cost * <f64>members));
  const fit = <i32>min(max(each, 1) * <f64>members, <f64>rest);
  const together = instruction.together;
  const begun = from % together;
  return begun != 0 || fit < together ? min(fit, together - begun) : fit - (fit % together);
}

/** Whether the kernel can be shared at all; how a recurrence is, depends on its shape. */
function canShare(at: usize, members: i32): bool {
  const operation = changetype<Instruction>(at).operation;
  if (operation != Operation.recurForward && operation != Operation.recurBackward) return true;
  return canShareStages(i(at, 0), i(at, 1), changetype<Instruction>(at).cost, members);
}

/** Argument n, a whole number or an address. */
@inline
function i(at: usize, n: usize): i32 {
  return load<i32>(at + INTEGERS + (n << 2));
}

/** Argument n of those that are fractions. */
@inline
function f(at: usize, n: usize): f32 {
  return load<f32>(at + FLOATS + (n << 2));
}

/** A member's share of pieces [from, to) of an instruction. */
function perform(at: usize, from: i32, to: i32, team: usize, member: i32, members: i32): void {
  const instruction = changetype<Instruction>(at);
  const operation = instruction.operation;
  // Timesteps wait for one another: how to share them is their own business. They may begin at a later one.
  if (operation == Operation.recurForward) return recurForward(i(at, 2) + from, i(at, 2) + to, i(at, 0), i(at, 1), instruction.cost, team, member, members);
  if (operation == Operation.recurBackward) return recurBackward(i(at, 2) + from, i(at, 2) + to, i(at, 0), i(at, 1), instruction.cost, team, member, members);
  const pieces = to - from;
  to = from + <i32>((<i64>pieces * (member + 1)) / members);
  from += <i32>((<i64>pieces * member) / members);
  if (from < to) call(operation, at, from, to, team, member);
}

/** The kernels by number. */
function call(operation: Operation, at: usize, from: i32, to: i32, team: usize, member: i32): void {
  switch (operation) {
    case Operation.product: return product(from, to, i(at, 0), i(at, 1), i(at, 2), i(at, 3), i(at, 4), i(at, 5), i(at, 6), i(at, 7));
    case Operation.outerProduct: return outerProduct(from, to, i(at, 0), i(at, 1), i(at, 2), i(at, 3), i(at, 4), i(at, 5), i(at, 6), i(at, 7), i(at, 8));
    case Operation.transpose: return transpose(from, to, i(at, 0), i(at, 1), i(at, 2), i(at, 3));

    case Operation.broadcast: return broadcast(from, to, i(at, 0), i(at, 1), i(at, 2), i(at, 3));
    case Operation.clear: return clear(from, to, i(at, 0), i(at, 1), i(at, 2));
    case Operation.copy: return copy(from, to, i(at, 0), i(at, 1), i(at, 2), i(at, 3), i(at, 4));
    case Operation.add: return add(from, to, i(at, 0), i(at, 1), i(at, 2), i(at, 3), i(at, 4), i(at, 5), i(at, 6));
    case Operation.moveColumns: return moveColumns(from, to, i(at, 0), i(at, 1), i(at, 2), i(at, 3), i(at, 4), i(at, 5), i(at, 6));
    case Operation.sumRows: return sumRows(from, to, i(at, 0), i(at, 1), i(at, 2), i(at, 3), i(at, 4));
    case Operation.highwayForward: return highwayForward(from, to, i(at, 0), i(at, 1), i(at, 2), i(at, 3), i(at, 4), i(at, 5), i(at, 6), i(at, 7));
    case Operation.highwayBackward: return highwayBackward(from, to, i(at, 0), i(at, 1), i(at, 2), i(at, 3), i(at, 4), i(at, 5), i(at, 6), i(at, 7), i(at, 8), i(at, 9), i(at, 10), i(at, 11), i(at, 12), i(at, 13), i(at, 14));
    case Operation.dropout: return dropout(from, to, i(at, 0), i(at, 1), i(at, 2), i(at, 3), i(at, 4), i(at, 5), i(at, 6), i(at, 7), i(at, 8), i(at, 9), f(at, 0));
    case Operation.lastRows: return lastRows(from, to, i(at, 0), i(at, 1), i(at, 2), i(at, 3), i(at, 4), i(at, 5), i(at, 6));
    case Operation.lastRowsBackward: return lastRowsBackward(from, to, i(at, 0), i(at, 1), i(at, 2), i(at, 3), i(at, 4), i(at, 5), i(at, 6));

    case Operation.readValues: return readValues(from, to, i(at, 0), i(at, 1), i(at, 2), i(at, 3), i(at, 4));
    case Operation.gather: return gather(from, to, i(at, 0), i(at, 1), i(at, 2), i(at, 3), i(at, 4), i(at, 5), i(at, 6));
    case Operation.scatter: return scatter(from, to, i(at, 0), i(at, 1), i(at, 2), i(at, 3), i(at, 4), i(at, 5));
    case Operation.oneHot: return oneHot(from, to, i(at, 0), i(at, 1), i(at, 2));

    case Operation.combineBiases: return combineBiases(i(at, 0), i(at, 1), i(at, 2), i(at, 3), i(at, 4), i(at, 5), i(at, 6), i(at, 7));
    case Operation.splitBiases: return splitBiases(i(at, 0), i(at, 1), i(at, 2), i(at, 3), i(at, 4), i(at, 5), i(at, 6));

    case Operation.crossEntropy: return crossEntropy(from, to, i(at, 0), i(at, 1), i(at, 2), i(at, 3), i(at, 4), i(at, 5), i(at, 6), i(at, 7));
    case Operation.squaredError: return squaredError(from, to, i(at, 0), i(at, 1), i(at, 2), i(at, 3), i(at, 4), i(at, 5), i(at, 6), i(at, 7), i(at, 8), i(at, 9));
    case Operation.sumLosses: return sumLosses(i(at, 0), i(at, 1), i(at, 2));

    case Operation.sumOfSquares: return sumOfSquares(from, to, i(at, 0));
    case Operation.clippedDot: return clippedDot(from, to, i(at, 0), f(at, 0));
    case Operation.clipValues: return clipValues(from, to, i(at, 0), f(at, 0));
    case Operation.sgd: return sgd(from, to, i(at, 0), i(at, 1), f(at, 0), f(at, 1), f(at, 2));
    case Operation.sgdMomentum: return sgdMomentum(from, to, i(at, 0), i(at, 1), i(at, 2), f(at, 0), f(at, 1), f(at, 2), f(at, 3), i(at, 3));
    case Operation.adam: return adam(from, to, i(at, 0), i(at, 1), i(at, 2), i(at, 3), f(at, 0), f(at, 1), f(at, 2), f(at, 3), f(at, 4), f(at, 5), f(at, 6), f(at, 7), f(at, 8), f(at, 9));
    case Operation.rmsprop: return rmsprop(from, to, i(at, 0), i(at, 1), i(at, 2), i(at, 3), f(at, 0), f(at, 1), f(at, 2), f(at, 3), f(at, 4), f(at, 5), f(at, 6));
    case Operation.adagrad: return adagrad(from, to, i(at, 0), i(at, 1), i(at, 2), f(at, 0), f(at, 1), f(at, 2), f(at, 3));

    case Operation.attentionForward: return attentionForward(i(at, 0), from, to);
    case Operation.attentionBackward: return attentionBackward(i(at, 0), from, to);
    case Operation.attentionAdjoint: return attentionAdjoint(i(at, 0), i(at, 1), from, to, i(at, 2));

    case Operation.cellDerivatives: return cellDerivatives(i(at, 4) + from, i(at, 4) + to, i(at, 0), i(at, 1), i(at, 2), i(at, 3), team, member);
    case Operation.cellSlopes: return cellSlopes(from, to, i(at, 0), i(at, 1), i(at, 2), i(at, 3), i(at, 4), f(at, 0), team, member);
    case Operation.cellJacobian: return cellJacobian(from, to, i(at, 0), i(at, 1), i(at, 2), i(at, 3), i(at, 4), i(at, 5), i(at, 6), i(at, 7));
    case Operation.carryBack: return carryBack(from, to, i(at, 0), i(at, 1), i(at, 2), i(at, 3), i(at, 4), i(at, 5), i(at, 6), i(at, 7), i(at, 8), i(at, 9), i(at, 10));
    case Operation.productOfPanels: return productOfPanels(from, to, i(at, 0), i(at, 1), i(at, 2), i(at, 3), i(at, 4), i(at, 5), i(at, 6));
    case Operation.addScaled: return addScaled(from, to, i(at, 0), i(at, 1), i(at, 2), i(at, 3), i(at, 4), i(at, 5), i(at, 6), i(at, 7), i(at, 8), i(at, 9));
    case Operation.rowNorms: return rowNorms(from, to, i(at, 0), i(at, 1), i(at, 2), i(at, 3), i(at, 4));
    case Operation.clearExponents: return clearExponents(from, to, i(at, 0));
    case Operation.copyExponents: return copyExponents(from, to, i(at, 0), i(at, 1));
  }
}

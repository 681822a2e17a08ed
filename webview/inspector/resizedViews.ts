import type { TraceSummary } from '../../src/shared/inspectorProtocol';
import { sizeOf } from '../../src/shared/tensor';
import type { TensorView } from '../../src/shared/tensorView';

type Shapes = ReadonlyMap<string, readonly number[]>;

/**
 * Views of one trace as those of another, whose text may be longer or shorter: what reached to the end of a tensor does so
 * again. Views that the other trace has nothing for are left out.
 */
export function resizedViews(views: readonly TensorView[], before: TraceSummary['tensors'], now: TraceSummary['tensors']): readonly TensorView[] {
  const [shapesBefore, shapesNow] = [shapesOf(before), shapesOf(now)];
  return views.flatMap((view) => {
    const name = heldName(view.name);
    const [from, to] = [shapesBefore.get(name), shapesNow.get(name)];
    return from && to ? resized(view, sizesOf(from), sizesOf(to)) : [];
  });
}

function shapesOf(tensors: TraceSummary['tensors']): Shapes {
  return new Map(tensors.map(({ name, shape }) => [name, shape]));
}

/** The host makes a cell's partial gradient of that of its hidden state, where there is a cell. */
function heldName(name: string): string {
  return name.endsWith('.grad.c.partial') ? name.slice(0, -'.partial'.length) : name;
}

/** Rows and width of a tensor as views see it. */
function sizesOf([rows = 1, ...rest]: readonly number[]): readonly [rows: number, width: number] {
  return [rows, sizeOf(rest)];
}

function resized(view: TensorView, [rowsBefore, widthBefore]: readonly [number, number], [rows, width]: readonly [number, number]): readonly TensorView[] {
  if (view.of === 'rows') {
    const { first, count } = view;
    // The last loss, which is shown until another is chosen, is often that of the last position but one.
    const moved = first + count < rowsBefore - 1 ? view : first === 0 ? { ...view, count: count + rows - rowsBefore } : { ...view, first: first + rows - rowsBefore };
    return moved.first >= 0 && moved.first + moved.count <= rows ? [moved] : [];
  }
  if (view.of === 'cells') {
    const down = ending(view.first, view.count, rowsBefore, rows);
    const across = ending(view.left, view.width, widthBefore, width);
    return down > 0 && across > 0 ? [{ ...view, count: down, width: across }] : [];
  }
  return [view];
}

/** How many there are from `first` on: to the end where it was so before; 0 where they do not fit any more. */
function ending(first: number, count: number, before: number, now: number): number {
  if (first + count === before) return Math.max(0, now - first);
  return first + count <= now ? count : 0;
}

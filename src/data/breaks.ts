/** Milliseconds of work after which others get their turn. */
const slice = 8;

/**
 * Breaks for long work on the thread that also answers a person: the result is called between stretches
 * far shorter than a slice. It asks `alive`, which throws to abandon the work, and from time to time lets timers and messages in.
 */
export function breaks(alive?: () => void): () => Promise<void> | undefined {
  let sliceEnd = performance.now() + slice;
  return () => {
    if (performance.now() < sliceEnd) return undefined;
    alive?.();
    return new Promise((resolve) =>
      setTimeout(() => {
        sliceEnd = performance.now() + slice;
        resolve();
      }),
    );
  };
}

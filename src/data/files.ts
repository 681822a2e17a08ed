/**
 * Data files as this row sees them: streams of bytes, opened anew for each pass, so that
 * a file of any size is never held whole. The caller brings them from Node, VS Code or a browser.
 */
export interface DataFiles {
  /**
   * The bytes of the file at `path` (as written in the spec), in pieces of any size.
   * A missing or unreadable file throws a DataError, at the call or while it is read.
   */
  open(path: string): AsyncIterable<Uint8Array>;
  /** Files in and below the spec's folder, as paths that a spec would give: what a missing one may have been meant to be. */
  neighbours?(): Promise<readonly string[]>;
}

/** What can be wrong with data. Stable: they are the `code` of a Problem. */
export type DataErrorCode =
  | 'data-missing'
  | 'data-unreadable'
  | 'data-empty'
  | 'data-binary'
  | 'data-encoding'
  | 'data-vocabulary'
  | 'data-unknown-token'
  | 'data-too-short'
  | 'data-batch-too-big'
  | 'data-changed'
  | 'data-format'
  | 'data-column'
  | 'data-value'
  | 'data-too-long'
  | 'data-task';

/** Data that cannot be used; the message says what is wrong, where, and what to do. */
export class DataError extends Error {
  override readonly name = 'DataError';
  constructor(
    readonly code: DataErrorCode,
    message: string,
    /** The file it is about, as written in the spec. */
    readonly path?: string,
    /** A column that the spec names and the file lacks, and the one that was probably meant. */
    readonly column?: { readonly name: string; readonly meant?: string },
  ) {
    super(message);
  }
}

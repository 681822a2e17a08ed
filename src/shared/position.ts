/** A stretch of a text, in UTF-16 code units from its beginning; `end` is exclusive. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** Something wrong (or doubtful) with a spec or its data, told to a person. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  /** What is wrong, where, and what to do; one sentence or two. */
  readonly message: string;
  /** Stable kebab-case identifier, e.g. `unknown-key`, `connection-size`, `data-missing`. */
  readonly code: string;
  /** Where in the spec's text. */
  readonly range: TextRange;
  /** A replacement of `range` that would mend it, when there is an obvious one. */
  readonly suggestion?: { readonly title: string; readonly text: string };
}

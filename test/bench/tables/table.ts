import type { Torch } from '../measure/machine';
import type { Effort } from '../measure/interleave';
import type { Report } from '../measure/report';

/** What a table measures with. */
export interface Settings {
  readonly effort: Effort;
  /** Undefined: there is none, or it is not wanted. */
  readonly torch: Torch | undefined;
  /** `few`: the developer's choice, small shapes only. */
  readonly shapes: 'all' | 'few';
}

/** One table of the benches. */
export interface Table {
  /** What it is called on the command line. */
  readonly name: string;
  run(settings: Settings): Promise<readonly Report[]>;
}

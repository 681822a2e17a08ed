import type { RunInfo } from '../shared/run';

/** The part of the runs that lenses need. */
export interface RunsSource {
  /** Runs of this spec, newest first. */
  list(specPath: string): Promise<readonly RunInfo[]>;
  /** Returns a function that stops listening. */
  onDidChange(listener: (change: { readonly info: RunInfo }) => void): () => void;
}

/** Runs of the specs that are shown, kept up to date from one reading of their folders and the changes since. */
export class RunsOfSpecs {
  private readonly runs = new Map<string, readonly RunInfo[]>();
  private readonly stop: () => void;

  /** `changed` is called with the path of a spec whose runs are no longer as `of` last told. */
  constructor(
    private readonly source: RunsSource,
    private readonly changed: (specPath: string) => void,
  ) {
    this.stop = source.onDidChange(({ info }) => {
      const known = this.runs.get(info.specPath) ?? [];
      const rest = known.filter(({ folder }) => folder !== info.folder);
      this.runs.set(info.specPath, [info, ...rest].sort((a, b) => b.startedAt - a.startedAt));
      changed(info.specPath);
    });
  }

  /** What is known at once; newest first. */
  of(specPath: string): readonly RunInfo[] {
    return this.runs.get(specPath) ?? [];
  }

  /** Reads the run folders of a spec anew; a run that moved on while they were read keeps what it told. */
  async refresh(specPath: string): Promise<void> {
    const before = new Map(this.of(specPath).map((run) => [run.folder, run]));
    const read = await this.source.list(specPath);
    const after = new Map(this.of(specPath).map((run) => [run.folder, run]));
    const current = read.map((run) => (after.get(run.folder) === before.get(run.folder) ? run : (after.get(run.folder) ?? run)));
    const started = [...after.values()].filter((run) => !before.has(run.folder) && !read.some(({ folder }) => folder === run.folder));
    this.runs.set(specPath, [...started, ...current]);
    this.changed(specPath);
  }

  dispose(): void {
    this.stop();
  }
}

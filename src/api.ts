import type { CancellationToken, Event, Uri } from 'vscode';
import type { CheckpointChoice } from './runs/api';
import type { RunInfo, SampleChoice, SampleTrace } from './shared/run';

/** How `UnrollApi.train` trains; what is absent comes from the spec. */
export interface ApiTrainOptions {
  /** Updates in all, in place of the spec's `steps` or `epochs`. */
  readonly steps?: number;
  readonly seed?: number;
  readonly threads?: number;
  /** Cancelling stops the training, with a checkpoint from which it can go on. */
  readonly cancellation?: CancellationToken;
}

/** What `UnrollApi.trace` traces. */
export interface ApiTraceOptions {
  /** Folder of the run whose weights are used; default: the newest run of the spec. */
  readonly run?: string;
  /** Default `latest`, the newest stored weights. */
  readonly checkpoint?: CheckpointChoice;
  /** Default: the spec's `inspect.text` where the model reads tokens, else the first held-out sample. */
  readonly sample?: SampleChoice;
  readonly cancellation?: CancellationToken;
}

/**
 * What `activate()` returns: the extension for tests and for other extensions.
 *
 *     const unroll = vscode.extensions.getExtension<UnrollApi>('unroll.unroll-rnn');
 *     const run = await (await unroll.activate()).train(uri, { steps: 200 });
 */
export interface UnrollApi {
  /**
   * Trains the spec in this file and settles when the run has ended; its `state` and `reason` say how.
   * Rejects, with a message for a person, when nothing could be started.
   */
  train(uri: Uri, options?: ApiTrainOptions): Promise<RunInfo>;
  /** Every gate, state and gradient of a sample (contract names, one sequence). Rejects when there is no run to take weights from. */
  trace(uri: Uri, options?: ApiTraceOptions): Promise<SampleTrace>;
  /** Fires when a run starts, moves on (about ten times a second at most) or ends. */
  readonly onDidChangeRuns: Event<RunInfo>;
}

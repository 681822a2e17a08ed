import type { RunsApi } from '../runs/api';
import { savedSpec } from '../runs/savedModel';
import { triedEdits } from '../runs/triedEdits';
import type { Diagnosis, DiagnosisProgress, Fix } from '../shared/diagnosis';
import type { DiagnosisView, HostService, InspectorTarget, ViewService } from '../shared/inspectorProtocol';
import { connect, type Remote, type Transport } from '../shared/rpc';
import { CurveFollower } from './curveFollower';
import { sendableMetrics } from '../shared/wireMetrics';
import { parseSpec } from '../spec/parse';
import type { Spec } from '../spec/schema';
import { HeldTraces, inspectorState, sendableRun } from './inspectorModel';
import { isOf, StandingDiagnoses } from './standingDiagnoses';

/** The part of the runs that the Inspector draws from. */
export type InspectorRuns = Pick<RunsApi, 'list' | 'metrics' | 'trace' | 'gradients' | 'orderDifference' | 'weights' | 'diagnose' | 'stop' | 'onDidChange'>;

/** What the Inspector asks of the workbench around it. */
export interface InspectorWorkbench {
  /** The spec's text as it stands (an unsaved editor's first); undefined when there is none. */
  readSpec(specPath: string): Promise<string | undefined>;
  train(specPath: string): Promise<void>;
  openSpec(specPath: string): Promise<void>;
  showLog(): Promise<void>;
  previewFix(specPath: string, fix: Fix): Promise<void>;
  tryFix(specPath: string, run: string | undefined, fix: Fix): Promise<void>;
}

/** Serves one page; lives as long as its panel. */
export class InspectorSession {
  private held = 0;
  private readonly traces = new HeldTraces(3, () => ++this.held);
  /** Traces without flow, which are shown until the whole ones have come. */
  private readonly sketches = new HeldTraces(2, () => ++this.held);
  /** Of two panes, of all losses and of the pinned one, and of the traces before them: all are small. */
  private readonly gradients = new HeldTraces(8, () => ++this.held);
  /** The newest weights alone: they are large, and one figure shows them. */
  private readonly weights = new HeldTraces(1, () => ++this.held);
  private readonly view: Remote<ViewService>;
  private readonly stopListening: () => void;
  /** How many targets the panel was turned to, and the last that a page has heard of. */
  private requests = 0;
  private heard = 0;
  private readonly curves: CurveFollower;

  constructor(
    private target: InspectorTarget,
    private readonly runs: InspectorRuns,
    private readonly workbench: InspectorWorkbench,
    transport: Transport,
    private readonly diagnoses = new StandingDiagnoses(),
  ) {
    this.curves = new CurveFollower(runs);
    this.view = connect<ViewService>(transport, this.service());
    this.stopListening = runs.onDidChange(({ info }) => {
      if (info.specPath !== this.target.specPath) return;
      this.view.notify('changed', { run: sendableRun(info) });
    });
  }

  /** Shows another spec, run or checkpoint in the same panel. A hidden page misses the message and asks when it is shown. */
  show(target: InspectorTarget): void {
    this.target = target;
    this.requests++;
    this.refresh();
  }

  /** The page is visible again, or the spec's text changed: what it missed it asks for. */
  refresh(): void {
    this.view.notify('changed', {});
  }

  dispose(): void {
    this.stopListening();
    this.curves.dispose();
    this.view.close('The Inspector was closed.');
    this.traces.clear();
    this.sketches.clear();
    this.gradients.clear();
    this.weights.clear();
  }

  /** The spec that a run was trained with, or that of the editor. */
  private async specOf(run: string | undefined): Promise<Spec | undefined> {
    if (run === undefined) return parseSpec((await this.workbench.readSpec(this.target.specPath)) ?? '').spec;
    return savedSpec(run).then(({ spec }) => spec, () => undefined);
  }

  private async diagnosisView(diagnosis: Diagnosis, run: string | undefined): Promise<DiagnosisView> {
    return { diagnosis, tried: run === undefined ? [] : await triedEdits(run) };
  }

  private service(): HostService {
    return {
      state: async () => {
        const { target, requests: request } = this;
        const { specPath } = target;
        const [text, runs] = await Promise.all([this.workbench.readSpec(specPath), this.runs.list(specPath)]);
        return { ...inspectorState(specPath, text, runs), ...(this.heard < request ? { asked: { target, request } } : {}) };
      },
      metrics: async ({ run, from }) => sendableMetrics(await this.curves.of(run), from),
      openTrace: async (request, signal) => (request.flow === 'without-flow' ? this.sketches : this.traces).hold(await this.runs.trace({ ...request, signal })),
      openGradients: async (request, signal) => this.gradients.hold(await this.runs.gradients({ ...request, signal })),
      orderDifference: (request, signal) => this.runs.orderDifference({ ...request, signal }),
      openWeights: async (request, signal) => this.weights.hold(await this.runs.weights({ ...request, signal })),
      views: async ({ trace, views }) => views.map((view) => ([this.weights, this.gradients, this.sketches].find((held) => held.has(trace)) ?? this.traces).view(trace, view)),
      diagnose: async ({ run, checkpoint }, signal) => {
        const onProgress = (progress: DiagnosisProgress): void => this.view.notify('diagnosing', progress);
        const { specPath } = this.target;
        const diagnosis = await this.runs.diagnose({ specPath, run, checkpoint, onProgress, signal });
        this.diagnoses.keep(specPath, { diagnosis, run, checkpoint, spec: await this.specOf(run) });
        return this.diagnosisView(diagnosis, run);
      },
      diagnosed: async (asked) => {
        const standing = this.diagnoses.of(this.target.specPath);
        return standing && isOf(standing, asked) ? this.diagnosisView(standing.diagnosis, standing.run) : null;
      },
      previewFix: (fix) => this.workbench.previewFix(this.target.specPath, fix),
      tryFix: async ({ run, fix }) => {
        await this.workbench.tryFix(this.target.specPath, run, fix);
        return run === undefined ? [] : triedEdits(run);
      },
      train: () => this.workbench.train(this.target.specPath),
      stop: async ({ run }) => void (await this.runs.stop(run)),
      openSpec: () => this.workbench.openSpec(this.target.specPath),
      showLog: () => this.workbench.showLog(),
      heard: ({ request }) => void (this.heard = Math.max(this.heard, request)),
    };
  }
}

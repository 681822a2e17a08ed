import { connect, Transferred, type Remote, type Service, type Transport } from '../shared/rpc';
import type { Tensors } from '../shared/tensor';
import type { RecurrentSpectrum } from '../shared/weights';
import type { Checkpointed } from '../engine/engine';
import type * as Analyses from './analyses';
import { aliveUntil, isRaised } from './cancel';
import { coded, ServiceError } from './failures';
import { HeldTraining } from './heldTraining';
import type { StoredInspection } from './inspection';
import { LiveSpectra } from './liveSpectra';
import type { CancelFlag, EngineService, GenerateTextRequest, HostService } from './service';
import { Turns } from './turns';
import type { EngineWorld } from './world';
import type { Writing } from './writing';

/** Milliseconds of generation between two turns. */
const slice = 8;

/** Serves `EngineService` over a transport, on any platform. */
export function serveEngine(transport: Transport, world: EngineWorld): void {
  const log = (text: string): void => host.notify('log', { text });
  const service = createEngineService({ ...world, createEngine: (architecture, options) => world.createEngine(architecture, { ...options, log }) }, () => host);
  const host: Remote<HostService> = connect<HostService>(transport, service satisfies Service);
}

/** The service itself. Trainings take fair turns; short requests are answered between two slices. */
export function createEngineService(world: EngineWorld, host: () => Remote<HostService>): EngineService {
  const trainings = new Map<string, HeldTraining>();
  const turns = new Turns(() => world.pause());
  const liveSpectra = new LiveSpectra(() => world.now());
  let stored: StoredInspection | undefined;

  const held = (run: string): HeldTraining => {
    const training = trainings.get(run);
    if (!training) throw new ServiceError('This training has ended.', 'run-missing');
    return training;
  };

  const inspecting = async (): Promise<{ readonly stored: StoredInspection } & Pick<typeof Analyses, 'gradientsLive' | 'liveModel' | 'traceLive'>> => {
    const { StoredInspection, ...live } = await import('./analyses');
    return { ...live, stored: (stored ??= new StoredInspection(world)) };
  };

  return {
    prepare: coded(async (request, signal) => {
      const training = await HeldTraining.prepare(request, world, signal);
      trainings.set(request.run, training);
      return training.prepared;
    }),

    train: coded(async ({ run }) => held(run).train(turns, host())),

    stop({ run }) {
      trainings.get(run)?.stop();
    },

    release({ run }) {
      trainings.get(run)?.release();
      trainings.delete(run);
      liveSpectra.forget(run);
    },

    trace: coded(async ({ weights, sample, flow, cancel }, signal) => {
      const request = { choice: sample, flow, alive: wanted(cancel, signal), now: () => world.now() };
      const inspection = await inspecting();
      const trace = weights.kind === 'stored' ? await inspection.stored.trace(weights, request) : inspection.traceLive(held(weights.run), request);
      return new Transferred(trace, buffersOf(trace.tensors));
    }),

    gradients: coded(async ({ weights, sample, loss, cancel }, signal) => {
      const request = { choice: sample, alive: wanted(cancel, signal), now: () => world.now() };
      const inspection = await inspecting();
      const gradients = weights.kind === 'stored' ? await inspection.stored.gradients(weights, request, loss) : inspection.gradientsLive(held(weights.run), request, loss);
      return new Transferred(gradients, buffersOf(gradients.tensors));
    }),

    orderDifference: coded(async ({ weights, sample, cancel }, signal) => {
      const request = { choice: sample, alive: wanted(cancel, signal), now: () => world.now() };
      const { stored, liveModel } = await inspecting();
      return stored.orderDifference(weights.kind === 'stored' ? await stored.modelOf(weights, request) : liveModel(held(weights.run)), request);
    }),

    weights: coded(async ({ weights, cancel }, signal) => {
      const { storedModel, liveModel, recurrentSpectra } = await import('./analyses');
      const { step, architecture, parameters } = weights.kind === 'live' ? liveModel(held(weights.run)) : { step: weights.step, ...storedModel(weights) };
      const alive = wanted(cancel, signal);
      const find = (): Promise<readonly RecurrentSpectrum[]> => recurrentSpectra(architecture, parameters, () => turns.next().then(alive));
      const { spectra, step: spectraStep } = weights.kind === 'live' ? await liveSpectra.of(weights.run, step, find) : { spectra: await find(), step };
      return new Transferred({ step, tensors: parameters, spectra, ...(spectraStep === step ? {} : { spectraStep }) }, buffersOf(parameters));
    }),

    diagnose: coded(async (request, signal) => {
      const alive = wanted(request.cancel, signal);
      const { diagnoseWeights } = await import('./analyses');
      return diagnoseWeights(request, { world, held, alive, onProgress: (progress) => host().notify('diagnosing', { id: request.id, progress }), turn: () => turns.next() });
    }),

    check: coded(async (request, signal) => {
      const alive = wanted(request.cancel, signal);
      const { checkSpec } = await import('./analyses');
      return checkSpec(request, { world, alive, onProgress: (done) => host().notify('checking', { id: request.id, done }), turn: () => turns.next() });
    }),

    generate: coded(async (request, signal) => {
      const { weights } = request;
      const { storedModel, liveModel, wordsToWrite, writerOf } = await import('./analyses');
      const { task, stored, ...model } = weights.kind === 'live' ? liveModel(held(weights.run)) : storedModel(weights);
      const words = wordsToWrite(task, stored);
      // An engine of its own: the weights of a training change while the text is written.
      const engine = await world.createEngine(model.architecture, {});
      try {
        engine.setParameters(model.parameters);
        return await write(writerOf(engine, words, request), request, signal);
      } finally {
        engine.dispose();
      }
    }),
  };

  /** Throws once the caller has given up, by its signal or in the middle of a step by its flag. */
  function wanted(cancel: CancelFlag | undefined, signal: AbortSignal): Checkpointed {
    const raised = isRaised(cancel);
    return aliveUntil(() => signal.aborted || raised(), () => world.heartbeat());
  }

  async function write({ tokens: pieces, stream }: Writing, { id, cancel }: GenerateTextRequest, signal: AbortSignal): Promise<string> {
    const alive = wanted(cancel, signal);
    let text = '';
    let piece = '';
    let sliceEnd = world.now() + slice;
    for (const tokens of pieces) {
      alive();
      for (const token of tokens) piece += stream.push(token);
      if (world.now() < sliceEnd) continue;
      text += piece;
      host().notify('text', { id, piece });
      piece = '';
      await turns.next();
      sliceEnd = world.now() + slice;
    }
    piece += stream.end();
    if (piece !== '') host().notify('text', { id, piece });
    return text + piece;
  }
}

function buffersOf(tensors: Tensors): ArrayBuffer[] {
  return [...new Set([...tensors.values()].map(({ data }) => data.buffer))].filter((buffer): buffer is ArrayBuffer => buffer instanceof ArrayBuffer);
}


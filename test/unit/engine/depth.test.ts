import { describe, expect, it } from 'vitest';
import { syntheticData } from '../../../src/data/synthetic/index';
import { initialParameters } from '../../../src/engine/initialise';
import { createWasmEngine } from '../../../src/engine/wasm/wasmEngine';
import { architectureOf } from '../../../src/spec/architecture';
import type { ConnectionKind } from '../../../src/spec/schema';
import { layer } from './support';

const [steps, units] = [250, 16];
const data = syntheticData({ kind: 'synthetic', problem: 'recall', length: 12, lag: 2 });
const rule = { optimizer: { kind: 'adam', learningRate: 0.005 }, clip: { kind: 'norm', threshold: 1 } } as const;

/** The mean loss of the last 20 updates of an 8-layer LSTM: seven layers with this connection over one that widens to their size. */
function trained(connection: ConnectionKind, seed: number): number {
  const above = layer('lstm', connection === 'dense' ? 8 : units, { connection, repeat: 7 });
  const engine = createWasmEngine(architectureOf({ model: { embedding: 8, layers: [layer('lstm', units), above] } } as Parameters<typeof architectureOf>[0], data.sizes));
  engine.setParameters(initialParameters(engine.architecture, seed));
  const batches = data.trainingBatches({ batch: 16, window: 12, seed, stateful: false });
  const losses = Array.from({ length: steps }, (_, step) => engine.step(batches.at(step).batch, rule).loss);
  engine.dispose();
  return losses.slice(-20).reduce((sum, loss) => sum + loss, 0) / 20;
}

describe('an LSTM of eight layers', () => {
  const chance = Math.log(8);
  const plain = trained('none', 1);

  it.each(['residual', 'dense', 'highway'] as const)('learns with %s connections what it does not learn without, from the same seed in the same updates', (connection) => {
    const loss = trained(connection, 1);
    expect(loss).toBeLessThan(0.1 * chance);
    expect(plain).toBeGreaterThan(0.8 * chance);
  });
});

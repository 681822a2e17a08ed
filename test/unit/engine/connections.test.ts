import { describe, expect, it } from 'vitest';
import { initialParameters } from '../../../src/engine/initialise';
import type { Batch } from '../../../src/engine/engine';
import type { Tensors } from '../../../src/shared/tensor';
import type { LayerSpec } from '../../../src/spec/schema';
import { engines } from '../../engines';
import answers from './answers/connections.json'; // made by connections.py beside it
import { architecture, largestError, layer, numbersOf, randomBatch, started } from './support';

const ways = (l: number) => ['identity', 'transform'].map((way) => `layer${l}.connection.grad.${way}`);

describe.each(engines)('the ways around and through a layer, $name engine', (engineKind) => {
  const tolerance = engineKind.name === 'reference' ? 1e-12 : 1e-5;

  it('bring as much of the gradient as autograd finds on them', async () => {
    const layers = answers.layers.map(({ cell, units, directions, connection }) => layer(cell as LayerSpec['cell'], units, { bidirectional: directions === 2, connection: connection as LayerSpec['connection'] }));
    const { features, outputs, steps, sequences } = answers;
    const engine = await engineKind.create(architecture(layers, { features, outputs }));
    engine.setParameters(new Map(Object.entries(answers.parameters).map(([name, { shape, data }]) => [name, { dtype: 'F64', shape, data: Float64Array.from(data) }])));
    const batch: Batch = { steps, sequences, inputs: Float64Array.from(answers.inputs), targets: Float64Array.from(answers.targets) };
    const trace = engine.trace(batch, { flow: 'without-flow' });
    expect(Number(trace.get('loss')!.data[0])).toBeCloseTo(answers.loss, 6);
    const expected: Tensors = new Map(Object.entries(answers.norms).map(([name, data]) => [name, { dtype: 'F64', shape: [steps, sequences], data: Float64Array.from(data) }]));
    for (const [name, { shape }] of expected) expect(trace.get(name)!.shape).toEqual(shape);
    expect(largestError(trace, expected).error, largestError(trace, expected).name).toBeLessThan(tolerance);
    engine.dispose();
  });

  it('are told of layers with a connection only', async () => {
    const network = architecture([layer('gru', 4), layer('gru', 4, { connection: 'residual' }), layer('lstm', 3)]);
    const engine = await started(engineKind, network);
    const names = [...engine.trace(randomBatch(network, 3, 2, 1), { flow: 'without-flow' }).keys()];
    expect(names.filter((name) => name.includes('.connection.'))).toEqual(ways(1));
    engine.dispose();
  });

  it('are told of one-hot inputs too', async () => {
    const network = architecture([layer('gru', 11, { connection: 'residual' })]);
    const engine = await started(engineKind, network);
    const trace = engine.trace(randomBatch(network, 3, 2, 1), { flow: 'without-flow' });
    for (const way of ways(0)) numbersOf(trace.get(way)!).forEach((norm) => expect(norm).toBeGreaterThan(0));
    engine.dispose();
  });

  it('become the identity alone where a closed gate lets nothing through', async () => {
    const network = architecture([layer('lstm', 4), layer('lstm', 4, { connection: 'highway' })]);
    const parameters = initialParameters(network, 1);
    (parameters.get('connections.1.bias')!.data as Float64Array).fill(-30);
    const engine = await engineKind.create(network);
    engine.setParameters(parameters);
    const trace = engine.trace(randomBatch(network, 4, 2, 1), { flow: 'without-flow' });
    const [identity, transform] = ways(1).map((way) => numbersOf(trace.get(way)!));
    identity!.forEach((norm, i) => expect(transform![i]! / norm).toBeLessThan(1e-6));
    engine.dispose();
  });
});

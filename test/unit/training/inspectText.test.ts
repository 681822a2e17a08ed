import { describe, expect, it } from 'vitest';
import { softmax } from '../../../src/training/sampling';
import { traceText } from '../../../src/training/inspectText';
import { engines } from '../../engines';
import { smallEngine, smallSpec } from './support';

const vocabulary = { kind: 'char', tokens: ['a', 'b', 'c', 'd', 'e'] } as const;

describe.each(engines)('a text traced with the $name engine', ({ create }) => {
  const look = async (text: string) => traceText({ engine: await smallEngine(smallSpec(), create), vocabulary, text, step: 12, now: () => performance.now() });

  it('shows what the model reads and should predict at each position', async () => {
    const { tokens, targets, step, layers } = await look('abcde');
    expect(tokens).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(targets).toEqual(['b', 'c', 'd', 'e']);
    expect(step).toBe(12);
    expect(layers).toMatchObject([{ cell: 'lstm', units: 6, directions: ['forward'], connection: 'none' }, { cell: 'gru', units: 5 }]);
  });

  it('holds gates, states, gradients and flow of one sequence, but no gradients of parameters', async () => {
    const { tensors } = await look('abcde');
    expect(tensors.get('layer0.forward.gate.forget')?.shape).toEqual([5, 1, 6]);
    expect(tensors.get('layer1.forward.grad.h.partial')?.shape).toEqual([5, 1, 5]);
    expect(tensors.get('layer1.forward.flow')?.shape).toEqual([5, 5]);
    expect([...tensors.keys()].filter((name) => name.startsWith('grad.param.'))).toEqual([]);
  });

  it('lets no loss come from the last position, which has no target', async () => {
    const { tensors } = await look('abcde');
    const flow = tensors.get('layer0.forward.flow')!.data;
    expect(Array.from(flow.slice(20, 25), Number)).toEqual([0, 0, 0, 0, 0]);
    expect(Number(flow[15])).toBeGreaterThan(0);
    expect(Number(tensors.get('loss.position')!.data[4])).toBe(0);
  });

  it('predicts with the probabilities of the logits', async () => {
    const { predictions, tensors } = await look('abcde');
    const probabilities = softmax(Float64Array.from(tensors.get('output.logits')!.data, Number).subarray(0, 5));
    const best = [...probabilities].sort((a, b) => b - a).slice(0, 3);
    expect(predictions[0]!.map(({ probability }) => probability)).toEqual(best);
    expect(predictions).toHaveLength(5);
  });

  it('refuses texts that are too short, too long, or of other characters', async () => {
    await expect(look('a')).rejects.toThrow('at least two tokens');
    await expect(look('ab'.repeat(600))).rejects.toThrow('1200 tokens; the Inspector shows at most 1024');
    await expect(look('abz')).rejects.toThrow('"z"');
  });
});

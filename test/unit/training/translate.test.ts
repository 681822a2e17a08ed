import { describe, expect, it } from 'vitest';
import { loadData } from '../../../src/data/load';
import type { TaskData } from '../../../src/data/task';
import { encode } from '../../../src/data/vocabulary';
import type { Engine } from '../../../src/engine/engine';
import { initialParameters } from '../../../src/engine/initialise';
import { Random } from '../../../src/shared/random';
import { architectureOf } from '../../../src/spec/architecture';
import { specSchema } from '../../../src/spec/schema';
import { TrainingSession } from '../../../src/training/trainingSession';
import { editDistance, translate, translateGreedily, translateText } from '../../../src/training/translate';
import { engines } from '../../engines';
import { memoryFiles } from '../data/files';
import { bits } from './support';

/** Words of the letters a to e, each of which has a sound of its own. */
const letters = 'abcde';
const random = Random.fromSeed(2);
const words = Array.from({ length: 600 }, () => Array.from({ length: 1 + random.below(4) }, () => letters[random.below(5)]).join(''));
const sounds = (word: string) => Array.from(word, (letter) => `${letter.toUpperCase()}H`).join(' ');
const files = memoryFiles({ 'p.tsv': `word\tsounds\n${words.map((word) => `${word}\t${sounds(word)}`).join('\n')}\n` });

const spec = specSchema.parse({
  version: 1,
  name: 'sounds',
  task: { kind: 'translation', data: 'p.tsv', source: 'word', target: 'sounds', tokens: { source: 'char', target: 'spaced' } },
  model: { embedding: 8, encoder: { layers: [{ cell: 'gru', units: 12, bidirectional: true }] }, decoder: { layers: [{ cell: 'lstm', units: 24 }], attention: 'dot' } },
  training: { batch: 16, steps: 500, optimizer: { kind: 'adam', learningRate: 0.02 }, clip: { kind: 'norm', threshold: 1 } },
});

async function begun({ create }: (typeof engines)[number]): Promise<{ data: TaskData; engine: Engine; session: TrainingSession }> {
  const data = await loadData(spec.task, files);
  const engine = await create(architectureOf(spec, data.sizes));
  engine.setParameters(initialParameters(engine.architecture, spec.training.seed));
  return { data, engine, session: new TrainingSession({ training: spec.training, data, engine }) };
}

const last = <T>(generator: Generator<unknown, T>): T => {
  let next = generator.next();
  while (next.done !== true) next = generator.next();
  return next.value;
};

describe.each(engines.filter(({ name }) => name === 'wasm'))('translation with the $name engine', (implementation) => {
  it('is learnt, and right for words that were never read', async () => {
    const { data, engine, session } = await begun(implementation);
    while (!session.finished) session.step();
    expect(last(session.evaluate())).toBeLessThan(0.1);
    const vocabularies = data.translation!;
    for (const word of ['ace', 'dab', 'ebbe']) {
      for (const width of [1, 3]) expect(translateText(engine, word, vocabularies, { width, length: 10, alpha: 0.6 })).toBe(sounds(word));
    }
    const together = translateGreedily(engine, ['ace', 'b', 'dab'].map((word) => encode(word, vocabularies.source)), vocabularies, 10);
    expect(together.map((tokens) => tokens.map((token) => vocabularies.target.tokens[token]).join(' '))).toEqual(['ace', 'b', 'dab'].map(sounds));
  });

  it('finds with a beam what is at least as probable as the greedy translation, and the same with a beam of one', async () => {
    const { data, engine, session } = await begun(implementation);
    for (let step = 0; step < 15; step++) session.step();
    const vocabularies = data.translation!;
    for (const word of ['abcd', 'eda', 'b', 'ccab']) {
      const source = encode(word, vocabularies.source);
      const found = (width: number) => last(translate(engine, source, vocabularies, { width, length: 12, alpha: 0 }))[0]!;
      expect(found(1).tokens).toEqual(translateGreedily(engine, [source], vocabularies, 12)[0]);
      expect(found(12).logProbability).toBeGreaterThanOrEqual(found(1).logProbability - 1e-6);
    }
  });

  it('goes on from a checkpoint bit for bit', async () => {
    const [whole, first] = [await begun(implementation), await begun(implementation)];
    for (let step = 0; step < 12; step++) whole.session.step();
    for (let step = 0; step < 5; step++) first.session.step();
    const { engine, data } = await begun(implementation);
    const resumed = new TrainingSession({ training: spec.training, data, engine, resume: first.session.checkpoint() });
    for (let step = 5; step < 12; step++) resumed.step();
    expect(bits(resumed.checkpoint())).toEqual(bits(whole.session.checkpoint()));
  });

  it('says which letters it does not know', async () => {
    const { data, engine } = await begun(implementation);
    expect(() => translateText(engine, 'abz', data.translation!, { width: 1, length: 5, alpha: 0 })).toThrow('"z"');
  });
});

describe('the edit distance', () => {
  it('counts insertions, deletions and replacements', () => {
    expect(editDistance([1, 2, 3], [1, 2, 3])).toBe(0);
    expect(editDistance([1, 2, 3], [2, 3, 4])).toBe(2);
    expect(editDistance([], [5, 6])).toBe(2);
    expect(editDistance([...'kitten'].map((letter) => letter.charCodeAt(0)), [...'sitting'].map((letter) => letter.charCodeAt(0)))).toBe(3);
  });
});

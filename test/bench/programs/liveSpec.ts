/** A training that goes on until it is stopped: what the costs of watching are measured on. */
export function liveSpec(data: string, threads: number): object {
  return {
    version: 1,
    name: 'bench',
    task: { kind: 'language-model', data, tokens: 'char' },
    model: { layers: [{ cell: 'lstm', units: 128 }] },
    training: { optimizer: { kind: 'adam', learningRate: 0.002 }, clip: { kind: 'norm', threshold: 5 }, batch: 50, window: 50, steps: 1_000_000, evaluateEvery: 1_000_000, threads },
    inspect: { text: watchedText },
  };
}

/** What live figures show. */
export const watchedText = 'Call me Ishmael. Some years ago, never mind how long precisely';

/** A recurrent layer as a spec gives it, defaults filled in. */
export interface InitialLayer {
  readonly cell: 'rnn' | 'lstm' | 'gru';
  /** H, of one direction. */
  readonly units: number;
  readonly activation: 'tanh' | 'relu';
  readonly resetAfter: boolean;
  readonly bidirectional: boolean;
  readonly connection: 'none' | 'residual' | 'dense' | 'highway';
  readonly dropout: number;
  readonly forgetBias: number;
  readonly gateBias?: { readonly input?: number; readonly output?: number; readonly reset?: number; readonly update?: number };
  readonly init: 'uniform' | 'xavier' | 'orthogonal' | 'identity';
  /** The same layer this many times. */
  readonly repeat: number;
}

/** A stack of recurrent layers before any training. */
export interface InitialNetwork {
  /** What enters it: values from N(0, 1), or tokens, each as likely as the others; `embedding` 0 is one-hot. */
  readonly input: { readonly kind: 'tokens'; readonly vocabulary: number; readonly embedding: number } | { readonly kind: 'values'; readonly features: number };
  readonly layers: readonly InitialLayer[];
  /** Start of the weights' random numbers, as `training.seed`. */
  readonly seed: number;
}

/** A stack and where it stands in the spec: `model.layers`, or those of a translation model's encoder and decoder. */
export interface InitialStack {
  readonly path: readonly (string | number)[];
  readonly network: InitialNetwork;
}

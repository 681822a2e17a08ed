import type { LayerSpec, Spec } from './schema';
import type { SpecPath } from './schemaAt';

/** A list of layers and where it stands. */
export interface LayerStack {
  readonly path: SpecPath;
  readonly layers: readonly LayerSpec[];
}

/** The layers of the model, or of its encoder and decoder. */
export function layerStacks({ model }: Spec): readonly LayerStack[] {
  return [
    { path: ['model', 'layers'], layers: model.layers ?? [] },
    { path: ['model', 'encoder', 'layers'], layers: model.encoder?.layers ?? [] },
    { path: ['model', 'decoder', 'layers'], layers: model.decoder?.layers ?? [] },
  ];
}

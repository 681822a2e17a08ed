import type { InputShape, LayerShape } from './architecture';

/**
 * What a translation model has besides a plain network, and how its two stacks work together
 * (Sutskever et al. 2014, Luong et al. 2015):
 *
 * 1. The encoder reads the source. Its layers end, each sequence at its own end, in the states h (and c).
 * 2. Hand-over: decoder layer l starts from the last state of encoder layer l; when the encoder is the deeper
 *    one, from that of layer l + (depth of the encoder − depth of the decoder), so that its top is never idle.
 *    Of a bidirectional encoder layer both directions' last states stand side by side. The sizes must be the
 *    same, otherwise (and in decoder layers above the encoder's depth) the state starts at zeros; so does c
 *    where the encoder's layer is no LSTM.
 * 3. The decoder reads the start token and the target before each position (teacher forcing).
 * 4. With dot attention, hₜ, the decoder's top output, is compared with each of the encoder's top outputs eₛ:
 *    a = softmax over the source's real steps of hₜ·eₛ, and the output layer reads [hₜ, Σ aₛ eₛ]. Otherwise hₜ.
 *
 * Gradients flow back through 4, 3, 2 and 1. A padded position has no loss, no weight and no gradient.
 */
export interface EncoderShape {
  readonly input: InputShape;
  readonly layers: readonly LayerShape[];
  readonly attention: 'none' | 'dot';
  /** Of each decoder layer: the encoder layer from whose last state it starts; undefined: zeros. */
  readonly handOver: readonly (number | undefined)[];
}

type Sized = Pick<LayerShape, 'units' | 'cellSize'>;

/** The encoder layer that stands beside decoder layer `layer`, whether it fits or not. */
export function layerBeside(layer: number, encoderDepth: number, decoderDepth: number): number | undefined {
  const beside = layer + Math.max(0, encoderDepth - decoderDepth);
  return beside < encoderDepth ? beside : undefined;
}

/** From which encoder layer's last state each decoder layer starts. */
export function handOverOf(encoder: readonly Sized[], decoder: readonly Sized[]): (number | undefined)[] {
  return decoder.map(({ units }, layer) => {
    const beside = layerBeside(layer, encoder.length, decoder.length);
    return beside !== undefined && encoder[beside]?.cellSize === units ? beside : undefined;
  });
}

/** Joins an encoder with a decoder. Throws a RangeError when attention does not fit, or nothing would reach the decoder. */
export function encoderShape(input: InputShape, layers: readonly LayerShape[], decoder: readonly LayerShape[], attention: EncoderShape['attention']): EncoderShape {
  const [read, written] = [layers.at(-1)?.outputSize ?? 0, decoder.at(-1)?.outputSize ?? 0];
  if (attention === 'dot' && read !== written) throw new RangeError(`dot attention needs the decoder's output size to equal the encoder's ${read} (got ${written})`);
  const handOver = handOverOf(layers, decoder);
  if (attention === 'none' && handOver.every((from) => from === undefined)) throw new RangeError('nothing of the source reaches the decoder: no layer has the size of the encoder layer beside it, and there is no attention');
  return { input, layers, attention, handOver };
}

/** Size of the context that attention puts beside the decoder's output. */
export function attendedSize(encoder: EncoderShape | undefined): number {
  return encoder?.attention === 'dot' ? (encoder.layers.at(-1)?.outputSize ?? 0) : 0;
}

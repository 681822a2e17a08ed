import type { Problem } from '../shared/position';
import { handOverOf, layerBeside } from './encoder';
import type { SpecRanges } from './ranges';
import type { LayerSpec, Spec } from './schema';
import type { SpecPath } from './schemaAt';

const decoderPath: SpecPath = ['model', 'decoder', 'layers'];

/** A layer as it stands in the network, `repeat` unrolled, and its place in the spec. */
interface Unrolled {
  readonly index: number;
  readonly units: number;
  readonly cellSize: number;
}

/** What an encoder and a decoder need to work together; see `EncoderShape`. */
export function translationProblems({ model }: Spec, ranges: SpecRanges): Problem[] {
  if (!model.encoder || !model.decoder) return [];
  const [encoder, decoder] = [unrolled(model.encoder.layers), unrolled(model.decoder.layers)];
  const attends = model.decoder.attention === 'dot';
  const [read, written] = [topSize(model.encoder.layers, model.embedding), topSize(model.decoder.layers, model.embedding)];
  const unitsOf = (index: number): Problem['range'] => ranges.rangeOf([...decoderPath, index, 'units']) ?? ranges.headOf(decoderPath);
  const problems: Problem[] = [];

  if (attends && read !== undefined && written !== undefined && read !== written) {
    const { connection } = model.decoder.layers.at(-1) ?? {};
    const message = `Dot attention compares the decoder's output with the encoder's, so both need the same size: the encoder gives ${read}, the decoder ${written}.`;
    const suggestion = connection === 'none' && read <= 4096 ? { suggestion: { title: `Change units to ${read}`, text: String(read) } } : {};
    problems.push({ severity: 'error', code: 'attention-size', message, range: unitsOf(model.decoder.layers.length - 1), ...suggestion });
  }
  const pairs = handOverOf(encoder, decoder);
  if (!attends && pairs.every((from) => from === undefined)) {
    const size = encoder[layerBeside(0, encoder.length, decoder.length) ?? 0]?.cellSize ?? 0;
    const message = `Nothing of the source reaches the decoder: its first layer would have to have ${size} units, the size of the encoder layer beside it, or "attention": "dot" let it look at the source.`;
    problems.push({ severity: 'error', code: 'hand-over-size', message, range: unitsOf(0), ...(size >= 1 && size <= 4096 && { suggestion: { title: `Change units to ${size}`, text: String(size) } }) });
    return problems;
  }
  decoder.forEach(({ index, units }, layer) => {
    const beside = layerBeside(layer, encoder.length, decoder.length);
    if (beside === undefined || pairs[layer] !== undefined || decoder[layer - 1]?.index === index) return;
    const size = encoder[beside]?.cellSize ?? 0;
    const message = `This layer starts from zeros: its ${units} units are not the ${size} of the encoder layer beside it${encoder[beside]?.units === size ? '' : ' (both directions together)'}, so no state is handed over.`;
    problems.push({ severity: 'warning', code: 'hand-over-size', message, range: unitsOf(index) });
  });
  return problems;
}

function unrolled(layers: readonly LayerSpec[]): Unrolled[] {
  return layers.flatMap(({ repeat, units, bidirectional }, index) => Array.from({ length: repeat }, () => ({ index, units, cellSize: units * (bidirectional ? 2 : 1) })));
}

/** Size of a stack's output; undefined where only the data know it (dense connections down to one-hot tokens). */
function topSize(layers: readonly LayerSpec[], embedding: number): number | undefined {
  let size = embedding > 0 ? embedding : undefined;
  for (const { repeat, units, bidirectional, connection } of layers) {
    const own = units * (bidirectional ? 2 : 1);
    for (let copy = 0; copy < repeat; copy++) size = connection === 'dense' ? size && size + own : own;
  }
  return size;
}

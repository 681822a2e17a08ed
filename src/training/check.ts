import type { Batch, Checkpointed, Engine } from '../engine/engine';
import { Random } from '../shared/random';
import { sizeOf, type Tensors } from '../shared/tensor';
import { parameterShapes, type Architecture } from '../spec/architecture';

/** How the gradient of one parameter compares with finite differences. */
export interface ParameterCheck {
  readonly name: string;
  /** ‖analytic − numeric‖₂ / (‖analytic‖₂ + ‖numeric‖₂) over the elements that were tried; of gradients too small for the quotient, ‖analytic − numeric‖₂ beside the smallest that it resolves; 0 when both vanish. */
  readonly relativeError: number;
  /** Number of elements that were tried. */
  readonly checked: number;
}

/** A gradient check of a whole network. */
export interface GradientCheck {
  readonly worstRelativeError: number;
  /** In file order. */
  readonly parameters: readonly ParameterCheck[];
}

export interface CheckOptions {
  /** Elements to try of each parameter, half of them those with the largest gradient, the others drawn from `seed`; absent: all of them. */
  readonly perParameter?: number;
  readonly seed?: number;
  readonly alive?: Checkpointed;
}

/** Elements of each parameter that a check of a spec tries: every one takes four forward passes. */
export const sampledElements = 24;

/** Of 8 bytes each, what a check holds of every parameter: the value, its gradient, and copies of both by engine, trace and check. */
const copies = 6;
/** Bytes that a check may take. */
const mostMemory = 4 * 2 ** 30;

/** Why a network is too large to be checked, and what to do; undefined when it is not. */
export function tooLargeToCheck(architecture: Architecture): string | undefined {
  const parameters = parameterShapes(architecture).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const needed = 8 * copies * parameters;
  if (needed <= mostMemory) return undefined;
  const gibibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 30).toLocaleString('en')} GiB`;
  return `Checking ${parameters.toLocaleString('en')} parameters in f64 needs about ${gibibytes(needed)} of memory, more than the ${gibibytes(mostMemory)} that a check may take. Check a copy of the spec with fewer units or layers: gradients are right or wrong at any size.`;
}

/** Small enough for the difference quotient's own error, O(δ⁴), and large enough for the rounding of f64 losses, about 1e-16/δ. */
const delta = 2e-4;
/** The quotient's rounding noise by an element, as a share of the loss; measured up to 1.5e-12. */
const rounding = 5e-12;
/** Gradients below so many times that noise are none. */
const vanishing = 10;
/** The relative error that rounding noise alone may show. */
const tolerance = 1e-6;

/**
 * Compares backpropagation with finite differences of the mean loss of this batch,
 *
 *     ∂L/∂p ≈ (L(p − 2δ) − 8 L(p − δ) + 8 L(p + δ) − L(p + 2δ)) / 12δ
 *
 * on an engine that computes in f64. A right gradient shows errors below 1e-6 (ReLU may show more where δ
 * crosses its kink). Leaves the parameters as they were.
 */
export function checkGradients(engine: Engine, batch: Batch, options: CheckOptions = {}): GradientCheck {
  const work = gradientCheck(engine, batch, options);
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}

/** The same in parts: yields the share that is done, after each parameter. */
export function* gradientCheck(engine: Engine, batch: Batch, { perParameter = Infinity, seed = 1, alive }: CheckOptions = {}): Generator<number, GradientCheck> {
  const random = Random.fromSeed(seed);
  const trace = engine.trace(batch, { flow: 'without-flow', alive });
  const parameters = engine.parameters();
  const lossWith = (): number => {
    engine.setParameters(parameters);
    const { sum, positions } = engine.evaluate(batch, { alive });
    return sum / Math.max(positions, 1);
  };
  const noise = rounding * Math.max(1, Number(trace.get('loss')?.data[0] ?? 1));
  const checks: ParameterCheck[] = [];
  for (const name of parameters.keys()) {
    const gradient = Array.from<number | bigint, number>(trace.get(`grad.param.${name}`)?.data ?? [], Number);
    let [difference, analyticNorm, numericNorm] = [0, 0, 0];
    const tried = choose(gradient, perParameter, random);
    for (const i of tried) {
      const analytic = gradient[i] ?? NaN;
      const numeric = quotient(parameters, name, i, lossWith);
      difference = Math.hypot(difference, analytic - numeric);
      analyticNorm = Math.hypot(analyticNorm, analytic);
      numericNorm = Math.hypot(numericNorm, numeric);
    }
    const scale = analyticNorm + numericNorm;
    const roundingNorm = noise * Math.sqrt(tried.length);
    const relativeError = scale < vanishing * roundingNorm ? 0 : difference / Math.max(scale, roundingNorm / tolerance);
    checks.push({ name, relativeError, checked: tried.length });
    yield checks.length / parameters.size;
  }
  engine.setParameters(parameters);
  return { worstRelativeError: Math.max(...checks.map(({ relativeError }) => relativeError)), parameters: checks };
}

/** The difference quotient by element `i` of a parameter, which is put back afterwards. */
function quotient(parameters: Tensors, name: string, i: number, lossWith: () => number): number {
  const data = parameters.get(name)?.data;
  if (!(data instanceof Float64Array)) throw new RangeError(`a gradient check needs parameters in f64 (${name} is not)`);
  const value = data[i] ?? 0;
  const lossAt = (offset: number): number => {
    data[i] = value + offset;
    return lossWith();
  };
  const result = (lossAt(-2 * delta) - 8 * lossAt(-delta) + 8 * lossAt(delta) - lossAt(2 * delta)) / (12 * delta);
  data[i] = value;
  return result;
}

/** Indices of all elements, or of `count`: half of them where the gradient is largest, the rest drawn. */
function choose(gradient: readonly number[], count: number, random: Random): number[] {
  const all = [...gradient.keys()];
  if (count >= all.length) return all;
  const bySize = all.sort((a, b) => Math.abs(gradient[b] ?? 0) - Math.abs(gradient[a] ?? 0));
  const chosen = new Set(bySize.slice(0, Math.ceil(count / 2)));
  while (chosen.size < count) chosen.add(random.below(gradient.length));
  return [...chosen].sort((a, b) => a - b);
}

/** A small batch of random inputs and targets for a network, with one sequence shorter than the others. */
export function randomCheckBatch({ input, outputs, loss, encoder }: Architecture, seed: number): Batch {
  const random = Random.fromSeed(seed, 1);
  const [steps, sequences] = [5, 2];
  const whole = (count: number, bound: number): Int32Array => Int32Array.from({ length: count }, () => random.below(bound));
  const values = (count: number): Float64Array => Float64Array.from({ length: count }, () => random.normal());
  const positions = steps * sequences;
  return {
    steps,
    sequences,
    inputs: input.kind === 'tokens' ? whole(positions, input.vocabulary) : values(positions * input.features),
    targets: loss === 'values' ? values(positions * outputs) : whole(loss === 'class' ? sequences : positions, outputs),
    lengths: Int32Array.of(steps, steps - 2),
    source: encoder?.input.kind === 'tokens' ? { steps, inputs: whole(positions, encoder.input.vocabulary), lengths: Int32Array.of(steps - 1, steps) } : undefined,
  };
}

import type { Spec } from '../spec/schema';
import type { GradientCheck } from '../training/check';

/** What is remembered of a gradient check. */
export interface CheckedGradients {
  readonly worstRelativeError: number;
  /** The parameter with it. */
  readonly parameter: string;
  /** Of the spec that was checked. */
  readonly of: string;
}

/** Where it is remembered: a memento of VS Code. */
export interface CheckStore {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

/** The newest gradient check of each spec in this workspace. */
export class GradientChecks {
  private readonly listeners = new Set<(specPath: string) => void>();

  constructor(private readonly store: CheckStore) {}

  of(specPath: string): CheckedGradients | undefined {
    const stored = this.store.get(keyOf(specPath));
    return typeof stored === 'object' && stored !== null && 'of' in stored && 'worstRelativeError' in stored ? (stored as CheckedGradients) : undefined;
  }

  async keep(specPath: string, spec: Spec, { worstRelativeError, parameters }: GradientCheck): Promise<void> {
    const parameter = parameters.find(({ relativeError }) => relativeError === worstRelativeError)?.name ?? '';
    const checked: CheckedGradients = { worstRelativeError, parameter, of: checkedPart(spec) };
    await this.store.update(keyOf(specPath), checked);
    for (const listener of this.listeners) listener(specPath);
  }

  /** Returns a function that stops listening. */
  onDidChange(listener: (specPath: string) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }
}

function keyOf(specPath: string): string {
  return `gradient check ${specPath}`;
}

/** What a check is about: task, model and first weights. Everything else may change and the check stays true. */
function checkedPart({ task, model, training: { seed } }: Spec): string {
  return JSON.stringify({ task, model, seed });
}

/** Relative error from which on a gradient is not right; differences alone come to less than 1e-6, where a ReLU has its kink to more. */
const wrong = 1e-4;

/** A badge: what it says, and how. */
export interface CheckBadge {
  readonly kind: 'right' | 'wrong' | 'stale';
  readonly text: string;
  readonly tooltip: string;
}

/** What the last check of a spec says of it as it is now; undefined when there was none. */
export function checkBadge(checked: CheckedGradients | undefined, spec: Spec | undefined): CheckBadge | undefined {
  if (!checked) return undefined;
  const error = errorText(checked.worstRelativeError);
  const largest = `Backpropagation against finite differences in f64, on a sample of every parameter: the largest relative error is ${error}, in ${checked.parameter}.`;
  if (!spec || checkedPart(spec) !== checked.of) return { kind: 'stale', text: 'gradient check outdated', tooltip: `The model has changed since. ${largest}` };
  if (!(checked.worstRelativeError < wrong)) return { kind: 'wrong', text: `gradient wrong by ${error}`, tooltip: largest };
  return { kind: 'right', text: `gradient checked, ${error}`, tooltip: largest };
}

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** `2·10⁻⁹`. */
export function errorText(error: number): string {
  if (error === 0 || !Number.isFinite(error)) return String(error);
  const [mantissa = '', exponent = ''] = error.toExponential(0).split('e');
  const power = Number(exponent);
  return `${mantissa}·10${power < 0 ? '⁻' : ''}${[...String(Math.abs(power))].map((digit) => superscripts[Number(digit)]).join('')}`;
}

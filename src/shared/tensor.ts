/** The element types that Unroll's files hold, by their safetensors names. */
export type DType = 'F32' | 'F64' | 'I64' | 'U8';

/** A dense array: `data` is row-major (the last index varies fastest), its length the product of `shape`. */
export interface Tensor {
  readonly dtype: DType;
  /** Sizes of the axes, outermost first; `[]` for a scalar, whose `data` holds one element. */
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | BigInt64Array | Uint8Array;
}

/** Named tensors, in file order. */
export type Tensors = Map<string, Tensor>;

/** Number of elements of a tensor of this shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, axis) => product * axis, 1);
}

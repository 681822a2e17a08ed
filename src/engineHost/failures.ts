import { DataError } from '../data/files';
import { SafetensorsError } from '../shared/safetensors';
import { SampleError } from '../training/samples/sampleError';
import { CheckpointError } from '../training/sessionState';

/** A failure with a code that survives the way to the host. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  constructor(
    message: string,
    readonly code: string,
    readonly details?: unknown,
  ) {
    super(message);
  }
}

/** Any error as one whose code tells the host what to do about it. */
export function asServiceError(error: unknown): Error {
  if (error instanceof DataError) return new ServiceError(error.message, error.code, { path: error.path });
  if (error instanceof CheckpointError || error instanceof SafetensorsError) return new ServiceError(error.message, 'checkpoint-corrupt');
  if (error instanceof SampleError) return new ServiceError(error.message, 'sample');
  if (error instanceof Error) return 'code' in error ? error : new ServiceError(error.message, 'engine');
  return new ServiceError(String(error), 'engine');
}

/** Gives every failure of a handler its code. */
export function coded<A extends unknown[], R>(handler: (...args: A) => Promise<R>): (...args: A) => Promise<R> {
  return (...args) => handler(...args).catch((error: unknown) => Promise.reject(asServiceError(error)));
}

import { sizeOf, type DType, type Tensor, type Tensors } from './tensor';

/**
 * The safetensors format (https://huggingface.co/docs/safetensors): eight bytes with the header's
 * length, a JSON header that names every tensor's type, shape and place, then the raw
 * little-endian data. What Unroll and PyTorch exchange.
 */

/** A file that is not, or no longer, a safetensors file that Unroll can read; the message is for a person. */
export class SafetensorsError extends Error {
  override readonly name = 'SafetensorsError';
}

/** What a safetensors file holds. */
export interface SafetensorsFile {
  readonly tensors: Tensors;
  /** The header's `__metadata__`; empty when there is none. */
  readonly metadata: Readonly<Record<string, string>>;
}

type ElementArray = Tensor['data'];

const elements: Readonly<Record<DType, { readonly bytes: number; readonly view: new (buffer: ArrayBuffer) => ElementArray }>> = {
  F32: { bytes: 4, view: Float32Array },
  F64: { bytes: 8, view: Float64Array },
  I64: { bytes: 8, view: BigInt64Array },
  U8: { bytes: 1, view: Uint8Array },
};

const dtypes = Object.keys(elements) as DType[];
const lengthBytes = 8;
/** The format's own limit; a longer header means that the first eight bytes are not a length. */
const mostHeaderBytes = 100_000_000;

/**
 * A safetensors file of these tensors. The header keeps the map's order; the data lie widest
 * type first, so that each tensor is aligned for readers that map the file.
 * Throws a RangeError when a tensor's data do not have the size of its shape.
 */
export function encodeSafetensors(tensors: Tensors, metadata: Readonly<Record<string, string>> = {}): Uint8Array<ArrayBuffer> {
  for (const [name, { shape, data }] of tensors) {
    if (data.length !== sizeOf(shape)) throw new RangeError(`${name}: shape [${shape.join(', ')}] needs ${sizeOf(shape)} elements (got ${data.length})`);
  }
  const offsets = new Map<string, number>();
  let dataBytes = 0;
  for (const [name, { data }] of [...tensors].sort((a, b) => elements[b[1].dtype].bytes - elements[a[1].dtype].bytes)) {
    offsets.set(name, dataBytes);
    dataBytes += data.byteLength;
  }
  const entries = [...tensors].map(([name, { dtype, shape, data }]) => {
    const begin = offsets.get(name) ?? 0;
    return [name, { dtype, shape, data_offsets: [begin, begin + data.byteLength] }] as const;
  });
  const head = Object.keys(metadata).length > 0 ? [['__metadata__', metadata] as const] : [];
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries([...head, ...entries])));
  const headerBytes = Math.ceil(json.length / 8) * 8;

  const file = new Uint8Array(lengthBytes + headerBytes + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.fill(0x20, lengthBytes, lengthBytes + headerBytes);
  file.set(json, lengthBytes);
  for (const [name, { data }] of tensors) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), lengthBytes + headerBytes + (offsets.get(name) ?? 0));
  }
  return file;
}

/**
 * Reads a safetensors file; every tensor is a copy. Throws a SafetensorsError that says what is
 * wrong with the header or with which tensor when the file is damaged, cut off or of another kind.
 */
export function decodeSafetensors(file: Uint8Array): SafetensorsFile {
  const { header, data } = splitFile(file);
  const tensors: Tensors = new Map();
  const extents: Extent[] = [];
  let metadata: Record<string, string> = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') metadata = readMetadata(entry);
    else {
      const { dtype, shape, begin, end } = readEntry(name, entry, data.length);
      // A copy of its own, because a tensor need not be aligned to its element size in the file.
      const bytes = new Uint8Array(end - begin);
      bytes.set(data.subarray(begin, end));
      tensors.set(name, { dtype, shape, data: new elements[dtype].view(bytes.buffer) });
      extents.push({ name, begin, end });
    }
  }
  checkCoverage(extents, data.length);
  return { tensors, metadata };
}

interface Extent {
  readonly name: string;
  readonly begin: number;
  readonly end: number;
}

function splitFile(file: Uint8Array): { header: Record<string, unknown>; data: Uint8Array } {
  if (file.length < lengthBytes) throw new SafetensorsError(`This is not a safetensors file: it has ${file.length} bytes, and even the header's length takes ${lengthBytes}.`);
  const headerBytes = new DataView(file.buffer, file.byteOffset, lengthBytes).getBigUint64(0, true);
  if (headerBytes > BigInt(mostHeaderBytes)) throw new SafetensorsError('This is not a safetensors file: its first eight bytes are not the length of a header.');
  const dataBegin = lengthBytes + Number(headerBytes);
  if (dataBegin > file.length) {
    throw new SafetensorsError(`The file is cut off within its header, which should take ${headerBytes} bytes but only ${file.length - lengthBytes} are left. Copy or save it again.`);
  }
  return { header: parseHeader(file.subarray(lengthBytes, dataBegin)), data: file.subarray(dataBegin) };
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new SafetensorsError('The header is damaged: it is not valid JSON. Copy or save the file again.');
  }
  if (!isRecord(header)) throw new SafetensorsError('The header is damaged: it is not a JSON object that names tensors. Save the file again.');
  return header;
}

function readMetadata(entry: unknown): Record<string, string> {
  if (!isRecord(entry)) throw new SafetensorsError('The header is damaged: __metadata__ is not an object of strings. Save the file again.');
  for (const [key, value] of Object.entries(entry)) {
    if (typeof value !== 'string') throw new SafetensorsError(`The header is damaged: __metadata__ entry "${key}" is not a string. Save the file again.`);
  }
  return entry as Record<string, string>;
}

function readEntry(name: string, entry: unknown, dataBytes: number): { dtype: DType; shape: number[]; begin: number; end: number } {
  const damaged = (what: string): SafetensorsError => new SafetensorsError(`Tensor ${name}: ${what}. The header is damaged; save the file again.`);
  if (!isRecord(entry)) throw damaged('its header entry is not an object');
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string') throw damaged('its header entry has no dtype');
  if (!isDType(dtype)) throw new SafetensorsError(`Tensor ${name} has the type ${dtype}, which Unroll does not read; save it as one of ${dtypes.join(', ')}.`);
  if (!isSizes(shape)) throw damaged('its shape is not a list of sizes');
  if (!isSizes(offsets) || offsets.length !== 2) throw damaged('its data_offsets are not two byte positions');
  const [begin = 0, end = 0] = offsets;
  const expected = sizeOf(shape) * elements[dtype].bytes;
  if (end - begin !== expected) throw damaged(`shape [${shape.join(', ')}] of ${dtype} takes ${expected} bytes, but its data_offsets span ${end - begin}`);
  if (end > dataBytes) throw new SafetensorsError(`Tensor ${name} is cut off: its data end at byte ${end}, but the file has only ${dataBytes} bytes of data. Copy or save it again.`);
  return { dtype, shape, begin, end };
}

/** Gaps, overlaps and left-over bytes are how a file that was written half twice gives itself away. */
function checkCoverage(extents: readonly Extent[], dataBytes: number): void {
  let covered = 0;
  for (const { name, begin, end } of [...extents].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== covered) {
      throw new SafetensorsError(`Tensor ${name} begins at byte ${begin}, but the tensor before it ends at ${covered}. The header is damaged; save the file again.`);
    }
    covered = end;
  }
  if (covered !== dataBytes) throw new SafetensorsError(`The file has ${dataBytes - covered} bytes after its last tensor that no tensor owns. Copy or save it again.`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isDType(value: string): value is DType {
  return Object.hasOwn(elements, value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && (size as number) >= 0);
}

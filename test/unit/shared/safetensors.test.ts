import { describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors, SafetensorsError } from '../../../src/shared/safetensors';
import type { Tensors } from '../../../src/shared/tensor';

const tensors: Tensors = new Map([
  ['bytes', { dtype: 'U8', shape: [3], data: Uint8Array.of(1, 2, 255) }],
  ['weights', { dtype: 'F32', shape: [2, 2], data: Float32Array.of(1.5, -0, NaN, Infinity) }],
  ['loss', { dtype: 'F64', shape: [], data: Float64Array.of(Math.PI) }],
  ['tokens', { dtype: 'I64', shape: [1, 2], data: BigInt64Array.of(-1n, 2n ** 53n + 1n) }],
  ['nothing', { dtype: 'F32', shape: [0, 4], data: new Float32Array(0) }],
]);

/** A file with this header, whatever it is, and so many zero bytes of data. */
function fileOf(header: unknown, dataBytes = 0): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  return file;
}

function headerOf(file: Uint8Array): Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }> {
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  return JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length)));
}

describe('safetensors', () => {
  it('reads back what it wrote, in order and bit for bit', () => {
    const { tensors: read } = decodeSafetensors(encodeSafetensors(tensors));
    expect([...read.keys()]).toEqual([...tensors.keys()]);
    for (const [name, { dtype, shape, data }] of tensors) {
      expect(read.get(name)).toMatchObject({ dtype, shape });
      expect(new Uint8Array(read.get(name)!.data.buffer)).toEqual(new Uint8Array(data.buffer));
    }
  });

  it('keeps metadata, which may be absent', () => {
    expect(decodeSafetensors(encodeSafetensors(tensors, { step: '100', name: 'Möwe 🐋' })).metadata).toEqual({ step: '100', name: 'Möwe 🐋' });
    expect(decodeSafetensors(encodeSafetensors(new Map())).metadata).toEqual({});
  });

  it('aligns the header to 8 bytes and each tensor to its element size', () => {
    const file = encodeSafetensors(tensors);
    expect(Number(new DataView(file.buffer).getBigUint64(0, true)) % 8).toBe(0);
    const widths: Record<string, number> = { F32: 4, F64: 8, I64: 8, U8: 1 };
    for (const { dtype, data_offsets } of Object.values(headerOf(file))) expect(data_offsets[0] % widths[dtype]!).toBe(0);
  });

  it('reads tensors that are not aligned, from a view into a larger buffer', () => {
    const json = { a: { dtype: 'U8', shape: [1], data_offsets: [0, 1] }, b: { dtype: 'F64', shape: [1], data_offsets: [1, 9] } };
    const file = fileOf(json, 9);
    new DataView(file.buffer).setFloat64(file.length - 8, 2.5, true);
    const shifted = new Uint8Array(file.length + 3);
    shifted.set(file, 3);
    expect(decodeSafetensors(shifted.subarray(3)).tensors.get('b')!.data).toEqual(Float64Array.of(2.5));
  });

  it('refuses to write a tensor whose data do not fill its shape', () => {
    expect(() => encodeSafetensors(new Map([['w', { dtype: 'F32', shape: [2, 3], data: new Float32Array(5) }]]))).toThrow('w: shape [2, 3] needs 6 elements (got 5)');
  });

  it.each([
    ['an empty file', new Uint8Array(0), 'it has 0 bytes'],
    ['text', new TextEncoder().encode('Call me Ishmael. Some years ago'), 'its first eight bytes are not the length of a header'],
    ['a file cut off in its header', encodeSafetensors(tensors).slice(0, 40), 'cut off within its header'],
    ['a header that is not JSON', fileOf('{"a": '), 'not valid JSON'],
    ['a header that is not UTF-8', (() => { const file = fileOf('{"a":1}'); file[10] = 0xff; return file; })(), 'not valid JSON'],
    ['a header that is a list', fileOf([]), 'not a JSON object'],
    ['metadata that is not an object', fileOf({ __metadata__: 3 }), '__metadata__ is not an object of strings'],
    ['metadata that is not text', fileOf({ __metadata__: { step: 3 } }), '__metadata__ entry "step" is not a string'],
    ['an entry that is not an object', fileOf({ w: 3 }), 'Tensor w: its header entry is not an object'],
    ['an entry without a type', fileOf({ w: { shape: [1], data_offsets: [0, 4] } }, 4), 'Tensor w: its header entry has no dtype'],
    ['a type it does not know', fileOf({ w: { dtype: 'BF16', shape: [1], data_offsets: [0, 2] } }, 2), 'Tensor w has the type BF16, which Unroll does not read; save it as one of F32, F64, I64, U8.'],
    ['a negative size', fileOf({ w: { dtype: 'F32', shape: [-1], data_offsets: [0, 4] } }, 4), 'Tensor w: its shape is not a list of sizes'],
    ['one offset', fileOf({ w: { dtype: 'F32', shape: [1], data_offsets: [0] } }, 4), 'Tensor w: its data_offsets are not two byte positions'],
    ['offsets that do not fit the shape', fileOf({ w: { dtype: 'F32', shape: [2], data_offsets: [0, 4] } }, 4), 'Tensor w: shape [2] of F32 takes 8 bytes, but its data_offsets span 4'],
    ['data that are cut off', encodeSafetensors(tensors).slice(0, -1), 'Tensor bytes is cut off'],
    ['a gap', fileOf({ w: { dtype: 'F32', shape: [1], data_offsets: [4, 8] } }, 8), 'Tensor w begins at byte 4, but the tensor before it ends at 0'],
    ['an overlap', fileOf({ v: { dtype: 'F32', shape: [1], data_offsets: [0, 4] }, w: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }, 4), 'Tensor w begins at byte 0, but the tensor before it ends at 4'],
    ['bytes left over', fileOf({ w: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }, 6), '2 bytes after its last tensor'],
  ])('explains what is wrong with %s', (_, file, message) => {
    expect(() => decodeSafetensors(file)).toThrow(SafetensorsError);
    expect(() => decodeSafetensors(file)).toThrow(message);
  });
});

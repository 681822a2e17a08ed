import { DataError, type DataFiles } from '../../../src/data/files';

/** Data files in memory, handed over in pieces of `pieceSize` bytes. */
export function memoryFiles(contents: Readonly<Record<string, string | Uint8Array>>, pieceSize = 7): DataFiles & { opened: string[] } {
  const opened: string[] = [];
  return {
    opened,
    async *open(path) {
      opened.push(path);
      const content = contents[path];
      if (content === undefined) throw new DataError('data-missing', `The data file ${path} does not exist.`, path);
      const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
      for (let start = 0; start < bytes.length; start += pieceSize) yield bytes.subarray(start, start + pieceSize);
    },
    neighbours: () => Promise.resolve(Object.keys(contents)),
  };
}

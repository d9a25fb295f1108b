// Bytes that come in chunks of any size and are wanted in others, copied at most once. Knows not what they are.

export interface ByteQueue {
  readonly add: (chunk: Buffer) => void;
  readonly length: () => number;
  /** The first bytes, which must exist. */
  readonly take: (bytes: number) => Buffer;
}

export const byteQueue = (): ByteQueue => {
  let chunks: Buffer[] = [];
  let length = 0;
  const split = (bytes: number): Buffer[] => {
    const taken: Buffer[] = [];
    let missing = bytes;
    let index = 0;
    for (; missing > 0; index += 1) {
      const chunk = chunks[index] ?? Buffer.alloc(0);
      if (chunk.length > missing) break;
      taken.push(chunk);
      missing -= chunk.length;
    }
    chunks = chunks.slice(index);
    const [first] = chunks;
    if (missing === 0 || first === undefined) return taken;
    chunks[0] = first.subarray(missing);
    return [...taken, first.subarray(0, missing)];
  };
  return {
    add: (chunk) => {
      if (chunk.length > 0) chunks.push(chunk);
      length += chunk.length;
    },
    length: () => length,
    take: (bytes) => {
      if (bytes > length) throw new RangeError(`${bytes} bytes of ${length}`);
      const parts = split(bytes);
      length -= bytes;
      const [only] = parts;
      return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts, bytes);
    },
  };
};

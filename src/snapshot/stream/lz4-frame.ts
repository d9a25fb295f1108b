// One LZ4 frame as a stream, as the command lz4 reads and writes it, from a library that has whole frames only:
// its blocks, which are independent and carry checksums, are put into one frame and taken out again, one at a time.

import { Transform } from 'node:stream';
import { callbackify } from 'node:util';
import { byteQueue } from './byte-queue.ts';

/** What is used of lz4-napi, which is native, works in threads, and is loaded when it is first needed. */
interface Lz4 {
  readonly compressFrame: (data: Uint8Array, options: object) => Promise<Buffer>;
  readonly decompressFrame: (data: Uint8Array) => Promise<Buffer>;
}

/** Version 1 of the format, independent blocks of up to 4 MB; with a checksum for each block, and without. */
const checkedHeader = Buffer.from('04224d18707072', 'hex');
const plainHeader = Buffer.from('04224d18607073', 'hex');
const endMark = Buffer.alloc(4);
/**
 * Raw data of a block that is written. V8 learns late that the library gave memory for one, and so a stream holds hundreds
 * of them: 320 MB with blocks of 1 MB, 210 MB with these, which take the same time and space.
 */
const pieceSize = 256 * 1024;
const largestBlock = 4 * 1024 ** 2;

export const loadLz4 = async (): Promise<Lz4> => import('lz4-napi');

/** Raw data in, one frame out. */
export const lz4Compress = (): Transform => {
  const queue = byteQueue();
  const pushBlock = async (stream: Transform, bytes: number): Promise<void> => {
    const { compressFrame } = await loadLz4();
    // A small frame names smaller blocks; the block itself is the same.
    const frame = await compressFrame(queue.take(bytes), { blockChecksums: true });
    stream.push(frame.subarray(checkedHeader.length, frame.length - endMark.length));
  };
  return new Transform({
    construct(done) {
      this.push(checkedHeader);
      done();
    },
    transform(chunk: Buffer, _encoding, done) {
      queue.add(chunk);
      callbackify(async () => {
        while (queue.length() >= pieceSize) await pushBlock(this, pieceSize);
      })(done);
    },
    flush(done) {
      callbackify(async () => {
        if (queue.length() > 0) await pushBlock(this, queue.length());
        this.push(endMark);
      })(done);
    },
  });
};

/** Where in a frame the reader is, and how many bytes it needs to continue. */
interface Place {
  readonly part: 'header' | 'fields' | 'size' | 'block' | 'sum' | 'end';
  readonly needs: number;
  readonly blockSums: boolean;
  readonly contentSum: boolean;
  /** Of the block that comes: its size with the bit that says that it is not compressed. */
  readonly size: number;
}

/** One frame in, raw data out. Any other error than those of memory means damaged data. */
export const lz4Decompress = (): Transform => {
  const queue = byteQueue();
  let place: Place = { part: 'header', needs: 6, blockSums: false, contentSum: false, size: 0 };
  const advance = async (stream: Transform): Promise<void> => {
    while (place.part !== 'end' && queue.length() >= place.needs) {
      const bytes = queue.take(place.needs);
      if (place.part === 'block') stream.push(await decodeBlock(bytes, place));
      place = next(place, bytes);
    }
    if (place.part === 'end' && queue.length() > 0) throw new Error('has data after its end');
  };
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      queue.add(chunk);
      callbackify(advance)(this, done);
    },
    flush(done) {
      done(place.part === 'end' ? null : new Error('is truncated'));
    },
  });
};

const next = (place: Place, bytes: Buffer): Place => {
  switch (place.part) {
    case 'header':
      return afterHeader(place, bytes);
    case 'size':
      return afterSize(place, bytes.readUInt32LE());
    case 'fields':
    case 'block':
      return { ...place, part: 'size', needs: 4 };
    case 'sum':
    case 'end':
      return { ...place, part: 'end', needs: 0 };
  }
};

const afterHeader = (place: Place, bytes: Buffer): Place => {
  const flags = bytes.readUInt8(4);
  if (!bytes.subarray(0, 4).equals(checkedHeader.subarray(0, 4))) throw new Error('is not LZ4');
  const isKnown = flags >> 6 === 1 && (flags & 0x20) !== 0 && (flags & 0x01) === 0;
  if (!isKnown) throw new Error('is a kind of LZ4 that is not supported');
  return {
    ...place,
    part: 'fields',
    // The size of the content, if it is there, and a checksum of the header.
    needs: (flags & 0x08) === 0 ? 1 : 9,
    blockSums: (flags & 0x10) !== 0,
    contentSum: (flags & 0x04) !== 0,
  };
};

const afterSize = (place: Place, size: number): Place => {
  if (size === 0) return { ...place, part: place.contentSum ? 'sum' : 'end', needs: 4 };
  const bytes = size & 0x7fffffff;
  if (bytes > largestBlock) throw new Error('has a block that is too large');
  return { ...place, part: 'block', size, needs: bytes + (place.blockSums ? 4 : 0) };
};

/** A block as a frame of its own, which the library reads. */
const decodeBlock = async (block: Buffer, { blockSums, size }: Place): Promise<Buffer> => {
  const { decompressFrame } = await loadLz4();
  const sizeField = Buffer.alloc(4);
  sizeField.writeUInt32LE(size);
  const header = blockSums ? checkedHeader : plainHeader;
  return decompressFrame(Buffer.concat([header, sizeField, block, endMark]));
};

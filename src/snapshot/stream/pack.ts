// The file that the small tables of one load share: each is compressed by itself and follows the one before it, so that
// fifty tables cost one file. Of tables whose ranges may be chosen again nothing is in it: it is never written in part.

import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import { isRanged } from '../../copy/fill/copy-table.ts';
import type { Load, TransferPart } from '../../copy/read/choose-transfers.ts';
import { isEmpty } from '../../copy/read/row-reader.ts';
import type { Storage } from '../storage/storage.ts';
import { type Compression, codecSuffix } from './compression.ts';

/** Below it are the files that tables share. No folder of a table has such a name: theirs have a dot. */
export const packFolder = 'data/packs';

export interface Pack {
  readonly file: string;
  readonly holds: (part: TransferPart) => boolean;
  /** After all that was appended before. Answers where it begins. */
  readonly append: (content: Readable) => Promise<number>;
  /** When it resolves, the file has its name. */
  readonly finish: () => Promise<void>;
  /** Leaves nothing behind. */
  readonly abandon: (reason: unknown) => Promise<void>;
}

export interface PackTarget {
  readonly storage: Storage;
  readonly compression: Compression;
  readonly signal: AbortSignal;
}

/** Null: fewer than two parts of the load can share a file. */
export const openPack = (load: Load, target: PackTarget): Pack | null => {
  const parts = load.parts.filter((part) => !isEmpty(part) && !isRanged(part.transfer));
  const [first] = parts;
  if (first === undefined || parts.length < 2) return null;
  const { transfer, chunk } = first;
  const name = `${transfer.index}-${chunk.number}.bin${codecSuffix(target.compression.codec)}`;
  const held = new Set(parts);
  return { ...writing(`${packFolder}/${name}`, target), holds: (part) => held.has(part) };
};

const writing = (file: string, { storage, signal }: PackTarget): Omit<Pack, 'holds'> => {
  const through = new PassThrough({ highWaterMark: blockBytes });
  // Before anyone reads it, nothing else hears of its end.
  through.on('error', () => undefined);
  let current: Readable | null = null;
  let bytes = 0;
  const written = storage.write(file, through, signal);
  written.catch((error: Error) => {
    through.destroy();
    // A server that sends nothing would otherwise keep it waiting.
    current?.destroy(error);
  });
  const blocks = inBlocks(through, written);
  return {
    file,
    append: async (content) => {
      current = content;
      const at = bytes;
      for await (const chunk of content as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        await blocks.add(chunk);
      }
      current = null;
      return at;
    },
    finish: async () => {
      await blocks.pass();
      through.end();
      await written;
    },
    abandon: async (reason) => {
      through.destroy(reason instanceof Error ? reason : new Error(String(reason)));
      await written.catch(() => undefined);
    },
  };
};

/** Written at once: a write for each small table would cost as much as a file for each. */
const blockBytes = 256 * 1024;

const inBlocks = (through: PassThrough, written: Promise<unknown>) => {
  let gathered: Buffer[] = [];
  let size = 0;
  const pass = async (): Promise<void> => {
    const block = Buffer.concat(gathered, size);
    gathered = [];
    size = 0;
    if (block.length === 0 || through.write(block)) return;
    await Promise.race([once(through, 'drain'), written]);
  };
  const add = async (chunk: Buffer): Promise<void> => {
    gathered.push(chunk);
    size += chunk.length;
    if (size >= blockBytes) await pass();
  };
  return { add, pass };
};

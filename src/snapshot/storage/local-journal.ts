// A journal as one file, a line each: what was acknowledged survives, what a crash cut short is not seen.
// Knows not what the lines say.

import type { FileHandle } from 'node:fs/promises';
import { openOrMake } from './local-paths.ts';

/** The journals of a directory. Each is open once, however many append to it at the same time. */
export interface LocalJournals {
  readonly append: (path: string, line: string) => Promise<void>;
  /** Lets go of the file of one, if it is open. */
  readonly close: (path: string) => Promise<void>;
  readonly closeAll: () => Promise<void>;
}

interface LocalJournal {
  readonly append: (line: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

export const journalsIn = (root: string): LocalJournals => {
  const journals = new Map<string, Promise<LocalJournal>>();
  const at = (path: string): Promise<LocalJournal> => {
    const opening = journals.get(path) ?? openJournal(root, path);
    journals.set(path, opening);
    opening.catch(() => journals.delete(path));
    return opening;
  };
  const close = async (path: string): Promise<void> => {
    const journal = journals.get(path);
    journals.delete(path);
    await (await journal)?.close();
  };
  return {
    append: async (path, line) => {
      const journal = await at(path);
      await journal.append(line);
    },
    close,
    closeAll: async () => {
      await Promise.all([...journals.keys()].map(close));
    },
  };
};

const lineFeed = 0x0a;
const block = 64 * 1024;

/** Opens a journal, makes it if it is not there, and cuts off a line that a crash left without its end. */
const openJournal = async (root: string, path: string): Promise<LocalJournal> => {
  const handle = await openOrMake(root, path);
  try {
    let length = await wholeLines(handle, (await handle.stat()).size);
    await handle.truncate(length);
    let last: Promise<void> = Promise.resolve();
    const append = (line: string): Promise<void> => {
      const text = Buffer.from(`${line}\n`);
      const mine = last.then(async () => {
        await writeLine(handle, text, length);
        length += text.length;
      });
      last = mine.catch(() => undefined);
      return mine;
    };
    return { append, close: async () => last.then(() => handle.close()) };
  } catch (error) {
    await handle.close();
    throw error;
  }
};

/** The lines of an open file, in order, without one that has no end. */
export async function* linesOf(handle: FileHandle): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of handle.createReadStream({ start: 0 }) as AsyncIterable<Buffer>) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(lineFeed); end >= 0; end = rest.indexOf(lineFeed)) {
      yield rest.toString('utf8', 0, end);
      rest = rest.subarray(end + 1);
    }
  }
}

const writeLine = async (handle: FileHandle, text: Buffer, position: number): Promise<void> => {
  try {
    for (let done = 0; done < text.length; ) {
      const { bytesWritten } = await handle.write(text, done, text.length - done, position + done);
      done += bytesWritten;
    }
    await handle.datasync();
  } catch (error) {
    await handle.truncate(position).catch(() => undefined);
    throw error;
  }
};

/** Where the last whole line ends, found from the back. */
const wholeLines = async (handle: FileHandle, size: number): Promise<number> => {
  for (let end = size; end > 0; end -= Math.min(block, end)) {
    const length = Math.min(block, end);
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, end - length);
    const found = buffer.lastIndexOf(lineFeed);
    if (found >= 0) return end - length + found + 1;
  }
  return 0;
};

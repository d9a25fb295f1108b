// COPY from one server into another without a look at the rows: what COPY … TO STDOUT sends is a series of CopyData messages
// (manual 53.2.6), which COPY … FROM STDIN takes in the very same framing. So chunks of one connection are written to the
// other as they are, wherever they cut the messages. Knows no tables.

import { Readable, Writable } from 'node:stream';
import type { Connection, Submittable } from 'pg';
import type { CopyIn, CopyOut, Submit } from './copy-streams.ts';

/** COPY … TO STDOUT as the server frames it: for `relayIn` only. */
export interface RelayOut extends CopyOut {
  /** Bytes of rows so far, without the headers of messages. */
  readonly bytes: () => number;
}

/** COPY … FROM STDIN of what a `relayOut` reads. */
export interface RelayIn extends CopyIn {
  /** The server may wait for the rest of a message: nothing but the end of the connection ends that. */
  readonly isOpen: () => boolean;
}

export const relayOut = (text: string, submit: Submit): RelayOut => {
  const stream = new FramedReader(text);
  submit(stream);
  return { stream, rows: () => stream.rows, bytes: () => stream.bytes };
};

export const relayIn = (text: string, submit: Submit): RelayIn => {
  const stream = new FramedWriter(text);
  submit(stream);
  return { stream, rows: () => stream.rows, isOpen: () => stream.isOpen };
};

/** Types of messages, as their first byte says. */
const copyData = 0x64;
const copyDone = 0x63;
const copyOutResponse = 0x48;
const errorResponse = 0x45;

const headerBytes = 5;
const lengthBytes = 4;

interface CommandComplete {
  readonly text?: string;
}

/**
 * How many rows the server says that a COPY had.
 * @throws Error where it has not begun: pg then ends the connection, and who waits for rows is told.
 */
const rowsOf = ({ text = '' }: CommandComplete, hasBegun: boolean): number => {
  if (!hasBegun) throw new Error('The server has answered COPY with something else.');
  return Number(/^COPY (\d+)/.exec(text)?.[1] ?? 0);
};

type Listener = (chunk: Buffer) => void;

/** Reads the connection in place of pg, which gets back every byte that is not of CopyData. */
class FramedReader extends Readable implements Submittable {
  rows = 0;
  bytes = 0;
  readonly #text: string;
  #connection: Connection | null = null;
  /** The listener of pg; null: it reads by itself. */
  #pg: Listener | null = null;
  #begun = false;
  readonly #header = Buffer.alloc(headerBytes);
  #filled = 0;
  /** Bytes of the message that are still to come. */
  #left = 0;
  #isData = false;

  constructor(text: string) {
    super();
    this.#text = text;
  }

  submit(connection: Connection): void {
    const { stream } = connection;
    const [listener] = stream.listeners('data') as Listener[];
    if (listener === undefined) throw new Error('Nothing reads this connection.');
    this.#connection = connection;
    this.#pg = listener;
    stream.removeListener('data', listener);
    stream.on('data', this.#take);
    (connection as unknown as { query(text: string): void }).query(this.#text);
  }

  override _read(): void {
    if (this.#pg !== null) this.#connection?.stream.resume();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this._read();
    done(error);
  }

  readonly #take = (chunk: Buffer): void => {
    let start = 0;
    let at = 0;
    while (at < chunk.length) {
      const isNew = this.#left === 0 && this.#filled === 0;
      if (isNew && this.#isData !== (chunk[at] === copyData)) {
        this.#pass(chunk, start, at);
        start = at;
        this.#isData = !this.#isData;
      }
      if (isNew && this.#isLast(chunk[at])) {
        this.#giveBack(chunk.subarray(start), chunk[at] === copyDone);
        return;
      }
      at += this.#left > 0 ? this.#takeBody(chunk.length - at) : this.#takeHeader(chunk, at);
    }
    this.#pass(chunk, start, at);
  };

  #takeBody(available: number): number {
    const taken = Math.min(this.#left, available);
    this.#left -= taken;
    return taken;
  }

  #takeHeader(chunk: Buffer, at: number): number {
    if (this.#filled === 0 && chunk.length - at >= headerBytes) {
      this.#enter(chunk.readUInt32BE(at + 1) - lengthBytes);
      return headerBytes;
    }
    const taken = chunk.copy(this.#header, this.#filled, at);
    this.#filled += taken;
    if (this.#filled === headerBytes) {
      this.#filled = 0;
      this.#enter(this.#header.readUInt32BE(1) - lengthBytes);
    }
    return taken;
  }

  #enter(length: number): void {
    this.#left = length;
    if (this.#isData) this.bytes += length;
  }

  /** Whether no CopyData can follow. Before the answer to this COPY begins, something else is under way. */
  #isLast(type: number | undefined): boolean {
    if (type === copyOutResponse) this.#begun = true;
    return type === copyDone || type === errorResponse || (type === copyData && !this.#begun);
  }

  #pass(chunk: Buffer, start: number, end: number): void {
    if (end === start) return;
    const bytes = chunk.subarray(start, end);
    if (!this.#isData) this.#pg?.(bytes);
    // What nobody wants any more is read all the same, so that the session comes to the end of it.
    else if (!this.destroyed && !this.push(bytes)) this.#connection?.stream.pause();
  }

  #giveBack(rest: Buffer, isDone: boolean): void {
    const [stream, pg] = [this.#connection?.stream, this.#pg];
    if (stream === undefined || pg === null) return;
    this.#pg = null;
    stream.removeListener('data', this.#take);
    stream.on('data', pg);
    stream.resume();
    if (isDone) this.push(null);
    pg(rest);
  }

  handleError(error: Error): void {
    this.destroy(error);
  }

  handleCommandComplete(message: CommandComplete): void {
    this.rows = rowsOf(message, this.#begun);
  }

  // pg calls it.
  handleReadyForQuery(): void {}
}

const copyDoneMessage = Buffer.from([copyDone, 0, 0, 0, lengthBytes]);

/** Writes to the connection as it is. Once destroyed, only the end of the connection ends the COPY. */
class FramedWriter extends Writable implements Submittable {
  rows = 0;
  isOpen = true;
  readonly #text: string;
  #connection: Connection | null = null;
  /** What waits until the server takes rows; null: it does. */
  #waiting: (() => void)[] | null = [];
  #finished: (() => void) | null = null;

  constructor(text: string) {
    super();
    this.#text = text;
  }

  submit(connection: Connection): void {
    this.#connection = connection;
    (connection as unknown as { query(text: string): void }).query(this.#text);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#whenReady(() => {
      const stream = this.#connection?.stream;
      if (stream === undefined || stream.write(chunk)) done();
      else stream.once('drain', done);
    });
  }

  override _final(done: () => void): void {
    this.#whenReady(() => {
      this.#finished = done;
      this.#connection?.stream.write(copyDoneMessage);
    });
  }

  #whenReady(action: () => void): void {
    if (this.#waiting === null) action();
    else this.#waiting.push(action);
  }

  handleCopyInResponse(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    for (const action of waiting) action();
  }

  handleError(error: Error): void {
    this.destroy(error);
  }

  handleCommandComplete(message: CommandComplete): void {
    this.rows = rowsOf(message, this.#waiting === null);
  }

  /** Only now the session can take another statement. */
  handleReadyForQuery(): void {
    this.isOpen = false;
    this.#finished?.();
  }
}

// What passes through a connection, as far as this process can see it: whether an answer is awaited, whether bytes
// move, and whose turn it is. Knows no statement.

import { Socket } from 'node:net';
import type { Duplex, Readable, Writable } from 'node:stream';

export interface Traffic {
  /** A statement or a COPY was sent, or waits for its turn, and is not over. */
  waiting(): boolean;
  /** Another text whenever a byte was received, or has left this process. */
  bytes(): string;
  /** The server waits for this process: for rows of a COPY, or until received rows are processed. */
  ownTurn(): boolean;
}

export interface TrafficCounter extends Traffic {
  statement<T>(answer: Promise<T>): Promise<T>;
  copyOut(stream: Readable): void;
  copyIn(stream: Writable): void;
}

/** @param streamOf asked each time: TLS replaces the stream of a connection. */
export const countTraffic = (streamOf: () => Duplex): TrafficCounter => {
  let open = 0;
  const writers = new Set<Writable>();
  const count = (stream: Readable | Writable): void => {
    open += 1;
    whenOver(stream, () => {
      open -= 1;
    });
  };
  return {
    waiting: () => open > 0,
    bytes: () => bytesOf(streamOf()),
    ownTurn: () => {
      const { readableLength, writableLength } = streamOf();
      if (readableLength > 0) return true;
      return writableLength === 0 && [...writers].some(hasNothingToSend);
    },
    statement: async (answer) => {
      open += 1;
      try {
        return await answer;
      } finally {
        open -= 1;
      }
    },
    copyOut: count,
    copyIn: (stream) => {
      writers.add(stream);
      whenOver(stream, () => writers.delete(stream));
      count(stream);
    },
  };
};

const bytesOf = (stream: Duplex): string =>
  stream instanceof Socket
    ? `${stream.bytesRead} ${stream.bytesWritten - stream.writableLength}`
    : '';

/** Calls back once: a query that failed emits an error, and is not always destroyed. */
const whenOver = (stream: Readable | Writable, over: () => void): void => {
  let called = false;
  const once = (): void => {
    if (!called) over();
    called = true;
  };
  stream.once('close', once);
  stream.once('error', once);
};

/** Rows that the stream keeps are those that the server has not asked for yet. */
const hasNothingToSend = (stream: Writable): boolean =>
  !stream.writableEnded && stream.writableLength === 0;

// The two directions of COPY as streams: the only file that imports pg-copy-streams. Knows no tables.
// Data flows with back-pressure from end to end; what fails is the stream, with pg's own error.

import type { Readable, Writable } from 'node:stream';
import type { Submittable } from 'pg';
import { from, to } from 'pg-copy-streams';

/** COPY … TO STDOUT. */
export interface CopyOut {
  readonly stream: Readable;
  /** Rows that the server says it sent: known once a later statement of the session was answered. */
  readonly rows: () => number;
}

/** COPY … FROM STDIN. */
export interface CopyIn {
  readonly stream: Writable;
  /** Rows that the server says it stored: known when the stream has finished. */
  readonly rows: () => number;
}

/** Hands a query object to a client, which sends it in its turn. */
export type Submit = (query: Submittable) => void;

export const copyOut = (text: string, submit: Submit): CopyOut => {
  const query = to(text);
  submit(query);
  return { stream: query, rows: () => query.rowCount };
};

export const copyIn = (text: string, submit: Submit): CopyIn => {
  const query = from(text);
  submit(query);
  return { stream: query, rows: () => query.rowCount };
};

// The rows in what pg_dump prints for one table: the lines between `COPY … FROM stdin;` and `\.`, as they are. Ends
// only when the program has ended well and nothing was cut off. Knows no server.

import { type Readable, Transform } from 'node:stream';
import { callbackify } from 'node:util';
import { SteepError } from '../../model/errors.ts';
import type { Dump } from '../../postgres/connect/pg-dump.ts';

export interface DumpRows {
  readonly stream: Readable;
  /** In the order of the values of each row. */
  readonly columns: readonly string[];
  /** Known at the end of the stream. */
  readonly rows: () => number;
}

/** Returns when the first row can be read. @throws SteepError PG_DUMP_FAILED, or what the dump ended with. */
export const readDump = ({ output, ended }: Pick<Dump, 'output' | 'ended'>): Promise<DumpRows> =>
  new Promise((resolve, reject) => {
    const reading = startReading();
    let announced = false;
    const stream = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        try {
          for (const rows of take(reading, chunk)) stream.push(rows);
        } catch (error) {
          done(error as Error);
          return;
        }
        if (!announced && reading.columns !== null) {
          announced = true;
          resolve({ stream, columns: reading.columns, rows: () => reading.rows });
        }
        done();
      },
      flush: callbackify(async () => {
        await ended;
        const fault = faultOf(reading);
        if (fault !== null) throw fault;
      }),
    });
    stream.on('error', reject);
    ended.catch((error: Error) => stream.destroy(error));
    output.on('error', (error) => stream.destroy(error));
    output.pipe(stream);
  });

interface Reading {
  part: 'before' | 'rows' | 'after';
  /** Read, and not passed on yet. */
  pending: Buffer;
  /** Bytes at the start of it that belong to no row. */
  skip: number;
  columns: readonly string[] | null;
  rows: number;
}

const startReading = (): Reading => ({
  part: 'before',
  pending: Buffer.alloc(0),
  skip: 0,
  columns: null,
  rows: 0,
});

/** What of the rows is known to be of them after this chunk. */
function take(reading: Reading, chunk: Buffer): readonly Buffer[] {
  reading.pending = Buffer.concat([reading.pending, chunk]);
  if (reading.part === 'before') findHeader(reading);
  const rows = reading.part === 'rows' ? takeRows(reading) : [];
  if (reading.part === 'after') assertNoMore(reading);
  return rows;
}

const name = '"(?:[^"]|"")*"';

/** At the start of a line. Every identifier is quoted, so that none of them looks like this. */
const header = new RegExp(
  `(?:^|\\n)COPY ${name}\\.${name} \\((${name}(?:, ${name})*)\\) FROM stdin;\\n`,
);

/** What precedes the rows is a page of settings. */
const longestPreamble = 1024 * 1024;

function findHeader(reading: Reading): void {
  // Byte for byte: the place of what is found is its place in the buffer.
  const text = reading.pending.toString('latin1');
  const found = header.exec(text);
  if (found === null) {
    if (text.length > longestPreamble) throw unreadable(reasons.before);
    return;
  }
  const [line, list = ''] = found;
  reading.columns = columnsOf(Buffer.from(list, 'latin1').toString('utf8'));
  reading.part = 'rows';
  // The end of this line stays, so that a table without rows ends like any other.
  reading.pending = reading.pending.subarray(found.index + line.length - 1);
  reading.skip = 1;
}

const columnsOf = (list: string): readonly string[] =>
  [...list.matchAll(new RegExp(name, 'g'))].map(([quoted]) =>
    quoted.slice(1, -1).replaceAll('""', '"'),
  );

/** In COPY's text format a line that no row looks like. */
const terminator = Buffer.from('\n\\.\n');

function takeRows(reading: Reading): readonly Buffer[] {
  const { pending, skip } = reading;
  const end = pending.indexOf(terminator);
  // The terminator may begin in this chunk, and end in the next.
  const until = end === -1 ? Math.max(0, pending.length - terminator.length + 1) : end + 1;
  const rows = pending.subarray(skip, Math.max(skip, until));
  reading.rows += countLines(rows);
  reading.skip = Math.max(0, skip - until);
  reading.pending = pending.subarray(until);
  if (end !== -1) {
    reading.part = 'after';
    reading.pending = reading.pending.subarray(terminator.length - 1);
  }
  return rows.length === 0 ? [] : [rows];
}

const newline = 0x0a;

/** Every row is one line: a newline within a value is escaped. */
function countLines(rows: Buffer): number {
  let count = 0;
  for (let at = rows.indexOf(newline); at !== -1; at = rows.indexOf(newline, at + 1)) count += 1;
  return count;
}

/** Positions of sequences and remarks follow. Rows of a second table would be others than were asked for. */
function assertNoMore(reading: Reading): void {
  const text = reading.pending.toString('latin1');
  if (/(?:^|\n)COPY "/.test(text)) throw unreadable('it sent the rows of more than one table');
  reading.pending = reading.pending.subarray(text.lastIndexOf('\n') + 1);
}

const reasons = {
  before: 'it sent no rows of this table',
  rows: 'its output was truncated',
} as const;

const faultOf = ({ part }: Reading): SteepError | null =>
  part === 'after' ? null : unreadable(reasons[part]);

const unreadable = (why: string): SteepError =>
  new SteepError('PG_DUMP_FAILED', `The output of pg_dump cannot be used: ${why}.`, {
    suggestions: ['Copy without it: init: { large_table_method: copy }'],
  });

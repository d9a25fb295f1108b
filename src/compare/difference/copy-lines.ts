// Reads the text format of COPY … TO STDOUT as lines of fields.

import type { Readable } from 'node:stream';
import { failedOn } from '../../postgres/failures.ts';
import type { Session } from '../../postgres/session.ts';
import type { Sql } from '../../postgres/sql/sql.ts';

export type Fields = readonly (string | null)[];

/** The lines of each piece that arrives. Holds no more than that piece and one line. */
async function* readCopyLines(stream: Readable): AsyncGenerator<readonly Fields[]> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of stream) {
    const lines = (rest + decoder.decode(piece as Buffer, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (lines.length > 0) yield lines.map(fieldsOf);
  }
}

const fieldsOf = (line: string): Fields => line.split('\t').map(unescaped);

const escapes: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

const unescaped = (field: string): string | null => {
  if (field === '\\N') return null;
  if (!field.includes('\\')) return field;
  return field.replaceAll(/\\(.)/gs, (_all, letter: string) => escapes[letter] ?? letter);
};

/** Lines of a COPY; whatever has not been read at the end of the body is cancelled. */
export const withCopy = async <T>(
  session: Session,
  statement: Sql,
  body: (lines: AsyncIterator<readonly Fields[]>) => Promise<T>,
): Promise<T> => {
  const { stream } = session.copyOut(statement);
  // An error before anybody reads would end the process.
  stream.on('error', () => undefined);
  try {
    return await body(readCopyLines(stream));
  } catch (error) {
    if (!stream.destroyed && !stream.readableEnded) {
      await session.cancel().catch(() => undefined);
      // The iterator waits for it to be readable, and as long as anybody does, resume() changes nothing: unread rows would
      // keep the session in its COPY, and whatever is asked of it next without an answer.
      stream.removeAllListeners('readable');
      stream.on('data', () => undefined);
    }
    throw error === stream.errored ? failedOn(session.node, error) : error;
  }
};

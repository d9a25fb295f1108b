// Examines the messages of a server before pg reads them. pg trusts them: one of four gigabytes would be gathered in memory,
// and what one that breaks off throws would be caught by nobody and end the process. Here that ends the connection.

import type { Duplex } from 'node:stream';
import type { Connection } from 'pg';
import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { NodeName } from '../../model/state/address.ts';
import { MessageExaminer } from './message-examiner.ts';

/** What pg hides: it begins to read a stream here, which TLS may have put over the socket. */
interface Reading {
  attachListeners: (stream: Duplex) => void;
}

/** To be called before the client connects. */
export const guardMessages = (connection: Connection, node: NodeName): void => {
  const reading = connection as unknown as Reading;
  const attach = reading.attachListeners.bind(connection);
  reading.attachListeners = (stream) => {
    attach(stream);
    const read = catchFaults(stream, node);
    examineChunks(stream, node, () => read !== null && stream.listeners('data').includes(read));
  };
};

/** pg reads in a listener, the only one, which a COPY takes away and puts back. */
function catchFaults(stream: Duplex, node: NodeName): ((chunk: Buffer) => void) | null {
  const [read] = stream.listeners('data');
  if (read === undefined) return null;
  stream.removeAllListeners('data');
  const listener = (chunk: Buffer): void => {
    try {
      read(chunk);
    } catch (error) {
      stream.destroy(protocolViolation(node, 'a message that cannot be read', error));
    }
  };
  stream.on('data', listener);
  return listener;
}

/** Whoever reads the stream: a COPY does it by itself, and rows that pg itself reads are of no COPY. */
function examineChunks(stream: Duplex, node: NodeName, isReadByPg: () => boolean): void {
  const examiner = new MessageExaminer();
  const push = stream.push.bind(stream);
  stream.push = (chunk: Buffer | null, ...rest) => {
    const fault = chunk === null ? null : examiner.faultIn(chunk, isReadByPg());
    if (fault === null) return push(chunk, ...rest);
    stream.destroy(protocolViolation(node, fault));
    return false;
  };
}

/** @param what as the object of "sent" */
export const protocolViolation = (node: NodeName, what: string, cause?: unknown): SteepError =>
  new SteepError(
    'PROTOCOL_VIOLATION',
    `Node ${node}: the server sent ${what}. The connection was ended.`,
    {
      exit: ExitCode.incomplete,
      cause,
      suggestions: ['Check that the connection leads to a PostgreSQL server, and to yours.'],
    },
  );

// However the network cuts what a server sends: messages of rows are relayed as they are, and pg reads all others.

import { Duplex } from 'node:stream';
import fc from 'fast-check';
import type { Connection } from 'pg';
import { describe, expect, test } from 'vitest';
import { relayIn, relayOut } from '../../../src/postgres/copy-relay.ts';

const message = (type: string, body: Uint8Array | string): Buffer => {
  const content = Buffer.from(body);
  const header = Buffer.from([type.charCodeAt(0), 0, 0, 0, 0]);
  header.writeUInt32BE(content.length + 4, 1);
  return Buffer.concat([header, content]);
};

const opening = message('H', '\0\0\0');
const closing = [message('c', ''), message('C', 'COPY 3\0'), message('Z', 'I')];

/** A connection without a network: what pg reads of it, and what was written to it. */
const fakeConnection = () => {
  const heard: Buffer[] = [];
  const written: Buffer[] = [];
  const stream = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      written.push(chunk);
      done();
    },
  });
  stream.on('data', (chunk: Buffer) => heard.push(chunk));
  const connection = { stream, query: () => undefined } as unknown as Connection;
  return { connection, stream, heard, written };
};

const cut = (bytes: Buffer, sizes: readonly number[]): readonly Buffer[] => {
  const chunks: Buffer[] = [];
  let at = 0;
  for (let turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
};

/** Everything is there before anything of it is read, as behind a slow reader. */
const relay = async (chunks: readonly Buffer[]) => {
  const { connection, stream, heard } = fakeConnection();
  const out = relayOut('COPY t TO STDOUT', (query) => query.submit(connection));
  for (const chunk of chunks) stream.push(chunk);
  const relayed: Buffer[] = [];
  for await (const chunk of out.stream) relayed.push(chunk as Buffer);
  await new Promise(setImmediate);
  return { relayed: Buffer.concat(relayed), bytes: out.bytes(), heard: Buffer.concat(heard) };
};

const row = fc.uint8Array({ maxLength: 40 }).map((body) => ({ kind: 'row' as const, body }));
const aside = fc
  .tuple(fc.constantFrom('N', 'S', 'A'), fc.uint8Array({ maxLength: 12 }))
  .map(([kind, body]) => ({ kind, body }));

describe('relayed rows', () => {
  test('arrive in the framing of the server, wherever it was cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof({ weight: 5, arbitrary: row }, aside), { maxLength: 30 }),
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 9 }),
        async (sent, sizes) => {
          const messages = sent.map(({ kind, body }) => message(kind === 'row' ? 'd' : kind, body));
          const rows = messages.filter((_, index) => sent[index]?.kind === 'row');
          const others = messages.filter((_, index) => sent[index]?.kind !== 'row');
          const { relayed, bytes, heard } = await relay(
            cut(Buffer.concat([opening, ...messages, ...closing]), sizes),
          );
          expect(relayed).toEqual(Buffer.concat(rows));
          expect(bytes).toBe(relayed.length - 5 * rows.length);
          expect(heard).toEqual(Buffer.concat([opening, ...others, ...closing]));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('an error in their midst is read by pg, which ends the stream with it', async () => {
    const { connection, stream, heard } = fakeConnection();
    const out = relayOut('COPY t TO STDOUT', (query) => {
      query.submit(connection);
      stream.on('data', (chunk: Buffer) => {
        const failing = query as unknown as { handleError(error: Error): void };
        if (chunk[0] === 0x45) failing.handleError(new Error('out of rows'));
      });
    });
    const failure = message('E', 'SERROR\0\0');
    for (const chunk of [opening, message('d', 'one'), failure, message('Z', 'I')]) {
      stream.push(chunk);
    }
    await expect(out.stream.toArray()).rejects.toThrow('out of rows');
    expect(Buffer.concat(heard)).toEqual(Buffer.concat([opening, failure, message('Z', 'I')]));
  });

  test('of no COPY are for pg, which has no use for them', async () => {
    const { connection, stream, heard } = fakeConnection();
    relayOut('COPY t TO STDOUT', (query) => query.submit(connection));
    stream.push(message('d', 'one'));
    await new Promise(setImmediate);
    expect(Buffer.concat(heard)).toEqual(message('d', 'one'));
  });

  test('are written as they came, once the server takes them, and are stored when it says so', async () => {
    const { connection, written } = fakeConnection();
    type Query = Record<'handleCopyInResponse' | 'handleReadyForQuery', () => void> & {
      handleCommandComplete(message: { text: string }): void;
    };
    let query: Query | null = null;
    const into = relayIn('COPY t FROM STDIN', (submitted) => {
      submitted.submit(connection);
      query = submitted as unknown as Query;
    });
    const half = message('d', 'some rows').subarray(0, 7);
    into.stream.write(half);
    const finished = new Promise((resolve) => into.stream.end(() => resolve(null)));
    await new Promise(setImmediate);
    expect(written).toEqual([]);
    const server = query as unknown as Query;
    server.handleCopyInResponse();
    await new Promise(setImmediate);
    expect(Buffer.concat(written)).toEqual(Buffer.concat([half, message('c', '')]));
    expect(into.isOpen()).toBe(true);
    server.handleCommandComplete({ text: 'COPY 12' });
    server.handleReadyForQuery();
    await finished;
    expect([into.isOpen(), into.rows()]).toEqual([false, 12]);
  });
});

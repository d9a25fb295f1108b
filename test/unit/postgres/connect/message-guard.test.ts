// A server that sends what no PostgreSQL sends: each is an error with a code, and nothing of it is gathered in memory.

import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { describe, expect, test, vi } from 'vitest';
import { Conninfo } from '../../../../src/model/connection/conninfo.ts';
import { connect } from '../../../../src/postgres/connect/connect.ts';
import { MessageExaminer } from '../../../../src/postgres/connect/message-examiner.ts';
import {
  type Ask,
  type FakeOptions,
  startFakePostgres,
} from '../../../support/fakes/fake-postgres.ts';

/** @param length as the header says it; absent: that of the body. */
const message = (type: string, body: Buffer | string = '', length?: number): Buffer => {
  const header = Buffer.alloc(5);
  header.write(type, 'latin1');
  header.writeUInt32BE(length ?? Buffer.byteLength(body) + 4, 1);
  return Buffer.concat([header, Buffer.from(body)]);
};

const count = (value: number): Buffer => Buffer.from([value >> 8, value & 255]);

/** Something that a client might wait for the rest of. */
const filler = Buffer.alloc(64, 'x');

const open = async (asks: readonly Ask[], options: FakeOptions = {}) => {
  const server = await startFakePostgres(asks, options);
  const conninfo = new Conninfo({
    host: '127.0.0.1',
    port: `${server.port}`,
    dbname: 'd',
    user: 'u',
    password: 'p',
    sslmode: options.tls === true ? 'require' : 'disable',
  });
  return { server, connecting: connect(conninfo, { node: 'primary', applicationName: 'test' }) };
};

const violation = { code: 'PROTOCOL_VIOLATION', exit: 7 };

test.each<[string, Buffer]>([
  ['a length of zero', message('R', filler, 0)],
  ['a length that does not count itself', message('E', filler, 3)],
  ['a length of four gigabytes', message('E', filler, 0xff_ff_ff_ff)],
  ['a length of a gigabyte', message('N', filler, 2 ** 30)],
  ['an error without an end', message('E', 'SFATAL\0Mno end')],
  ['an error that ends in a field', message('E', 'SFATAL\0')],
  ['an error of nothing', message('E')],
  ['a way to log in that is not known', message('R', Buffer.from([0, 0, 0, 99]))],
  ['another type with a length', message('\x80', filler, 2 ** 31)],
])('in place of a login: %s', async (_name, bytes) => {
  const { server, connecting } = await open([bytes]);
  await using _server = server;
  await expect(connecting).rejects.toMatchObject(violation);
});

test('within TLS', async () => {
  const { server, connecting } = await open([message('E', filler, 2 ** 31)], { tls: true });
  await using _server = server;
  await expect(connecting).rejects.toMatchObject(violation);
});

describe('in place of an answer', () => {
  /** A column of no table, of type 114 (json). */
  const json = Buffer.alloc(18);
  json.writeUInt32BE(114, 6);
  const rows = message('T', Buffer.concat([count(1), Buffer.from('a\0'), Buffer.alloc(18)]));
  test.each<[string, Buffer]>([
    ['65,535 columns', message('T', Buffer.concat([count(65_535), filler]))],
    ['32,767 columns that are not there', message('T', count(32_767))],
    ['65,535 values', Buffer.concat([rows, message('D', Buffer.concat([count(65_535), filler]))])],
    ['a row of a gigabyte', Buffer.concat([rows, message('D', count(1), 2 ** 30)])],
    ['a length of zero', message('Z', filler, 0)],
    ['a message of a type that nobody knows', message('V', 'x')],
    ['rows that no COPY asked for', message('d', filler, 2 ** 30)],
    [
      'JSON that is none',
      Buffer.concat([
        message('T', Buffer.concat([count(1), Buffer.from('a\0'), json])),
        message('D', Buffer.concat([count(1), Buffer.from([0, 0, 0, 1]), Buffer.from('{')])),
        message('C', 'SELECT 1\0'),
        message('Z', 'I'),
      ]),
    ],
    [
      'a COPY that was not asked for',
      Buffer.concat([message('H', Buffer.from([0, 0, 0])), message('d', filler, 2 ** 30)]),
    ],
  ])('%s', async (_name, answer) => {
    const { server, connecting } = await open(['ok'], { answer });
    await using _server = server;
    const connection = await connecting;
    await expect(connection.send('SELECT', [])).rejects.toMatchObject(violation);
  });

  test.each<[string, Buffer]>([
    ['a length of zero', message('d', filler, 0)],
    ['a length of four gigabytes', message('d', filler, 0xff_ff_ff_ff)],
    ['a notice of a gigabyte', message('N', filler, 2 ** 30)],
  ])('to COPY: %s', async (_name, bytes) => {
    const begin = message('H', Buffer.from([0, 0, 0]));
    const { server, connecting } = await open(['ok'], { answer: Buffer.concat([begin, bytes]) });
    await using _server = server;
    const connection = await connecting;
    const { stream } = connection.copyOut('COPY t TO STDOUT');
    await expect(buffer(stream)).rejects.toMatchObject(violation);
  });
});

describe('a COPY whose rows are relayed ends with an error where the server', () => {
  const begin = message('H', Buffer.from([0, 0, 0]));
  const [rows, complete, ready] = [
    message('d', 'x'),
    message('C', 'COPY 1\0'),
    message('Z', 'I'),
  ] as const;
  const answers: readonly (readonly [string, readonly Buffer[]])[] = [
    ['says how many rows it had before its end', [begin, rows, complete, ready]],
    ['is ready for a query before its end', [begin, rows, ready]],
    ['is ready for a query at once', [ready]],
    ['answers with the result of something else', [complete, ready]],
  ];

  test.each(answers)('%s: to STDOUT', async (_name, parts) => {
    const { server, connecting } = await open(['ok'], { answer: Buffer.concat(parts) });
    await using _server = server;
    const { stream } = (await connecting).relayOut('COPY t TO STDOUT');
    await expect(buffer(stream)).rejects.toMatchObject(violation);
  });

  test.each(answers.slice(2))('%s: from STDIN', async (_name, parts) => {
    const { server, connecting } = await open(['ok'], { answer: Buffer.concat(parts) });
    await using _server = server;
    const { stream } = (await connecting).relayIn('COPY t FROM STDIN');
    await expect(pipeline([rows], stream)).rejects.toMatchObject(violation);
  });
});

test('an error that belongs to no query ends the connection', async () => {
  const answer = Buffer.concat([
    message('C', 'SELECT 0\0'),
    message('Z', 'I'),
    message('E', 'SERROR\0C57014\0Mlate\0\0'),
  ]);
  const { server, connecting } = await open(['ok'], { answer });
  await using _server = server;
  const connection = await connecting;
  await connection.send('SELECT', []);
  await vi.waitFor(() => expect(server.connections()).toBe(0));
});

test('messages are the same however they are cut', () => {
  const good = Buffer.concat([
    message('N', 'SNOTICE\0Mhello\0\0'),
    message('N', '\0'),
    message('n'),
    message('d', filler),
    message('C', 'COPY 1\0'),
    message('Z', 'I'),
  ]);
  for (const size of [1, 2, 3, 7, good.length]) {
    const examiner = new MessageExaminer();
    for (let at = 0; at < good.length; at += size) {
      expect(examiner.faultIn(good.subarray(at, at + size)), `${size} at ${at}`).toBeNull();
    }
  }
  for (const size of [1, 2, 5]) {
    const examiner = new MessageExaminer();
    const bad = message('E', 'SFATAL\0Mx\0');
    const faults = Array.from({ length: Math.ceil(bad.length / size) }, (_, part) =>
      examiner.faultIn(bad.subarray(part * size, (part + 1) * size)),
    );
    expect(faults.at(-1)).toBe('an error message without an end');
    expect(faults.slice(0, -1).every((fault) => fault === null)).toBe(true);
  }
});

test('rows of an answer are counted until the server is ready again', () => {
  const examiner = new MessageExaminer();
  const row = message('D', '', 300 * 1024 * 1024);
  const body = Buffer.alloc(300 * 1024 * 1024 - 4);
  const end = Buffer.concat([message('C', 'SELECT 1\0'), message('Z', 'I')]);
  expect([row, body, end, row, body].map((bytes) => examiner.faultIn(bytes))).toEqual(
    Array(5).fill(null),
  );
  expect(examiner.faultIn(row)).toContain('rows of more than 512 MB');
});

test.each<[string, Buffer]>([
  ['rows without columns', message('D', count(0))],
  ['results', Buffer.concat([message('T', count(0)), message('C', 'SELECT 0\0')])],
])('an answer of %s without end is counted by what is kept of them', (_name, part) => {
  const examiner = new MessageExaminer();
  const chunk = Buffer.concat(Array<Buffer>(10_000).fill(part));
  const faults = Array.from({ length: 900 }, () => examiner.faultIn(chunk));
  expect(faults.some((fault) => fault?.includes('rows of more than 512 MB'))).toBe(true);
  expect(faults.slice(0, 100)).toEqual(Array(100).fill(null));
});

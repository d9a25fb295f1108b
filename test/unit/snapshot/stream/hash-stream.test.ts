// A tap counts and hashes what flows by.

import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect, test } from 'vitest';
import { hashStream } from '../../../../src/snapshot/stream/hash-stream.ts';

test.each([[[]], [['a']], [['hello', ' ', 'world']]])('%j', async (texts) => {
  const passing = hashStream();
  const seen: Buffer[] = [];
  const chunks = texts.map((text) => Buffer.from(text));
  passing.stream.on('data', (chunk: Buffer) => seen.push(chunk));
  await pipeline(Readable.from(chunks), passing.stream);
  const all = Buffer.concat(chunks);
  expect(Buffer.concat(seen).equals(all)).toBe(true);
  expect(passing.bytes()).toBe(all.length);
  expect(passing.sha256()).toBe(createHash('sha256').update(all).digest('hex'));
  expect(passing.sha256()).toBe(passing.sha256());
  // The same memory, not a copy of it.
  expect(seen.every((chunk, index) => chunk === chunks[index])).toBe(true);
});

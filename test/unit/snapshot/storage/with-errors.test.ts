// Streams whose failures are told in our words.

import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { withErrors } from '../../../../src/snapshot/storage/with-errors.ts';

const explain = (error: unknown): Error => new Error('explained', { cause: error });

test('aborted before anybody reads it, the reader hears the reason', async () => {
  const stop = new AbortController();
  const stream = withErrors(Readable.from(['rows']), stop.signal, explain);
  stop.abort(new Error('no longer wanted'));
  // An unhandled error would end the process here.
  await setImmediate();
  await expect(pipeline(stream, new PassThrough().resume())).rejects.toThrow('no longer wanted');
});

test('a source that breaks is explained', async () => {
  const source = new PassThrough();
  const stream = withErrors(source, new AbortController().signal, explain);
  source.destroy(new Error('disk'));
  await expect(pipeline(stream, new PassThrough().resume())).rejects.toThrow('explained');
});

test('a source that is closed before its end is explained', async () => {
  const source = new PassThrough();
  const stream = withErrors(source, new AbortController().signal, explain);
  source.destroy();
  await expect(pipeline(stream, new PassThrough().resume())).rejects.toThrow('explained');
});

// A stream whose failures are told in our words. Knows no storage.

import { PassThrough, type Readable } from 'node:stream';

/** The same bytes; what breaks the source, its end before its time included, breaks the result with `explain`'s error. */
export const withErrors = (
  source: Readable,
  signal: AbortSignal,
  explain: (error: unknown) => unknown,
): Readable => {
  const result = new PassThrough();
  // It may break before it is read: a later reader then finds it broken.
  result.on('error', () => undefined);
  const stop = (): void => {
    result.destroy(asError(signal.reason));
  };
  source.on('error', (error) => result.destroy(asError(explain(error))));
  source.on('close', () => {
    if (!source.readableEnded) result.destroy(asError(explain(new Error('it ended too early'))));
  });
  result.on('close', () => {
    signal.removeEventListener('abort', stop);
    source.destroy();
  });
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  return source.pipe(result);
};

const asError = (reason: unknown): Error =>
  reason instanceof Error ? reason : new Error(String(reason));

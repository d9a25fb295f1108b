// Counts and hashes the bytes that flow through a stream, without a copy. Knows not what they are.

import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';

/** A stream that lets everything through, and what went through it: known once the stream has finished. */
export interface HashStream {
  readonly stream: Transform;
  readonly bytes: () => number;
  /** SHA-256 in hex. Ends the hash: ask when everything has gone through. */
  readonly sha256: () => string;
}

/** @param onBytes is told of each piece that goes through. */
export const hashStream = (onBytes: (bytes: number) => void = () => undefined): HashStream => {
  const hash = createHash('sha256');
  let bytes = 0;
  let digest: string | null = null;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      hash.update(chunk);
      onBytes(chunk.length);
      done(null, chunk);
    },
  });
  const sha256 = (): string => {
    digest ??= hash.digest('hex');
    return digest;
  };
  return { stream, bytes: () => bytes, sha256 };
};

// The end of a stream that is read for its hashes alone.

import { Writable } from 'node:stream';

export const drain = (onData: (data: Buffer) => void): Writable =>
  new Writable({
    write: (data: Buffer, _encoding, done) => {
      onData(data);
      done();
    },
  });

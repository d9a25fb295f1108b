// A stream around another, to which it gives what has gathered meanwhile in one piece, and the end only when all of it is
// worked off. What comes out, and how it ends, can be judged. Knows no codec.

import { Duplex } from 'node:stream';

/** Each answers the error that the stream ends with; null: all is well. */
export interface Judge {
  readonly onData: (chunk: Buffer) => Error | null;
  /** `fed`: the bytes that went in; `isFed`: whether that was all of them. */
  readonly onEnd: (fed: number, isFed: boolean) => Error | null;
  readonly onError: (error: Error) => Error;
}

const lenient: Judge = { onData: () => null, onEnd: () => null, onError: (error) => error };

/** A server sends 8 kB at a time, and every piece costs a codec a trip to its thread. */
const gatheredBytes = 512 * 1024;

export const throughEngine = (engine: Duplex, judge: Judge = lenient): Duplex => {
  let fed = 0;
  let isFed = false;
  const feed = (chunk: Buffer, done: () => void): void => {
    fed += chunk.length;
    // What fails is told by the event.
    engine.write(chunk, (error) => (error ? undefined : done()));
  };
  const stream = new Duplex({
    writableHighWaterMark: gatheredBytes,
    write: (chunk: Buffer, _encoding, done) => feed(chunk, done),
    writev: (chunks, done) => feed(Buffer.concat(chunks.map(({ chunk }) => chunk as Buffer)), done),
    final(done) {
      isFed = true;
      engine.end();
      done();
    },
    read() {
      engine.resume();
    },
    destroy(error, done) {
      engine.destroy();
      done(error);
    },
  });
  engine.on('data', (chunk: Buffer) => {
    const fault = judge.onData(chunk);
    if (fault !== null) stream.destroy(fault);
    else if (!stream.push(chunk)) engine.pause();
  });
  engine.on('end', () => {
    const fault = judge.onEnd(fed, isFed);
    if (fault === null) stream.push(null);
    else stream.destroy(fault);
  });
  engine.on('error', (error) => stream.destroy(judge.onError(error)));
  engine.pause();
  return stream;
};

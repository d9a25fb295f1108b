// A stream around another, to which it gives one chunk at a time, and the end only when all of them are worked off.
// What comes out, and how it ends, can be judged. Knows no codec.

import { Duplex } from 'node:stream';

/** Each answers the error that the stream ends with; null: all is well. */
export interface Judge {
  readonly onData: (chunk: Buffer) => Error | null;
  /** `fed`: the bytes that went in; `isFed`: whether that was all of them. */
  readonly onEnd: (fed: number, isFed: boolean) => Error | null;
  readonly onError: (error: Error) => Error;
}

const lenient: Judge = { onData: () => null, onEnd: () => null, onError: (error) => error };

export const throughEngine = (engine: Duplex, judge: Judge = lenient): Duplex => {
  let fed = 0;
  let isFed = false;
  const stream = new Duplex({
    write(chunk: Buffer, _encoding, done) {
      fed += chunk.length;
      // What fails is told by the event.
      engine.write(chunk, (error) => (error ? undefined : done()));
    },
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

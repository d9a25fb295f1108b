// A line between steep and one server that takes its time: a proxy in a process of its own, so that what it takes of the
// processor is nobody's. Arguments: the port of the server, and the milliseconds to it and back.

import { type ChildProcess, fork } from 'node:child_process';
import { createServer, connect as dial, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

export interface SlowLine {
  readonly port: number;
  readonly close: () => void;
}

/** `roundTrip`: milliseconds. */
export const slowLine = async (port: number, roundTrip: number): Promise<SlowLine> => {
  const child: ChildProcess = fork(fileURLToPath(import.meta.url), [
    String(port),
    String(roundTrip),
  ]);
  const listening = await new Promise<number>((resolve, reject) => {
    child.once('message', (message) => resolve(Number(message)));
    child.once('exit', () => reject(new Error('the slow line has ended')));
  });
  return { port: listening, close: () => void child.kill() };
};

/** Each piece comes so much later, in its order; who sends faster than the other end reads has to wait. */
const carry = (from: Socket, to: Socket, ms: number): void => {
  from.on('data', (bytes) => {
    setTimeout(() => {
      if (to.destroyed || to.write(bytes)) return;
      from.pause();
      to.once('drain', () => from.resume());
    }, ms);
  });
  from.on('close', () => setTimeout(() => to.destroy(), ms));
  from.on('error', () => undefined);
};

const [server, roundTrip] = process.argv.slice(2).map(Number);
if (process.send !== undefined && server !== undefined && roundTrip !== undefined) {
  const proxy = createServer({ noDelay: true }, (client) => {
    const onward = dial({ port: server, host: '127.0.0.1', noDelay: true });
    carry(client, onward, roundTrip / 2);
    carry(onward, client, roundTrip / 2);
  });
  proxy.listen(0, '127.0.0.1', () => {
    const address = proxy.address();
    process.send?.(typeof address === 'object' ? address?.port : 0);
  });
  // Who started it has ended.
  process.once('disconnect', () => process.kill(process.pid));
}

// Asks the system for TCP ports of 127.0.0.1. What is free now may be taken a moment later.

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** A port without a listener. */
export const freePort = (): Promise<number> => listenOnce(0);

/** Whether the port has no listener. */
export const isPortFree = (port: number): Promise<boolean> =>
  listenOnce(port).then(
    () => true,
    () => false,
  );

async function listenOnce(wanted: number): Promise<number> {
  const server = createServer().listen(wanted, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

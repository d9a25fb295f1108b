// A TCP proxy that does to the startup what a transaction pooler does: the client is told a process id
// that is not the backend's.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Conninfo } from '../../../src/model/connection/conninfo.ts';

/** The process id that every client is told. */
export const poolerPid = 424_242;

export interface Pooler {
  /** The same database, through the pooler. */
  readonly conninfo: Conninfo;
  close(): Promise<void>;
}

/** Starts a pooler before the server of `target`. */
export async function startPooler(target: Conninfo): Promise<Pooler> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(target.get('port')), target.get('host'));
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy()).on('close', () => other.destroy());
    }
    refuseEncryption(client, upstream);
    replacePid(upstream, client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    conninfo: target.with({ host: '127.0.0.1', port: String(port) }),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** SSLRequest and GSSENCRequest (manual 54.7): answered here, so that the server's answers are messages only. */
const encryptionRequests: readonly number[] = [80_877_103, 80_877_104];

function refuseEncryption(client: Socket, upstream: Socket): void {
  client.on('data', (chunk) => {
    const asks = chunk.length === 8 && encryptionRequests.includes(chunk.readInt32BE(4));
    if (asks) client.write('N');
    else upstream.write(chunk);
  });
}

/** Messages are a letter and a length that counts itself. After BackendKeyData nothing is looked at. */
function replacePid(upstream: Socket, client: Socket): void {
  let pending = Buffer.alloc(0);
  let replaced = false;
  upstream.on('data', (chunk) => {
    if (replaced) {
      client.write(chunk);
      return;
    }
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 5 && pending.length > pending.readInt32BE(1)) {
      const message = pending.subarray(0, pending.readInt32BE(1) + 1);
      pending = pending.subarray(message.length);
      if (message[0] === 'K'.charCodeAt(0)) {
        message.writeInt32BE(poolerPid, 5);
        replaced = true;
      }
      client.write(message);
    }
    if (replaced) client.write(pending);
  });
}

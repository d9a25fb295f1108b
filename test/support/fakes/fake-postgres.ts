// A server that speaks just enough of the protocol to ask for a login, and remembers what it was told. It stands for a
// server that is not who the client thinks.

import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';

/** What it answers to the startup message, and then to each password message, one after the other: bytes as they are. */
export type Ask = 'cleartext' | 'md5' | 'sasl' | 'sasl-plus' | 'ok' | Buffer;

export interface FakePostgres extends AsyncDisposable {
  readonly port: number;
  /** Parameters of the last startup message: user, database, options … */
  readonly startup: () => Readonly<Record<string, string>>;
  /** Everything that clients sent as an answer to a request. */
  readonly answers: readonly string[];
  /** How many connections are open. */
  readonly connections: () => number;
  /** Whether a client that was let in has sent a query. */
  readonly queried: () => boolean;
}

export const certificate = (name: 'root.crt' | 'server.crt' | 'server.key'): string =>
  join(import.meta.dirname, 'certificates', name);

const sslRequest = 80_877_103;
const gssRequest = 80_877_104;

export interface FakeOptions {
  readonly tls?: boolean;
  /** What it sends for each query. Absent: nothing. */
  readonly answer?: Buffer;
}

/** @param asks in this order; the last one is repeated. */
export const startFakePostgres = async (
  asks: readonly Ask[],
  { tls = false, answer }: FakeOptions = {},
): Promise<FakePostgres> => {
  const answers: string[] = [];
  let startup: Record<string, string> = {};
  let queried = false;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    serve(socket, tls, {
      asks: [...asks],
      onStartup: (parameters) => {
        startup = parameters;
      },
      onAnswer: (text) => answers.push(text),
      onQuery: () => {
        queried = true;
        if (answer !== undefined) socket.write(answer);
      },
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    startup: () => startup,
    answers,
    queried: () => queried,
    connections: () => sockets.size,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

interface Script {
  readonly asks: Ask[];
  readonly onStartup: (parameters: Record<string, string>) => void;
  readonly onAnswer: (text: string) => void;
  readonly onQuery: () => void;
}

function serve(socket: Socket, tls: boolean, script: Script): void {
  socket.once('data', (data) => {
    const code = data.length >= 8 ? data.readInt32BE(4) : 0;
    if (code === gssRequest || (code === sslRequest && !tls)) {
      socket.write('N');
      serve(socket, tls, script);
    } else if (code === sslRequest) {
      socket.write('S');
      const secure = new TLSSocket(socket, {
        isServer: true,
        key: readFileSync(certificate('server.key')),
        cert: readFileSync(certificate('server.crt')),
      });
      secure.on('error', () => undefined);
      serve(secure, tls, script);
    } else {
      script.onStartup(parametersOf(data));
      converse(socket, script);
    }
  });
}

const parametersOf = (data: Buffer): Record<string, string> => {
  const parts = data.subarray(8).toString('utf8').split('\0');
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < parts.length && parts[i] !== ''; i += 2) {
    pairs.push([parts[i] ?? '', parts[i + 1] ?? '']);
  }
  return Object.fromEntries(pairs);
};

function converse(socket: Socket, { asks, onAnswer, onQuery }: Script): void {
  const next = (): void => {
    const ask = asks.length > 1 ? asks.shift() : asks[0];
    socket.write(typeof ask === 'object' ? ask : requests[ask ?? 'ok']);
  };
  socket.on('data', (data: Buffer) => {
    if (data[0] === 'Q'.charCodeAt(0)) onQuery();
    if (data[0] !== 'p'.charCodeAt(0)) return;
    onAnswer(data.subarray(5).toString('utf8').replace(/\0$/, ''));
    next();
  });
  next();
}

const request = (code: number, rest: Buffer = Buffer.alloc(0)): Buffer => {
  const message = Buffer.alloc(9 + rest.length);
  message.write('R', 0);
  message.writeInt32BE(8 + rest.length, 1);
  message.writeInt32BE(code, 5);
  rest.copy(message, 9);
  return message;
};

const readyForQuery = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

const requests: Readonly<Record<Exclude<Ask, Buffer>, Buffer>> = {
  cleartext: request(3),
  md5: request(5, Buffer.from('salt')),
  sasl: request(10, Buffer.from('SCRAM-SHA-256\0\0')),
  'sasl-plus': request(10, Buffer.from('SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0')),
  ok: Buffer.concat([request(0), readyForQuery]),
};

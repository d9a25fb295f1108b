// A TCP proxy before a server that stops a client before a statement that a test chooses: until resume(), nothing
// passes on any of its connections, and the client does not hear when the server ends one of them.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Conninfo } from '../../src/model/conninfo.ts';
import { onTestFinished } from './clean-up.ts';
import { urlOf } from './test-database.ts';

/** Shared by the proxies of one client: all of them stop at once. */
export interface Pause {
  /** Resolves with the statement before which the client is stopped. */
  readonly reached: Promise<string>;
  /** Passes on what was kept. Connections that the server has ended meanwhile end now, unless they stay silent. */
  resume(): void;
}

interface Link {
  /** Passes on what was kept. */
  readonly flush: () => void;
}

export interface PauseOptions {
  /** Whether to stop before this statement; it is asked until it says yes. */
  readonly before: (statement: string) => boolean;
  /** The client never hears that the server ended a connection, as behind a firewall that drops packets. */
  readonly silent?: boolean;
}

interface State {
  paused: boolean;
  done: boolean;
  readonly links: Set<Link>;
  readonly options: PauseOptions;
  readonly stop: (statement: string) => void;
}

/** URLs of the databases, in their order, through proxies that are gone after the test. */
export async function pausing(
  targets: readonly Conninfo[],
  options: PauseOptions,
): Promise<{ readonly urls: readonly string[]; readonly pause: Pause }> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const state: State = { paused: false, done: false, links: new Set(), options, stop: resolve };
  const urls = await Promise.all(targets.map((target) => listen(target, state)));
  const resume = (): void => {
    state.paused = false;
    state.done = true;
    for (const { flush } of state.links) flush();
  };
  return { urls, pause: { reached: promise, resume } };
}

async function listen(target: Conninfo, state: State): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(target.get('port')), target.get('host'));
    for (const socket of [client, upstream]) sockets.add(socket);
    link(client, upstream, state);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  const { port } = server.address() as AddressInfo;
  return urlOf(target.with({ host: '127.0.0.1', port: String(port) }));
}

/** SSLRequest and GSSENCRequest: answered here, so that all that follows can be read. */
const encryptionRequests: readonly number[] = [80_877_103, 80_877_104];

function link(client: Socket, upstream: Socket, state: State): void {
  const kept = { up: [] as Buffer[], down: [] as Buffer[], ended: false };
  const messages = makeReader();
  const pass = (): void => {
    for (const chunk of kept.down.splice(0)) client.write(chunk);
    for (const chunk of kept.up.splice(0)) upstream.write(chunk);
    if (kept.ended && state.options.silent !== true) client.destroy();
  };
  const flush = (): void => {
    if (!state.paused) pass();
  };
  state.links.add({ flush });
  client.on('data', (chunk) => {
    if (chunk.length === 8 && encryptionRequests.includes(chunk.readInt32BE(4))) {
      client.write('N');
      return;
    }
    for (const { text, bytes } of messages(chunk)) {
      if (text !== null && !state.done && !state.paused && state.options.before(text)) {
        state.paused = true;
        state.stop(text);
      }
      kept.up.push(bytes);
      flush();
    }
  });
  upstream.on('data', (chunk) => {
    kept.down.push(chunk);
    flush();
  });
  upstream
    .on('error', () => undefined)
    .on('close', () => {
      kept.ended = true;
      flush();
    });
  client.on('error', () => undefined).on('close', () => upstream.destroy());
}

interface Message {
  /** Of a statement: Query or Parse. */
  readonly text: string | null;
  readonly bytes: Buffer;
}

/** Messages as they are complete. The first has no letter, only a length that counts itself. */
function makeReader(): (chunk: Buffer) => readonly Message[] {
  let pending = Buffer.alloc(0);
  let started = false;
  return (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    const found: Message[] = [];
    for (;;) {
      const letters = started ? 1 : 0;
      if (pending.length < letters + 4) return found;
      const length = letters + pending.readInt32BE(letters);
      if (pending.length < length) return found;
      const bytes = pending.subarray(0, length);
      pending = pending.subarray(length);
      found.push({ text: started ? statementOf(bytes) : null, bytes });
      started = true;
    }
  };
}

function statementOf(bytes: Buffer): string | null {
  const letter = String.fromCharCode(bytes[0] ?? 0);
  if (letter === 'Q') return bytes.subarray(5, -1).toString();
  if (letter !== 'P') return null;
  const name = bytes.indexOf(0, 5);
  return bytes.subarray(name + 1, bytes.indexOf(0, name + 1)).toString();
}

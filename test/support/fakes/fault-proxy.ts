// A TCP proxy before a real server that does what networks do: forwards nothing without closing (one way or both), keeps
// one end open when the other has ended, cuts, and refuses. Bytes are never changed, reordered or lost while a
// connection lives: what was held back is forwarded after resume().

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Conninfo } from '../../../src/model/connection/conninfo.ts';

/** `up`: from the client to the server; `down`: from the server to the client. */
export type Way = 'up' | 'down';

const bothWays: readonly Way[] = ['up', 'down'];

/** One connection through the proxy. */
export interface Link {
  /** The startup packet as text, with NUL between its parts; empty until it has passed, or under TLS. */
  readonly startup: string;
  /** Bytes forwarded so far. */
  readonly bytes: Readonly<Record<Way, number>>;
  readonly ended: boolean;
  /** Forwards nothing from now on, and closes nothing: neither end can tell. */
  pause(ways?: readonly Way[]): void;
  /** Pauses by itself after so many further bytes in this direction (at a boundary of what arrives together). */
  pauseAfter(bytes: number, way: Way, ways?: readonly Way[]): void;
  resume(): void;
  /** Ends the server's side; the client's stays open, and is never told. */
  halfOpen(): void;
  /** Ends both sides at once, with a reset. */
  cut(): void;
}

export interface FaultProxy {
  readonly port: number;
  /** The same database, through the proxy. */
  readonly conninfo: Conninfo;
  /** Those that have not ended, in the order in which they came. */
  links(): readonly Link[];
  /** Called with each new connection when its startup packet was received, before it is forwarded. */
  onLink(callback: (link: Link) => void): void;
  /** All connections, and those that come later. A new one is accepted, and never answered. */
  pause(ways?: readonly Way[]): void;
  /** Undoes pause(), pauseAfter() and refuse(), on every connection. */
  resume(): void;
  cut(): void;
  /** New connections are reset at once, until resume(). */
  refuse(): void;
  close(): Promise<void>;
}

interface Shared {
  paused: readonly Way[];
  refusing: boolean;
  readonly callbacks: ((link: Link) => void)[];
}

/** Starts a proxy on a free port of 127.0.0.1, before the server of `target`. */
export async function startFaultProxy(target: Conninfo): Promise<FaultProxy> {
  const links = new Set<Link>();
  const shared: Shared = { paused: [], refusing: false, callbacks: [] };
  const live = (): readonly Link[] => [...links].filter(({ ended }) => !ended);
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (client) => {
    if (shared.refusing) {
      client.on('error', () => undefined).resetAndDestroy();
      return;
    }
    const upstream = connect({
      port: Number(target.get('port')),
      host: target.get('host') ?? '127.0.0.1',
      allowHalfOpen: true,
    });
    const link = makeLink(client, upstream, shared, () => links.delete(link));
    links.add(link);
    link.pause(shared.paused);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    conninfo: target.with({ host: '127.0.0.1', port: String(port) }),
    links: live,
    onLink: (callback) => void shared.callbacks.push(callback),
    pause: (ways = bothWays) => {
      shared.paused = ways;
      for (const link of live()) link.pause(ways);
    },
    resume: () => {
      shared.paused = [];
      shared.refusing = false;
      for (const link of live()) link.resume();
    },
    cut: () => {
      for (const link of live()) link.cut();
    },
    refuse: () => {
      shared.refusing = true;
    },
    close: async () => {
      for (const link of live()) link.cut();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Pipe {
  readonly passed: () => number;
  hold(): void;
  holdAfter(bytes: number, onHeld: () => void): void;
  flow(): void;
}

/** Forwards with back-pressure; while it is held, the kernel's buffers fill, as in a real network. */
function makePipe(from: Socket, to: Socket, onChunk: (chunk: Buffer) => void): Pipe {
  let passed = 0;
  let held = false;
  let limit: { readonly at: number; readonly onHeld: () => void } | null = null;
  let ended = false;
  const finish = (): void => {
    if (ended && !held && !to.destroyed) to.end();
  };
  const hold = (): void => {
    held = true;
    from.pause();
  };
  from.on('data', (chunk: Buffer) => {
    onChunk(chunk);
    // Paused by what was just looked at: it is the first to be held back.
    if (held) {
      from.unshift(chunk);
      return;
    }
    passed += chunk.length;
    if (!to.write(chunk)) {
      from.pause();
      to.once('drain', () => {
        if (!held) from.resume();
      });
    }
    if (limit !== null && passed >= limit.at) {
      const { onHeld } = limit;
      limit = null;
      onHeld();
    }
  });
  from.on('end', () => {
    ended = true;
    finish();
  });
  return {
    passed: () => passed,
    hold,
    holdAfter: (bytes, onHeld) => {
      limit = { at: passed + bytes, onHeld };
    },
    flow: () => {
      held = false;
      limit = null;
      from.resume();
      finish();
    },
  };
}

/** SSLRequest, GSSENCRequest and CancelRequest come instead of, or before, a startup packet (manual 54.7). */
const shortRequests = new Set([8, 16]);

function makeLink(client: Socket, upstream: Socket, shared: Shared, forget: () => void): Link {
  let startup = '';
  let open = 2;
  const readStartup = (chunk: Buffer): void => {
    if (startup !== '' || shortRequests.has(chunk.length)) return;
    startup = chunk.toString('latin1');
    for (const callback of shared.callbacks) callback(link);
  };
  const pipes: Readonly<Record<Way, Pipe>> = {
    up: makePipe(client, upstream, readStartup),
    down: makePipe(upstream, client, () => undefined),
  };
  let halfOpen = false;
  for (const [socket, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    socket.on('error', () => undefined);
    socket.on('close', () => {
      open -= 1;
      if (open === 0) forget();
      else if (!halfOpen && socket.errored !== null) other.resetAndDestroy();
    });
  }
  const pause = (ways: readonly Way[]): void => {
    for (const way of ways) pipes[way].hold();
  };
  const link: Link = {
    get startup() {
      return startup;
    },
    get bytes() {
      return { up: pipes.up.passed(), down: pipes.down.passed() };
    },
    get ended() {
      return open === 0;
    },
    pause: (ways = bothWays) => pause(ways),
    pauseAfter: (bytes, way, ways = bothWays) => pipes[way].holdAfter(bytes, () => pause(ways)),
    resume: () => {
      for (const way of bothWays) pipes[way].flow();
    },
    halfOpen: () => {
      halfOpen = true;
      pause(['up']);
      upstream.destroy();
    },
    cut: () => {
      client.resetAndDestroy();
      upstream.resetAndDestroy();
    },
  };
  pipes.up.flow();
  return link;
}

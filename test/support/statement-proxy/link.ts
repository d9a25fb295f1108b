// One connection through the proxy: which role uses it, which statement it sent last, and how it is paused or cut.

import { connect, type Socket } from 'node:net';
import { readMessages, textAt } from './frames.ts';

/** A statement on its way: before the server gets it, or when the server has answered and its client does not know yet. */
export interface Passing {
  readonly link: Link;
  readonly side: 'before' | 'after';
  readonly text: string;
}

export interface Link {
  readonly node: string;
  /** Of the connection's application_name. */
  readonly application: string;
  /** The process that serves it; 0 before it is known. */
  readonly pid: number;
  /** The last statement that the server was sent. */
  readonly statement: string;
  readonly open: boolean;
  readonly pause: () => void;
  readonly resume: () => void;
  readonly cut: () => void;
}

/** SSLRequest and GSSENCRequest (manual, Message Formats): answered here with no. */
const encryptionRequests: readonly number[] = [80_877_103, 80_877_104];
const protocolVersion3 = 196_608;

export interface LinkOptions {
  readonly node: string;
  readonly port: number;
  /** Awaited before the statement, or its answer, continues. */
  readonly onPassing: (passing: Passing) => Promise<void>;
  readonly onClosed: () => void;
  readonly paused: boolean;
  /** The client never hears that the server ended the connection, as behind a firewall that drops packets. */
  readonly silent?: boolean;
}

/** Relays a client to the server, message by message where it matters. */
export const openLink = (client: Socket, options: LinkOptions): Link => {
  const upstream = connect(options.port, '127.0.0.1');
  const state = { application: '', pid: 0, statement: '', open: true };
  const gate = makeGate(options.paused);
  const link: Link = {
    node: options.node,
    get application() {
      return state.application;
    },
    get pid() {
      return state.pid;
    },
    get statement() {
      return state.statement;
    },
    get open() {
      return state.open;
    },
    pause: gate.close,
    resume: gate.open,
    cut: () => {
      gate.open();
      client.destroy();
      upstream.destroy();
    },
  };
  const pass = (side: Passing['side']): Promise<void> =>
    options.onPassing({ link, side, text: state.statement });
  let sent: string[] = [];
  let answered = 0;
  const fromClient = readMessages('QP', (type, body) => {
    if (type === 'Q') sent.push(textAt(body, 0)[0]);
    if (type === 'P') sent.push(textAt(body, textAt(body, 0)[1])[0]);
  });
  const fromServer = readMessages('K', (type, body) => {
    if (type === 'K') state.pid = body.readInt32BE(0);
    if (type === 'Z') answered += 1;
  });
  let started = false;
  relay(client, upstream, gate, async (chunk) => {
    if (!started) {
      const code = chunk.length >= 8 ? chunk.readInt32BE(4) : 0;
      if (encryptionRequests.includes(code)) {
        client.write('N');
        return false;
      }
      started = true;
      if (code === protocolVersion3) state.application = applicationOf(chunk);
      return true;
    }
    sent = [];
    fromClient(chunk);
    for (const text of sent) {
      state.statement = text;
      await pass('before');
    }
    return true;
  });
  relay(upstream, client, gate, async (chunk) => {
    answered = 0;
    fromServer(chunk);
    if (answered > 0 && state.statement !== '') await pass('after');
    return true;
  });
  const closed = (): void => {
    link.cut();
    if (state.open) options.onClosed();
    state.open = false;
  };
  client.on('close', closed);
  // While nothing passes, the client does not hear of it.
  upstream.on('close', () => {
    if (options.silent !== true) void gate.passage().then(closed);
  });
  return link;
};

/** In order, one chunk after the other; `look` says whether the chunk is passed on. */
function relay(
  from: Socket,
  to: Socket,
  gate: Gate,
  look: (chunk: Buffer) => Promise<boolean>,
): void {
  const pump = async (chunk: Buffer): Promise<void> => {
    await gate.passage();
    const wanted = await look(chunk);
    await gate.passage();
    if (wanted && !to.destroyed && !to.write(chunk)) await drained(to);
  };
  from.on('error', () => undefined);
  from.on('data', (chunk: Buffer) => {
    from.pause();
    void pump(chunk).then(() => from.resume());
  });
}

const drained = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.once('drain', resolve).once('close', () => resolve());
  });

interface Gate {
  readonly passage: () => Promise<void>;
  readonly open: () => void;
  readonly close: () => void;
}

function makeGate(closed: boolean): Gate {
  let waiting: (() => void)[] | null = closed ? [] : null;
  return {
    passage: () =>
      new Promise((resolve) => {
        if (waiting === null) resolve();
        else waiting.push(resolve);
      }),
    close: () => {
      waiting ??= [];
    },
    open: () => {
      const those = waiting ?? [];
      waiting = null;
      for (const go of those) go();
    },
  };
}

/** The startup packet: a length, a version, and names with their values. */
function applicationOf(packet: Buffer): string {
  const parameters = packet.toString('utf8', 8).split('\0');
  const at = parameters.indexOf('application_name');
  return at < 0 ? '' : (parameters[at + 1] ?? '');
}

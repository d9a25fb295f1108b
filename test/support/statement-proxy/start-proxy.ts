// A TCP proxy before a server that knows which statement each connection sends, can stop any of them at the border
// between two statements, and can cut or stall all connections at once.

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { type Link, type LinkOptions, openLink } from './link.ts';

export interface StatementProxy {
  readonly port: number;
  /** Connections that are open now. */
  links(): readonly Link[];
  /** Nothing passes in either direction, on connections old and new; nothing is closed. */
  stall(): void;
  /** Ends every connection, and refuses new ones until it is healed. */
  cut(): void;
  /** As before, for what is still open and for what comes. */
  heal(): void;
  close(): Promise<void>;
}

export type ProxyOptions = Pick<LinkOptions, 'node' | 'port' | 'onPassing' | 'silent'>;

/** Listens before the server on `port`; `onPassing` is asked at every statement of every connection. */
export const startProxy = async (options: ProxyOptions): Promise<StatementProxy> => {
  const links = new Set<Link>();
  let stalled = false;
  let refusing = false;
  const server = createServer((client) => {
    if (refusing) {
      client.destroy();
      return;
    }
    const link: Link = openLink(client, {
      ...options,
      onClosed: () => void links.delete(link),
      paused: stalled,
    });
    links.add(link);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    links: () => [...links],
    stall: () => {
      stalled = true;
      for (const link of links) link.pause();
    },
    cut: () => {
      refusing = true;
      for (const link of links) link.cut();
    },
    heal: () => {
      stalled = false;
      refusing = false;
      for (const link of links) link.resume();
    },
    close: async () => {
      for (const link of links) link.cut();
      server.close();
      await once(server, 'close');
    },
  };
};

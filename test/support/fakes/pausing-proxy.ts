// Proxies before servers that stop a client before a statement that a test chooses: until resume(), nothing
// passes on any of its connections, and the client does not hear when the server ends one of them.

import type { Conninfo } from '../../../src/model/connection/conninfo.ts';
import { onTestFinished } from '../servers/clean-up.ts';
import { urlOf } from '../servers/test-database.ts';
import { type StatementProxy, startProxy } from '../statement-proxy/start-proxy.ts';

/** Shared by the proxies of one client: all of them stop at once. */
export interface Pause {
  /** Resolves with the statement before which the client is stopped. */
  readonly reached: Promise<string>;
  /** Passes on what was kept. Connections that the server has ended meanwhile end now, unless they stay silent. */
  resume(): void;
}

export interface PauseOptions {
  /** Whether to stop before this statement; it is asked until it says yes. */
  readonly before: (statement: string) => boolean;
  /** The client never hears that the server ended a connection, as behind a firewall that drops packets. */
  readonly silent?: boolean;
}

/** URLs of the databases, in their order, through proxies that are gone after the test. */
export async function pausing(
  targets: readonly Conninfo[],
  { before, silent = false }: PauseOptions,
): Promise<{ readonly urls: readonly string[]; readonly pause: Pause }> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const proxies: StatementProxy[] = [];
  let state: 'waits' | 'paused' | 'resumed' = 'waits';
  const stopBefore = (statement: string): void => {
    if (state !== 'waits' || !before(statement)) return;
    state = 'paused';
    for (const proxy of proxies) proxy.stall();
    resolve(statement);
  };
  for (const target of targets) {
    const proxy = await startProxy({
      node: '',
      port: Number(target.get('port')),
      silent,
      onPassing: async ({ side, text }) => {
        if (side === 'before') stopBefore(text);
      },
    });
    onTestFinished(() => proxy.close());
    proxies.push(proxy);
  }
  const resume = (): void => {
    state = 'resumed';
    for (const proxy of proxies) proxy.heal();
  };
  const urls = targets.map((target, index) =>
    urlOf(target.with({ host: '127.0.0.1', port: String(proxies[index]?.port) })),
  );
  return { urls, pause: { reached: promise, resume } };
}

// Runs of steep through proxies that cut every connection at a statement which a test chooses, and whose process is
// killed at the same moment.

import type { Conninfo } from '../../../src/model/connection/conninfo.ts';
import { onTestFinished } from '../servers/clean-up.ts';
import { urlOf } from '../servers/test-database.ts';
import { type StatementProxy, startProxy } from '../statement-proxy/start-proxy.ts';

export interface Cut {
  /** Of the databases, in their order, through proxies that are gone after the test. */
  readonly urls: readonly string[];
  /** Resolves once all connections are cut; the statement was not sent. */
  readonly reached: Promise<void>;
}

/** @param at whether to cut before this statement; asked for every statement, in their order, until it says yes. */
export const cutting = async (
  targets: readonly Conninfo[],
  at: (statement: string) => boolean,
): Promise<Cut> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const proxies: StatementProxy[] = [];
  let isCut = false;
  for (const target of targets) {
    const proxy = await startProxy({
      node: '',
      port: Number(target.get('port')),
      onPassing: async ({ side, text }) => {
        if (side !== 'before' || isCut || !at(text)) return;
        isCut = true;
        for (const other of proxies) other.cut();
        resolve();
      },
    });
    onTestFinished(() => proxy.close());
    proxies.push(proxy);
  }
  const urls = targets.map((target, index) =>
    urlOf(target.with({ host: '127.0.0.1', port: String(proxies[index]?.port) })),
  );
  return { urls, reached: promise };
};

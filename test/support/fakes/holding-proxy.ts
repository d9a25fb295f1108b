// A proxy before a server that holds the statements that a test chooses, each on its own connection; all others pass.

import type { Conninfo } from '../../../src/model/connection/conninfo.ts';
import { onTestFinished } from '../servers/clean-up.ts';
import { urlOf } from '../servers/test-database.ts';
import { startProxy } from '../statement-proxy/start-proxy.ts';

export interface Holding {
  readonly url: string;
  /** What is held continues, and nothing is held any more. */
  readonly release: () => void;
}

/** The proxy is gone after the test. */
export async function holding(target: Conninfo, statement: RegExp): Promise<Holding> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const proxy = await startProxy({
    node: '',
    port: Number(target.get('port')),
    onPassing: async ({ side, text }) => {
      if (side === 'before' && statement.test(text)) await promise;
    },
  });
  onTestFinished(async () => {
    resolve();
    await proxy.close();
  });
  return {
    url: urlOf(target.with({ host: '127.0.0.1', port: String(proxy.port) })),
    release: resolve,
  };
}

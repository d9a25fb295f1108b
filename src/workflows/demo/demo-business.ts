// A user who continues working while the demo replicates: transactions on the publisher, one after another.

import { setTimeout as delay } from 'node:timers/promises';
import type { Conninfo } from '../../model/connection/conninfo.ts';
import { openSession } from '../../postgres/session.ts';
import { doBusiness } from '../../sandbox/shop.ts';

export interface Business {
  /** Stops after the transaction in flight. @returns how many were committed. */
  readonly close: () => Promise<number>;
}

const pauseMs = 10;

/** Begins at once, in a session of its own. */
export const openBusiness = async (node: string, conninfo: Conninfo): Promise<Business> => {
  const session = await openSession(conninfo, { node, applicationName: 'steep demo shop' });
  let open = true;
  let committed = 0;
  const work = async (): Promise<void> => {
    while (open) {
      await doBusiness(session, committed + 1);
      committed += 1;
      await delay(pauseMs);
    }
  };
  const working = work();
  // What fails is told by close(); until then errors are not observed.
  working.catch(() => undefined);
  return {
    close: async () => {
      open = false;
      try {
        await working;
      } finally {
        await session.close();
      }
      return committed;
    },
  };
};

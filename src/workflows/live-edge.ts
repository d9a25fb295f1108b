// A subscription of a server, as steep.yaml would declare it: for commands that work on what is there.

import type { ResourceOf } from '../model/state/resource.ts';
import type { DesiredSubscription } from '../model/state/state.ts';

/** Null: it has no slot, or its publisher is not one of the nodes. */
export const asDeclared = ({
  node,
  name,
  protect,
  spec: { source, slot, publications },
}: ResourceOf<'subscription'>): DesiredSubscription | null =>
  source === null || slot === null
    ? null
    : {
        node,
        name,
        source,
        publications,
        slot,
        enabled: true,
        options: {},
        init: 'native',
        copyWorkers: 4,
        schemaSync: 'strict',
        protect,
        secretInConnection: false,
        origin: 'command line',
        pair: null,
      };

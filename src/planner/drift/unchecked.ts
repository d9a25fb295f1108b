// What could not be compared although its node was read: said, so that silence means "no drift".

import type { Applied } from '../../model/state/applied.ts';
import type { ResourceOf } from '../../model/state/resource.ts';
import type { Unchecked } from '../../model/state/unchecked.ts';
import type { DriftContext } from './drift-context.ts';

export const uncheckedDrift = (context: DriftContext): readonly Unchecked[] =>
  context.applied.flatMap((applied) => [
    ...unreadableRow(applied),
    ...uncomparedConnection(applied, context),
  ]);

const unreadableRow = ({ address, spec, kind }: Applied): readonly Unchecked[] =>
  spec === null
    ? [
        {
          address,
          what: 'everything',
          why: `its row in steep_repl.objects is not that of a ${kind}`,
        },
      ]
    : [];

const uncomparedConnection = (
  { address }: Applied,
  { have }: DriftContext,
): readonly Unchecked[] => {
  const live = have.get(address);
  if (live?.kind !== 'subscription' || live.observed?.asApplied?.live !== null) return [];
  return [{ address, what: 'connection', why: whyNotCompared(live) }];
};

/** Whether the catalog holds a password is known only to who may read the string. */
const whyNotCompared = ({ observed }: ResourceOf<'subscription'>): string =>
  observed?.secretInCatalog === null
    ? 'the role may not read it: GRANT SELECT (subconninfo) ON pg_subscription TO the role'
    : 'steep did not write it: it existed before steep managed the subscription';

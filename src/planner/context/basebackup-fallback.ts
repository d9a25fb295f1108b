// Subscriptions with tables too large to copy (large_table_method: basebackup): they are left to a user (basebackup
// fallback) who brings all rows manually, and count as manual from then on.

import type { ResourceOf } from '../../model/state/resource.ts';
import type {
  DesiredState,
  DesiredSubscription,
  LiveState,
  SizedTable,
} from '../../model/state/state.ts';
import { complete } from '../complete/complete.ts';
import { largeTables, leavesLargeTables } from '../facts/large-tables.ts';
import { awaitedOrigin } from '../facts/manual-init.ts';
import { initMethods } from '../init/methods/index.ts';
import { indexTables, isKind } from './context.ts';

const asksForBackup = ({ init, largeTables: asked }: DesiredSubscription): boolean =>
  initMethods[init].splitsLargeTables && leavesLargeTables(asked);

/** The file, with what is passed on as manual. */
export const withBasebackupFallback = (desired: DesiredState, live: LiveState): DesiredState => {
  if (!desired.subscriptions.some(asksForBackup)) return desired;
  const tables = indexTables(live);
  // A disabled one would be filled when it is enabled.
  const all = desired.subscriptions.map((sub) => ({ ...sub, enabled: true }));
  const copies = complete({ ...desired, subscriptions: all }, live, tables).resources.filter(
    isKind('copy'),
  );
  return {
    ...desired,
    subscriptions: desired.subscriptions.map((sub) => {
      if (!asksForBackup(sub)) return sub;
      const large = largeOf(sub, copies, tables.get(sub.source) ?? new Map());
      // A manual copy that has no start position yet must not be started otherwise.
      const isRestored = awaitedOrigin(sub, live) !== null;
      return isRestored || (large.length > 0 && !hasBegun(sub, live))
        ? { ...sub, init: 'manual', leftToUser: large }
        : sub;
    }),
  };
};

/** A copy by steep that was begun when no table was large comes to its end. */
const hasBegun = ({ node, name, init }: DesiredSubscription, live: LiveState): boolean => {
  const { unfinishedCopies = [], copiesUnderWay = [] } = live.nodes[node] ?? {};
  return (
    unfinishedCopies.some(({ subscription }) => subscription === name) ||
    copiesUnderWay.some(({ subscription, method }) => subscription === name && method === init)
  );
};

const largeOf = (
  { node, name, largeTables: asked }: DesiredSubscription,
  copies: readonly ResourceOf<'copy'>[],
  index: Parameters<typeof largeTables>[2],
): readonly SizedTable[] => {
  const own = copies.filter((copy) => copy.node === node && copy.spec.subscription === name);
  const tables = own.map(({ spec }) => spec.table);
  return largeTables(tables, asked?.threshold ?? Number.POSITIVE_INFINITY, index);
};

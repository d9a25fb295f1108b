// What a method of steep.yaml decides: one object each, in a file of its own. Everything else asks it; nothing compares
// the name of a method. What a way to get rows means in steps, hazards and words is in rules/copy/.

import type { ResourceOf } from '../../../model/state/resource.ts';
import type { InitMethod } from '../../../model/state/state.ts';
import type { PlanContext } from '../../context/context.ts';
import type { InitialCopy } from '../../facts/initial-copy.ts';
import type { TableEstimate } from '../../facts/source-estimate.ts';

type Subscription = ResourceOf<'subscription'>;

export interface MethodOfInit {
  /** Plan and resume: how a subscription that is created now gets its rows, also after an interrupted copy. */
  readonly begin: (sub: Subscription, context: PlanContext) => InitialCopy;
  /** Rows and bytes of one table that it brings. */
  readonly estimate: (
    copy: ResourceOf<'copy'>,
    sub: Subscription,
    context: PlanContext,
  ) => TableEstimate;
  /** No rows are copied: neither now nor, unless it merges, of tables that come later. */
  readonly leavesRows: boolean;
  /** Both nodes hold rows, which are merged before the subscriptions of the pair begin. */
  readonly merges: boolean;
  /** A user brings the rows: the subscription is made by `steep init complete`. */
  readonly awaitsUser: boolean;
  /** The rows of a new subscription are read by PostgreSQL's own sessions, with the rights of the replicating role. */
  readonly byServer: boolean;
  /** It reads a snapshot on storage. */
  readonly readsSnapshot: boolean;
  /** Resume: steps in which PostgreSQL ends what an interrupted copy by steep had begun need no consent again. */
  readonly endedByServer: boolean;
  /** Cancel: its tables were empty when it began, so that the rows in them are its own and are removed. */
  readonly ownsRows: boolean;
  /** It has a way of its own for large tables, if the file asks for one. */
  readonly splitsLargeTables: boolean;
  /** Rights: the method whose steps need what this one needs, whatever the servers hold. */
  readonly rightsOf: InitMethod;
}

/** Rows that are copied from the source, and nothing else of its own. */
export const fromTheSource = {
  leavesRows: false,
  merges: false,
  awaitsUser: false,
  byServer: false,
  readsSnapshot: false,
  endedByServer: false,
  ownsRows: false,
  splitsLargeTables: false,
} as const;

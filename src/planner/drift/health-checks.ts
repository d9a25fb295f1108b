// The signs that the data of one managed subscription does not flow. Unlike a verdict, which is the worst of
// them, drift names every one.

import { formatName } from '../../model/identifier.ts';
import type { ChangeDetail } from '../../model/plan/plan.ts';
import { formatSize } from '../../model/quantity.ts';
import type { DriftFinding } from '../../model/report/drift.ts';
import type { AppliedOf } from '../../model/state/applied.ts';
import type { ResourceOf } from '../../model/state/resource.ts';
import type { LiveState } from '../../model/state/state.ts';
import { certainlyTooNew } from '../../model/state/too-new.ts';
import { hasDisabledItself } from './topology-drift.ts';

type Subscription = ResourceOf<'subscription'>;

/** One managed subscription, seen once or twice. */
export interface CheckedEdge {
  readonly applied: AppliedOf<'subscription'>;
  readonly first: Subscription;
  readonly now: Subscription;
  readonly live: LiveState;
  /** Undefined: the publisher could not be read, or has no such slot. */
  readonly slot: ResourceOf<'slot'> | undefined;
  readonly publisherRead: boolean;
  readonly maxLag: number;
}

/** All that were counted; servers before 15 count none. */
export const errorsOf = ({ observed }: Subscription): number =>
  (observed?.applyErrors ?? 0) + (observed?.syncErrors ?? 0);

type HealthCheck = (edge: CheckedEdge) => readonly DriftFinding[];

const finding = (
  { applied: { address, node } }: CheckedEdge,
  code: string,
  summary: string,
  details: readonly ChangeDetail[],
  cure: readonly string[],
): readonly DriftFinding[] => [
  { class: 'runtime', code, address, node, summary, details, applied: null, cure },
];

const slotLost: HealthCheck = (edge) => {
  if (edge.slot?.observed?.walStatus !== 'lost') return [];
  const summary = `Slot ${edge.slot.name} on ${edge.slot.node} is lost: the publisher removed WAL that it needed.`;
  const details = [{ field: 'wal_status', before: 'reserved', after: 'lost' }];
  return finding(edge, 'SLOT_LOST', summary, details, [
    'Only a new first copy helps.',
    'steep explain SLOT_LOST',
  ]);
};

const slotMissing: HealthCheck = (edge) => {
  const { slot, source, enabled } = edge.now.spec;
  if (slot === null) {
    if (!enabled) return [];
    const summary = 'The subscription is enabled and has no slot to read from.';
    return finding(edge, 'SLOT_MISSING', summary, [], ['steep plan']);
  }
  if (!edge.publisherRead || edge.slot !== undefined) return [];
  const summary = `Slot ${slot} does not exist on ${source ?? 'the publisher'}: nothing is replicated, and nothing kept.`;
  return finding(
    edge,
    'SLOT_MISSING',
    summary,
    [],
    ['Only a new first copy helps.', 'steep explain SLOT_MISSING'],
  );
};

const disabledByError: HealthCheck = (edge) => {
  if (edge.applied.spec?.enabled === false || !hasDisabledItself(edge.now)) return [];
  const details = [{ field: 'errors', before: '0', after: String(errorsOf(edge.now)) }];
  const summary = 'The subscription was disabled by an error: a change could not be applied.';
  return finding(edge, 'DISABLED_BY_ERROR', summary, details, [
    'Read the log of the subscriber, put the cause right, and enable it again: steep plan',
  ]);
};

const workerDown: HealthCheck = (edge) => {
  const down = [edge.first, edge.now].every(
    ({ spec, observed }) => spec.enabled && observed?.workerRunning === false,
  );
  if (!down) return [];
  const details = [{ field: 'worker', before: 'running', after: 'not running' }];
  const summary = 'No apply worker is running, although the subscription is enabled.';
  return finding(edge, 'WORKER_DOWN', summary, details, [
    'Read the log of the subscriber: the worker says there why it ends.',
  ]);
};

const applyFailing: HealthCheck = (edge) => {
  const [before, after] = [errorsOf(edge.first), errorsOf(edge.now)];
  if (!edge.now.spec.enabled || after <= before) return [];
  const details = [{ field: 'errors', before: String(before), after: String(after) }];
  const summary = 'Apply or the copy of a table fails again and again.';
  return finding(edge, 'APPLY_FAILING', summary, details, [
    'Read the log of the subscriber: it names the change or the table.',
  ]);
};

const tablesNotReady: HealthCheck = (edge) => {
  if (!edge.now.spec.enabled) return [];
  const details = (edge.live.nodes[edge.applied.node]?.resources ?? []).flatMap((resource) =>
    resource.kind === 'copy' &&
    resource.spec.subscription === edge.now.name &&
    resource.spec.state !== 'ready'
      ? [
          {
            field: formatName(resource.spec.table),
            before: 'ready',
            after: `not ready (state ${resource.observed?.syncState ?? 'unknown'})`,
          },
        ]
      : [],
  );
  if (details.length === 0) return [];
  const count = details.length === 1 ? '1 table is' : `${details.length} tables are`;
  return finding(edge, 'TABLE_NOT_READY', `${count} not ready yet.`, details, ['steep status']);
};

const lagging: HealthCheck = (edge) => {
  const lag = edge.slot?.observed?.lagBytes ?? 0;
  if (!edge.now.spec.enabled || lag <= edge.maxLag) return [];
  const before = `at most ${formatSize(edge.maxLag)}`;
  const details = [{ field: 'lag', before, after: formatSize(lag) }];
  const summary = 'The subscriber is behind by more than policy.max_lag.';
  return finding(edge, 'LAG_ABOVE_POLICY', summary, details, ['steep status']);
};

const publicationTooNew: HealthCheck = (edge) => {
  const found = certainlyTooNew(edge.live.tooNew, edge.now.address);
  if (found === null) return [];
  const { slot, source, tooNew } = found;
  const summary = `Slot ${slot} on ${source} is at a position at which publication ${tooNew.join(', ')} did not exist yet: the changes from there on cannot be read.`;
  const details = [{ field: 'publications', added: tooNew, removed: [] }];
  return finding(edge, 'PUBLICATION_TOO_NEW', summary, details, [
    'steep plan',
    'steep explain PUBLICATION_TOO_NEW',
  ]);
};

/** Each says nothing about an edge that is free of it. */
export const healthChecks: readonly HealthCheck[] = [
  slotLost,
  slotMissing,
  disabledByError,
  publicationTooNew,
  workerDown,
  applyFailing,
  tablesNotReady,
  lagging,
];

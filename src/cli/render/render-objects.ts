// Publications, subscriptions, slots, origins and registered nodes as tables of text.

import { printable } from '../../model/printable.ts';
import { formatDuration, formatSize } from '../../model/quantity.ts';
import type {
  ListedNode,
  ListedPublication,
  ListedSlot,
  ListedSubscription,
  ObjectLists,
} from '../../model/report/objects.ts';
import type { ReplicationOrigin } from '../../model/state/surroundings.ts';
import { alignColumns } from './layout.ts';

type Row = readonly string[];

const listed = (names: readonly string[], none: string): string =>
  names.length === 0 ? none : names.join(', ');

const managed = (is: boolean): string => (is ? 'steep.yaml' : '');

const sizeOf = (bytes: number | null): string => (bytes === null ? '?' : formatSize(bytes));

const sent = ({ allTables, tables, schemas }: ListedPublication): string =>
  allTables ? 'all tables' : listed([...schemas.map((name) => `${name}.*`), ...tables], 'no table');

const workerOf = ({ enabled, workers }: ListedSubscription): string => {
  if (!enabled) return 'disabled';
  return workers.length === 0 ? 'no worker' : 'running';
};

const positionOf = ({ workers }: ListedSubscription): string =>
  workers.find(({ table }) => table === null)?.receivedLsn ?? '';

const tables: {
  readonly [K in keyof ObjectLists]: {
    readonly header: Row;
    readonly row: (item: ObjectLists[K][number]) => Row;
  };
} = {
  publications: {
    header: ['publication', 'sends', 'operations', 'managed by'],
    row: (it: ListedPublication) => [
      it.name,
      sent(it),
      listed(it.publish, 'none'),
      managed(it.managed),
    ],
  },
  subscriptions: {
    header: ['subscription', 'worker', 'from', 'publications', 'slot', 'ready', 'received', ''],
    row: (it: ListedSubscription) => [
      it.name,
      workerOf(it),
      it.source ?? '?',
      it.publications.join(', '),
      it.slot ?? 'none',
      `${it.tablesReady}/${it.tables}`,
      positionOf(it),
      managed(it.managed),
    ],
  },
  slots: {
    header: ['slot', 'plugin', 'reader', 'confirmed', 'lag', 'WAL kept', 'WAL', 'managed by'],
    row: (it: ListedSlot) => [
      it.name,
      it.plugin ?? 'physical',
      it.active ? 'active' : 'none',
      it.confirmedFlushLsn ?? '',
      sizeOf(it.lagBytes),
      sizeOf(it.keptBytes),
      it.walStatus ?? '',
      managed(it.managed),
    ],
  },
  origins: {
    header: ['origin', 'subscription', 'remote position', 'local position'],
    row: (it: ReplicationOrigin) => [
      it.name,
      it.subscription ?? '',
      it.remoteLsn ?? 'none',
      it.localLsn ?? 'none',
    ],
  },
  nodes: {
    header: ['node', 'name', 'address', 'priority', 'status', 'last seen', 'initial copies'],
    row: (it: ListedNode) => [
      it.id,
      it.name,
      it.host === null ? '' : `${it.host}:${it.port ?? 5432}`,
      String(it.priority),
      it.isHealthy ? 'healthy' : it.status,
      `${formatDuration(it.secondsSinceSeen * 1000)} ago`,
      it.initState,
    ],
  },
};

/** A table with a line for each; `node`: where they are. */
export const renderObjects = <K extends keyof ObjectLists>(
  kind: K,
  items: ObjectLists[K],
  node: string,
): string => {
  if (items.length === 0) return `Node ${printable(node)} has no ${kind}.`;
  const { header, row } = tables[kind];
  const rows = (items as readonly ObjectLists[K][number][]).map((item) => row(item).map(printable));
  return alignColumns([header, ...rows]).join('\n');
};

// Of which copies the rows are looked at before they are made: of those that a plan may begin, as they will be sent.

import { wordsOf } from '../../model/filter-words.ts';
import { compareNames } from '../../model/identifier.ts';
import type { WantedSample } from '../../model/plan/row-sample.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { PublishedTable, ResourceOf } from '../../model/state/resource.ts';
import type { DesiredState, LiveState } from '../../model/state/state.ts';
import type { Table } from '../../model/state/table.ts';
import type { TableIndex } from '../complete/published-tables.ts';
import { sentColumns, sentTables } from '../complete/sent-tables.ts';
import { heapsOf, tableSize } from '../complete/table-size.ts';
import {
  desiredSubscription,
  isKind,
  type PlanContext,
  tableOf,
  want,
} from '../context/context.ts';
import { beginningOf, copiesToBegin } from './tables-to-probe.ts';

type Copy = ResourceOf<'copy'>;

/**
 * A filter of the file is no publication's yet: only names of PostgreSQL's own can be meant in it. A name with its schema,
 * and an operator of one, may be anybody's code.
 */
const isPlain = (where: string): boolean =>
  !/\.\s*[\p{L}_"]/u.test(where) && wordsOf(where).every(({ name }) => name !== 'operator');

interface Sending {
  readonly sub: ResourceOf<'subscription'>;
  readonly source: NodeName;
  readonly table: Table;
  readonly sent: PublishedTable;
  /** All tables of the source. */
  readonly tables: TableIndex;
}

/** What a copy takes from where; undefined: it is not known, or not there. */
const sendingOf = (copy: Copy, context: PlanContext): Sending | undefined => {
  const sub = want(context, 'subscription', copy.node, copy.spec.subscription);
  const source = sub?.spec.source;
  if (sub === undefined || source == null) return undefined;
  const table = tableOf(context, source, copy.spec.table);
  const tables = context.tables.get(source);
  if (table === undefined || tables === undefined) return undefined;
  const specs = sub.spec.publications.flatMap(
    (name) => want(context, 'publication', source, name)?.spec ?? [],
  );
  const sent = sentTables(specs, tables).find(
    (it) => compareNames(it.table, copy.spec.table) === 0,
  );
  return sent === undefined ? undefined : { sub, source, table, sent, tables };
};

/** Its filter may be sent to the server. */
const mayBeTried = ({ source, sent }: Sending, { live }: PlanContext): boolean => {
  const faults = live.filterFaults?.[source] ?? [];
  const isFaulty = faults.some((fault) => compareNames(fault.table, sent.table) === 0);
  return sent.where === null || (!isFaulty && isPlain(sent.where));
};

const sampleOf = (copy: Copy, context: PlanContext): readonly WantedSample[] => {
  const sending = sendingOf(copy, context);
  if (sending === undefined || !mayBeTried(sending, context)) return [];
  const { sub, source, table, sent, tables } = sending;
  const asked = desiredSubscription(context, copy.node, copy.spec.subscription);
  return [
    {
      address: copy.address,
      source,
      table: copy.spec.table,
      columns: sentColumns(sent, table),
      where: sent.where,
      binary: asked?.init !== 'native' || sub.spec.options.binary === 'true',
      size: tableSize(table, tables),
      analyzed: heapsOf(table, tables).every(({ estimatedRows }) => estimatedRows !== null),
    },
  ];
};

/** `again`: tables that are copied already may be emptied and copied again. */
export const rowsToSample = (
  asked: DesiredState,
  read: LiveState,
  again: boolean,
): readonly WantedSample[] => {
  const beginning = beginningOf(asked, read);
  const { context } = beginning;
  const copies = again
    ? [...context.want.values()].filter(isKind('copy'))
    : copiesToBegin(beginning);
  return copies.flatMap((copy) => sampleOf(copy, context));
};

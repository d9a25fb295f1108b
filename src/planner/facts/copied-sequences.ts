// Which sequences of copied tables a plan brings as far as they are on the source, and which stay behind.

import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { ResourceOf } from '../../model/state/resource.ts';
import type { Table } from '../../model/state/table.ts';
import { type PlanContext, tableOf } from '../context/context.ts';

type Subscription = ResourceOf<'subscription'>;

interface CopiedSequences {
  /** Tables of which all sequences are set when the copy ends. */
  readonly set: readonly QualifiedName[];
  readonly behind: readonly { readonly table: QualifiedName; readonly why: string }[];
}

/** Of tables that a subscription copies. One that is not there yet will be made like that of the source. */
export const copiedSequences = (
  sub: Subscription,
  tables: readonly QualifiedName[],
  context: PlanContext,
): CopiedSequences => {
  const source = sub.spec.source ?? '';
  const judged = tables.flatMap((table) => {
    const there = tableOf(context, source, table);
    const here = tableOf(context, sub.node, table);
    if (((here ?? there)?.sequences ?? []).length === 0) return [];
    return [{ table, why: whyBehind(sub, there, here) }];
  });
  return {
    set: judged.flatMap(({ table, why }) => (why === null ? [table] : [])),
    behind: judged.flatMap(({ table, why }) => (why === null ? [] : [{ table, why }])),
  };
};

/** Null: its sequences are set. */
const whyBehind = (
  { node, spec: { source } }: Subscription,
  there: Table | undefined,
  here: Table | undefined,
): string | null => {
  const read = there?.sequences ?? [];
  if (read.length === 0) return `node ${source ?? '?'} has none for it`;
  const unread = read.find(({ readable }) => !readable);
  if (unread !== undefined) return `no right to read ${formatName(unread.name)} on node ${source}`;
  const sequences = here?.sequences ?? [];
  const unset = sequences.find(({ settable }) => !settable);
  if (unset !== undefined) return `no right to set ${formatName(unset.name)} on node ${node}`;
  const others = sequences.find(({ ofOwner }) => !ofOwner);
  return others === undefined
    ? null
    : `the owner of the table may not set ${formatName(others.name)} on node ${node}`;
};

// ALTER SUBSCRIPTION … REFRESH PUBLICATION: refuses a transaction block, and copies unless told not to.

import { readKnownTables } from '../../catalog/copies/read-known-tables.ts';
import { noteCopyStart } from '../../metadata/copy-measure.ts';
import { beginReinit, copyAgain } from '../../metadata/init/reinit-state.ts';
import { readNotes } from '../../metadata/ownership.ts';
import { SteepError } from '../../model/errors.ts';
import { formatName, type QualifiedName, quoteIdentifier } from '../../model/identifier.ts';
import { listNames } from '../../model/listing.ts';
import { addressOf } from '../../model/state/address.ts';
import { steepCommand } from '../../model/steep-command.ts';
import type { RefreshSubscription } from '../../model/step/subscription-steps.ts';
import { ddl, ident, type Sql } from '../../postgres/sql/sql.ts';
import type { Executor, RunContext } from '../executor.ts';

const refresh = (step: RefreshSubscription): Sql =>
  ddl`ALTER SUBSCRIPTION ${ident(step.subscription)} REFRESH PUBLICATION WITH (copy_data = ${step.copyData ? ddl`true` : ddl`false`})`;

/**
 * What PostgreSQL takes in here gets no rows, and what it leaves out loses changes: both only as planned. It reads the list
 * of tables from the publisher without a lock.
 * @throws SteepError SUBSCRIPTION_TABLES
 */
const refreshAside = async (
  step: RefreshSubscription,
  aside: readonly QualifiedName[],
  context: RunContext,
): Promise<void> => {
  const session = context.session(step.node);
  const noted = await notedTables(step, context);
  const before = noted ?? (await readKnownTables(session, step.subscription));
  await session.query(refresh(step));
  const after = await readKnownTables(session, step.subscription);
  const lost = without(without(before, after), aside);
  const joined = without(after, before);
  if (lost.length + joined.length > 0) throw otherTables(step, lost, joined);
};

/** Those that it knew when it was set aside: a run that was killed may have refreshed it already. Null: not on record. */
const notedTables = async (
  { node, address }: RefreshSubscription,
  context: RunContext,
): Promise<readonly QualifiedName[] | null> => {
  const { knownTables } = await readNotes(context.metadata(node), { address, applied: {} });
  return Array.isArray(knownTables) ? (knownTables as readonly QualifiedName[]) : null;
};

const without = (
  tables: readonly QualifiedName[],
  others: readonly QualifiedName[],
): readonly QualifiedName[] => {
  const left = new Set(others.map(formatName));
  return tables.filter((table) => !left.has(formatName(table)));
};

const otherTables = (
  { node, subscription }: RefreshSubscription,
  lost: readonly QualifiedName[],
  joined: readonly QualifiedName[],
): SteepError => {
  const names = (tables: readonly QualifiedName[]): string => listNames(tables.map(formatName));
  const said = [
    ...(lost.length === 0 ? [] : [`it applies no changes any more to ${names(lost)}`]),
    ...(joined.length === 0 ? [] : [`it took in ${names(joined)} without their rows`]),
  ];
  const again = joined.flatMap((table) => [
    '--reinit',
    addressOf(node, 'copy', `${subscription}:${formatName(table)}`),
  ]);
  const emptied = lost.map(
    ({ schema, name }) => `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`,
  );
  return new SteepError(
    'SUBSCRIPTION_TABLES',
    `The publications of subscription ${subscription} on node ${node} were changed while they were read: ${said.join('; ')}.`,
    {
      suggestions: [
        'See that the publications are on their node as steep.yaml describes them: steep plan.',
        ...(lost.length === 0
          ? []
          : [
              `Then empty what is no longer received, on node ${node}, and run the same command again, which copies it: TRUNCATE TABLE ${emptied.join(', ')};`,
            ]),
        ...(joined.length === 0
          ? []
          : [
              `Run the same command again: its plan asks for the consent that it needs. Then copy what was taken in: ${steepCommand`steep apply ${again}`}`,
            ]),
      ],
    },
  );
};

export const refreshSubscriptionExecutor: Executor<RefreshSubscription> = {
  transactional: false,
  limitsLocks: true,
  reversible: false,
  sql: (step) => [refresh(step)],
  run: async (step, context) => {
    if (step.aside === undefined) await context.session(step.node).query(refresh(step));
    else await refreshAside(step, step.aside, context);
  },
  finish: async (step, context) => {
    const { node, subscription } = step;
    const { runId, emit } = context;
    const copy = { node, subscription, runId, emit };
    const metadata = context.metadata(node);
    if (step.aside !== undefined) await beginReinit(metadata, copy);
    if (!step.copyData) return {};
    await noteCopyStart(metadata, copy);
    await copyAgain(metadata, copy);
    return {};
  },
};

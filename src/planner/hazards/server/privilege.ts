// What the role that applies may not do and the plan needs: every missing grant at once, as SQL to run.

import { formatName, type QualifiedName, quoteIdentifier } from '../../../model/identifier.ts';
import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import { addressOf } from '../../../model/state/address.ts';
import type { RoleFacts, ServerFacts } from '../../../model/state/server.ts';
import type { NodeState } from '../../../model/state/state.ts';
import type { Table } from '../../../model/state/table.ts';
import { type StepRight, stepTraits } from '../../../model/step/step-traits.ts';
import { isKind, type PlanContext, tableOf } from '../../context/context.ts';
import { tableOwnership } from '../../doctor/ownership.ts';
import type { StepDraft } from '../../draft.ts';
import { executeGrant, originAdvance } from '../../rights/functions.ts';
import { lockedTables, lockGrant } from '../../rights/table-locks.ts';
import { hazard } from '../hazard.ts';

/** Missing rights: what they are for, and the SQL that gives them. */
interface Missing {
  readonly purposes: readonly string[];
  readonly sql: readonly string[];
}

const takes =
  (right: StepRight) =>
  ({ kind }: StepDraft): boolean =>
    stepTraits[kind].rights.includes(right);

const touchedTables = (step: StepDraft): readonly QualifiedName[] => {
  if (step.kind === 'create-publication' || step.kind === 'replace-publication') {
    return step.spec.tables.map(({ table }) => table);
  }
  if (step.kind === 'alter-publication') return step.addTables.map(({ table }) => table);
  return step.kind === 'set-replica-identity' ? [step.identity.table] : [];
};

/** Apply switches to the owner of each table that it writes to (16+; a superuser applies before). */
const receivedTables = (step: StepDraft, context: PlanContext): readonly QualifiedName[] =>
  step.kind === 'create-subscription'
    ? [...context.want.values()]
        .filter(isKind('copy'))
        .filter(({ node, spec }) => node === step.node && spec.subscription === step.subscription)
        .map(({ spec }) => spec.table)
    : [];

/** Only the owner alters a table. */
const alteredTables = (step: StepDraft, context: PlanContext): readonly QualifiedName[] => {
  if (step.kind !== 'change-schema' || step.object.kind !== 'table') return [];
  const table = context.tables.get(step.node)?.get(step.object.name);
  return table === undefined ? [] : [table.name];
};

/** Schemas and extensions are made in the database, as publications are. */
const needsCreateOnDatabase = (step: StepDraft): boolean =>
  takes('create')(step) ||
  (step.kind === 'change-schema' &&
    (step.object.kind === 'schema' || step.object.kind === 'extension'));

const usesSchemas = (step: StepDraft): boolean =>
  ((step.kind === 'create-publication' || step.kind === 'replace-publication') &&
    step.spec.schemas.length > 0) ||
  (step.kind === 'alter-publication' && step.addSchemas.length > 0);

/** As the doctor grants it: membership of the owner's role, unless that is a superuser. */
const missingForTables = (
  state: NodeState,
  steps: readonly StepDraft[],
  context: PlanContext,
): Missing => {
  const foreign = (tables: readonly QualifiedName[]): readonly Table[] =>
    tables.flatMap((name) => {
      const table = tableOf(context, state.node, name);
      return table?.ownedByRole === false ? [table] : [];
    });
  const received = foreign(steps.flatMap((step) => receivedTables(step, context)));
  const published = foreign(steps.flatMap(touchedTables));
  const altered = foreign(steps.flatMap((step) => alteredTables(step, context)));
  const purposes = new Map([
    ...received.map(({ name }) => [formatName(name), 'applying changes to'] as const),
    ...published.map(({ name }) => [formatName(name), 'publishing'] as const),
    ...altered.map(({ name }) => [formatName(name), 'changing'] as const),
  ]);
  const tables = new Map(
    [...received, ...published, ...altered].map((it) => [formatName(it.name), it]),
  );
  const owned = [...tables.values()].map((it) => ({ ...it, table: it.name }));
  return {
    purposes: [...purposes].map(([table, purpose]) => `${purpose} ${table}`),
    sql: tableOwnership(owned, state.server.role.name).sql,
  };
};

/** Where ownership is missing too, it brings the right. */
const missingLocks = (
  { node, server }: NodeState,
  steps: readonly StepDraft[],
  unowned: Missing,
  context: PlanContext,
): Missing => {
  const refused = lockedTables(steps, node).filter(
    (name) => tableOf(context, node, name)?.lockable === false,
  );
  const tables = refused.filter(
    (name) => !unowned.purposes.some((purpose) => purpose.endsWith(` ${formatName(name)}`)),
  );
  return {
    purposes: tables.map((name) => `LOCK TABLE ${formatName(name)}`),
    sql: tables.map((name) => lockGrant(name, server)),
  };
};

/** A right that steps take: what it is for, and the SQL that gives it. */
interface Right {
  readonly isHeld: (role: RoleFacts) => boolean;
  readonly isTaken: (step: StepDraft) => boolean;
  readonly purpose: (server: ServerFacts) => string;
  readonly sql: (server: ServerFacts) => string;
}

const roleOf = ({ role }: ServerFacts): string => quoteIdentifier(role.name);
const makeSuperuser = (server: ServerFacts): string => `ALTER ROLE ${roleOf(server)} SUPERUSER;`;

const rights: readonly Right[] = [
  {
    isHeld: ({ exists }) => exists,
    isTaken: () => true,
    purpose: () => 'everything (it does not exist)',
    sql: (server) => `CREATE ROLE ${roleOf(server)} LOGIN;`,
  },
  {
    isHeld: ({ createOnDatabase }) => createOnDatabase,
    isTaken: needsCreateOnDatabase,
    purpose: ({ database }) => `creating objects in database ${database}`,
    sql: (server) =>
      `GRANT CREATE ON DATABASE ${quoteIdentifier(server.database)} TO ${roleOf(server)};`,
  },
  {
    isHeld: ({ replication }) => replication,
    isTaken: takes('replication'),
    purpose: () => 'replication slots',
    sql: (server) => `ALTER ROLE ${roleOf(server)} REPLICATION;`,
  },
  {
    isHeld: ({ createSubscription }) => createSubscription,
    isTaken: takes('subscribe'),
    purpose: () => 'creating subscriptions',
    sql: (server) =>
      server.features.createSubscriptionRole
        ? `GRANT pg_create_subscription TO ${roleOf(server)};`
        : makeSuperuser(server),
  },
  {
    isHeld: ({ advanceOrigins }) => advanceOrigins,
    isTaken: takes('origins'),
    purpose: () => 'replication origins',
    sql: ({ role }) => executeGrant([originAdvance], role.name),
  },
  {
    isHeld: () => false,
    isTaken: usesSchemas,
    purpose: () => 'TABLES IN SCHEMA',
    sql: makeSuperuser,
  },
];

const missingOn = (
  state: NodeState,
  all: readonly StepDraft[],
  context: PlanContext,
): readonly Missing[] => {
  const { server } = state;
  if (server.role.superuser) return [];
  const steps = all.filter(({ node }) => node === state.node);
  const missing = rights
    .filter(({ isHeld, isTaken }) => !isHeld(server.role) && steps.some(isTaken))
    .map(({ purpose, sql }) => ({ purposes: [purpose(server)], sql: [sql(server)] }));
  const unowned = missingForTables(state, steps, context);
  return [...missing, unowned, missingLocks(state, all, unowned, context)];
};

/** One block for each node on which the role that applies lacks rights for its steps. */
export const privilegeHazards = (
  steps: readonly StepDraft[],
  context: PlanContext,
): readonly FoundHazard[] =>
  Object.values(context.live.nodes).flatMap((state) => {
    const missing = missingOn(state, steps, context);
    const purposes = missing.flatMap((it) => it.purposes);
    if (purposes.length === 0) return [];
    return [
      hazard(
        'block',
        'PRIVILEGE',
        addressOf(state.node, 'node', state.node),
        `Role ${state.server.role.name} on node ${state.node} lacks rights for ${listNames(purposes)}.`,
        [...new Set(missing.flatMap(({ sql }) => sql))].join('\n'),
      ),
    ];
  });

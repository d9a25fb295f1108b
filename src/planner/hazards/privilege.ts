// What the role that applies may not do and the plan needs: every missing grant at once, as SQL to run.

import { addressOf } from '../../model/address.ts';
import type { FoundHazard } from '../../model/hazard.ts';
import { formatName, type QualifiedName, quoteIdentifier } from '../../model/identifier.ts';
import type { NodeState } from '../../model/state.ts';
import type { Table } from '../../model/table.ts';
import { isKind, type PlanContext, tableOf } from '../context.ts';
import { tableOwnership } from '../doctor/ownership.ts';
import { executeGrant, originAdvance } from '../rights/functions.ts';
import type { StepDraft } from '../rules/rule.ts';
import { hazard, listNames } from './hazard.ts';

/** Missing rights: what they are for, and the SQL that gives them. */
interface Missing {
  readonly purposes: readonly string[];
  readonly sql: readonly string[];
}

const createsInDatabase: ReadonlySet<StepDraft['kind']> = new Set([
  'install-metadata',
  'create-publication',
  'replace-publication',
  'rename-publication',
  'rename-subscription',
  'create-subscription',
]);

const usesSlots: readonly StepDraft['kind'][] = [
  'create-slot',
  'drop-slot',
  'verify-empty',
  'advance-slot',
];

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
  createsInDatabase.has(step.kind) ||
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

const missingOn = (
  state: NodeState,
  steps: readonly StepDraft[],
  context: PlanContext,
): readonly Missing[] => {
  const { role, database, features } = state.server;
  if (role.superuser) return [];
  const name = quoteIdentifier(role.name);
  const has = (kind: StepDraft['kind']): boolean => steps.some((step) => step.kind === kind);
  const missing: Missing[] = [];
  if (!role.exists && steps.length > 0) {
    missing.push({
      purposes: ['everything, since it does not exist'],
      sql: [`CREATE ROLE ${name} LOGIN;`],
    });
  }
  if (!role.createOnDatabase && steps.some(needsCreateOnDatabase)) {
    missing.push({
      purposes: [`creating objects in database ${database}`],
      sql: [`GRANT CREATE ON DATABASE ${quoteIdentifier(database)} TO ${name};`],
    });
  }
  if (!role.replication && usesSlots.some(has)) {
    missing.push({ purposes: ['replication slots'], sql: [`ALTER ROLE ${name} REPLICATION;`] });
  }
  if (!role.createSubscription && has('create-subscription')) {
    missing.push({
      purposes: ['creating subscriptions'],
      sql: [
        features.createSubscriptionRole
          ? `GRANT pg_create_subscription TO ${name};`
          : `ALTER ROLE ${name} SUPERUSER;`,
      ],
    });
  }
  if (!role.advanceOrigins && has('advance-origin')) {
    missing.push({
      purposes: ['replication origins'],
      sql: [executeGrant([originAdvance], role.name)],
    });
  }
  if (steps.some(usesSchemas)) {
    missing.push({ purposes: ['TABLES IN SCHEMA'], sql: [`ALTER ROLE ${name} SUPERUSER;`] });
  }
  return [...missing, missingForTables(state, steps, context)];
};

/** One block for each node on which the role that applies lacks rights for its steps. */
export const privilegeHazards = (
  steps: readonly StepDraft[],
  context: PlanContext,
): readonly FoundHazard[] =>
  Object.values(context.live.nodes).flatMap((state) => {
    const own = steps.filter(({ node }) => node === state.node);
    const missing = missingOn(state, own, context);
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

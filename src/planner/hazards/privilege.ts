// What the role may not do and the plan needs: every missing grant at once, as SQL to run.

import { addressOf } from '../../model/address.ts';
import type { FoundHazard } from '../../model/hazard.ts';
import { formatName, type QualifiedName, quoteIdentifier } from '../../model/identifier.ts';
import type { NodeState } from '../../model/state.ts';
import { isKind, type PlanContext, tableOf } from '../context.ts';
import type { StepDraft } from '../rules/rule.ts';
import { hazard, listNames } from './hazard.ts';

/** A missing right: what it is for, and the SQL that gives it. */
interface Missing {
  readonly purpose: string;
  readonly grant: string;
}

const createsInDatabase: ReadonlySet<StepDraft['kind']> = new Set([
  'install-metadata',
  'create-publication',
  'replace-publication',
  'create-subscription',
]);

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

const usesSchemas = (step: StepDraft): boolean =>
  ((step.kind === 'create-publication' || step.kind === 'replace-publication') &&
    step.spec.schemas.length > 0) ||
  (step.kind === 'alter-publication' && step.addSchemas.length > 0);

const missingForTables = (
  state: NodeState,
  steps: readonly StepDraft[],
  context: PlanContext,
): readonly Missing[] => {
  const foreign = (tables: readonly QualifiedName[]): readonly string[] =>
    tables
      .filter((name) => tableOf(context, state.node, name)?.ownedByRole === false)
      .map(formatName);
  const purposes = new Map([
    ...foreign(steps.flatMap((step) => receivedTables(step, context))).map(
      (table) => [table, `applying changes to ${table}`] as const,
    ),
    ...foreign(steps.flatMap(touchedTables)).map(
      (table) => [table, `publishing ${table}`] as const,
    ),
  ]);
  return [...purposes].map(([table, purpose]) => ({
    purpose,
    grant: `ALTER TABLE ${table} OWNER TO ${quoteIdentifier(state.server.role.name)};`,
  }));
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
  if (!role.createOnDatabase && steps.some(({ kind }) => createsInDatabase.has(kind))) {
    missing.push({
      purpose: `creating objects in database ${database}`,
      grant: `GRANT CREATE ON DATABASE ${quoteIdentifier(database)} TO ${name};`,
    });
  }
  if (!role.replication && (has('create-slot') || has('drop-slot') || has('verify-empty'))) {
    missing.push({ purpose: 'replication slots', grant: `ALTER ROLE ${name} REPLICATION;` });
  }
  if (!role.createSubscription && has('create-subscription')) {
    missing.push({
      purpose: 'creating subscriptions',
      grant: features.createSubscriptionRole
        ? `GRANT pg_create_subscription TO ${name};`
        : `ALTER ROLE ${name} SUPERUSER;`,
    });
  }
  if (steps.some(usesSchemas)) {
    missing.push({ purpose: 'TABLES IN SCHEMA', grant: `ALTER ROLE ${name} SUPERUSER;` });
  }
  return [...missing, ...missingForTables(state, steps, context)];
};

/** One block for each node on which the connecting role lacks rights for its steps. */
export const privilegeHazards = (
  steps: readonly StepDraft[],
  context: PlanContext,
): readonly FoundHazard[] =>
  Object.values(context.live.nodes).flatMap((state) => {
    const own = steps.filter(({ node }) => node === state.node);
    const missing = missingOn(state, own, context);
    if (missing.length === 0) return [];
    return [
      hazard(
        'block',
        'PRIVILEGE',
        addressOf(state.node, 'node', state.node),
        `Role ${state.server.role.name} on node ${state.node} lacks rights for ${listNames(missing.map(({ purpose }) => purpose))}.`,
        missing.map(({ grant }) => grant).join('\n'),
      ),
    ];
  });

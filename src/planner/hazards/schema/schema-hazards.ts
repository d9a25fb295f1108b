// What changing the schema of a subscriber does: to its data, to those who use the tables, to apply.

import { formatName, type QualifiedName, quoteIdentifier } from '../../../model/identifier.ts';
import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type {
  AdmittedStatement,
  CarriedCode,
  RefusedStatement,
  SchemaObject,
  SchemaStatement,
} from '../../../model/schema/schema-change.ts';
import { type Address, addressOf, type NodeName } from '../../../model/state/address.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { Table } from '../../../model/state/table.ts';
import { steepCommand } from '../../../model/steep-command.ts';
import { isKind, type PlanContext, tableOf } from '../../context/context.ts';
import { hazard } from '../hazard.ts';
import { dataLoss, partsOf } from './data-loss.ts';

const locks = (
  node: NodeName,
  address: Address,
  { name }: SchemaObject,
  statements: readonly SchemaStatement[],
): readonly FoundHazard[] => {
  const locking = statements.filter(({ lock, inUse }) => inUse && lock === 'ACCESS EXCLUSIVE');
  if (locking.length === 0) return [];
  const rewrites = locking.some((statement) => statement.rewrites);
  return [
    hazard(
      'warning',
      'LOCK_ACCESS_EXCLUSIVE',
      address,
      `DDL on ${name} of node ${node} takes an ACCESS EXCLUSIVE lock; while it waits, readers and apply queue behind it.${rewrites ? ' The whole table may be rewritten under this lock.' : ''}`,
      'It gives up after the lock timeout and tries again; apply at a quiet time.',
    ),
  ];
};

/** Another type that may not hold every value, or a new column with a default that calls a function. */
const computesValues = ({ verb, losesData, sql }: SchemaStatement): boolean =>
  verb !== 'drop' && (losesData || / ADD COLUMN .* DEFAULT [^']*\(/.test(sql));

/** The publisher does not send what its own ALTER TABLE has computed. */
const convertedHere = (
  node: NodeName,
  address: Address,
  { name }: SchemaObject,
  statements: readonly SchemaStatement[],
): readonly FoundHazard[] => {
  const converting = statements.filter((it) => it.inUse && computesValues(it));
  if (converting.length === 0) return [];
  return [
    hazard(
      'warning',
      'ROWS_CONVERTED_HERE',
      address,
      `Rows of ${name} that are on node ${node} already get the values of ${partsOf(converting)} that node ${node} computes: where the publisher was altered with USING, or with a default that differs from row to row, its values are others, and are not sent.`,
      'Compare the table afterwards, or copy it again: --reinit.',
    ),
  ];
};

const mostText = 2000;

/** On one line; what is cut off is in the step. */
const quoted = ({ text, why }: CarriedCode): string => {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  const shown = line.length > mostText ? `${line.slice(0, mostText)}…` : line;
  return `${shown} (${why})`;
};

/** Carried code. @param statements all that concern the object: consent is to every one of them. */
export const carriedCode = (
  node: NodeName,
  address: Address,
  { kind, name }: SchemaObject,
  statements: readonly AdmittedStatement[],
): readonly FoundHazard[] => {
  const carrying = statements.filter(({ code }) => code.length > 0);
  const [first] = carrying;
  if (first === undefined) return [];
  const rights = first.role === null ? 'the role that steep connects as' : `role ${first.role}`;
  const code = carrying.flatMap((statement) => statement.code.map(quoted));
  return [
    hazard(
      'danger',
      'SCHEMA_CARRIES_CODE',
      address,
      `The definition of ${kind} ${name} contains code that may run on node ${node} with the rights of ${rights}: ${code.join('; ')}.`,
      'Read the code. Allow the hazard if it may run on this node; or create the object by hand, and plan again.',
    ),
  ];
};

/** Statements about one object that are not run, whether or not it is allowed. */
export const refusedStatements = (
  node: NodeName,
  address: Address,
  refused: readonly RefusedStatement[],
): FoundHazard =>
  hazard(
    'block',
    'SCHEMA_DDL_REFUSED',
    address,
    `On node ${node}: ${refused.map(({ sql: text, why }) => quoted({ text, why })).join('; ')}`,
    [...new Set(refused.map(({ cure }) => cure))].join('\n'),
  );

const isBelow = (
  table: QualifiedName,
  name: string,
  tables: ReadonlyMap<string, Table> | undefined,
): boolean => {
  const own = formatName(table);
  const parent = tables?.get(own)?.parent ?? null;
  return own === name || (parent !== null && isBelow(parent, name, tables));
};

/** Copies that are there, with rows, and that no part of this plan makes again. */
const copiesOf = (node: NodeName, { name }: SchemaObject, context: PlanContext) =>
  [...context.have.values()].filter(isKind('copy')).filter((copy) => {
    const { table, subscription } = copy.spec;
    const own = tableOf(context, node, table);
    const replaced = context.whole.replaced.has(addressOf(node, 'subscription', subscription));
    return (
      copy.node === node &&
      !replaced &&
      isBelow(table, name, context.tables.get(node)) &&
      (own === undefined || own.partitioned || own.bytes > 0)
    );
  });

/** The command that makes them again; null: there are none. */
const copiesAgain = (node: NodeName, object: SchemaObject, context: PlanContext): string | null => {
  const copies = copiesOf(node, object, context);
  const flags = copies
    .map(({ address }) => address)
    .toSorted()
    .flatMap((it) => ['--reinit', it]);
  return flags.length === 0 ? null : steepCommand`steep apply ${flags}`;
};

/** Each node computes the values of its rows itself. @param statements all that concern the object. */
export const columnsWithoutBackfill = (
  node: NodeName,
  object: SchemaObject,
  statements: readonly AdmittedStatement[],
  context: PlanContext,
): readonly FoundHazard[] => {
  const columns = statements.flatMap((statement) => statement.ownValues);
  const again = columns.length === 0 ? null : copiesAgain(node, object, context);
  if (again === null) return [];
  return [
    hazard(
      'danger',
      'COLUMN_NO_BACKFILL',
      addressOf(node, object.kind, object.name),
      `The default of ${listNames(columns)} gives the rows of ${object.name} that node ${node} has already other values than on the publisher, and replication never sends those.`,
      `Apply this plan, then copy the table again: ${again}`,
    ),
  ];
};

/** Of one step on an object. @param all the statements of all steps on it. */
export const hazardsOfSchema = (
  node: NodeName,
  address: Address,
  object: SchemaObject,
  statements: readonly SchemaStatement[],
  all: readonly SchemaStatement[],
  context: PlanContext,
): readonly FoundHazard[] => [
  ...dataLoss(node, address, object, statements, all, copiesAgain(node, object, context)),
  ...locks(node, address, object, statements),
  ...convertedHere(node, address, object, statements),
];

/** What a disabled subscription has not applied yet may still need what would be taken away. */
export const schemaOrderHazards = (
  edges: readonly ResourceOf<'subscription'>[],
  statements: readonly SchemaStatement[],
): readonly FoundHazard[] => {
  const waiting = statements.filter(({ phase }) => phase !== 'before');
  if (waiting.length === 0) return [];
  return edges
    .filter(({ spec }) => !spec.enabled)
    .map(({ address, name }) =>
      hazard(
        'block',
        'SCHEMA_ORDER',
        address,
        `Subscription ${quoteIdentifier(name)} is disabled: changes that it has not applied yet may still need ${partsOf(waiting)} as it was.`,
        'Enable it, let it catch up, then plan again.',
      ),
    );
};

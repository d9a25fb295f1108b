// What a repair is warned of, and what makes it impossible.

import { plural } from '../../model/listing.ts';
import type { FoundHazard } from '../../model/plan/hazard.ts';
import { formatDuration } from '../../model/quantity.ts';
import {
  type RepairNodeFacts,
  type RepairPlan,
  type RepairTablePlan,
  type RowsToRepair,
  tagFunctions,
} from '../../model/report/repair.ts';
import { addressOf } from '../../model/state/address.ts';
import { steepCommand } from '../../model/steep-command.ts';
import { hazard } from '../hazards/hazard.ts';

export interface RepairFacts {
  readonly publisher: RepairNodeFacts;
  readonly subscriber: RepairNodeFacts;
  /** The role may set session_replication_role on the subscriber. */
  readonly replicaRole: boolean;
  /** steep_repl of the subscriber is in the database whose rows are written. */
  readonly auditBeside: boolean;
  /** GRANT SET ON PARAMETER is known there. */
  readonly parameterPrivileges: boolean;
}

type Draft = Omit<RepairPlan, 'hazards' | 'tags'>;

/** Whose rows are written, and as which node has them. */
type Direction = Pick<RepairPlan, 'address' | 'source' | 'node'>;

type NamedTable = Pick<RepairTablePlan, 'table'>;

/** Above this share of its rows, copying the table again is usually quicker. */
const largeShare = 0.2;

export const toWrite = ({ different, missing, extra }: RowsToRepair): number =>
  different + missing + extra;

export const judgeRepair = (plan: Draft, facts: RepairFacts): readonly FoundHazard[] => {
  const concerned = plan.tables.filter((table) => toWrite(table) > 0);
  if (concerned.length === 0) return [];
  return [
    ...repairBlocks(plan, concerned, facts),
    ...concerned.flatMap((table) => [...losses(plan, table), ...cheaper(plan, table)]),
  ];
};

/** What makes it impossible to write rows of these tables. */
export const repairBlocks = (
  to: Direction,
  tables: readonly NamedTable[],
  facts: RepairFacts,
): readonly FoundHazard[] => [
  ...auditElsewhere(to, facts),
  ...auditRight(to, facts),
  ...untagged(to, tables, facts),
  ...tables.flatMap((table) => [...rights(to, table, facts), ...triggers(to, table, facts)]),
];

const at = ({ node }: Direction, { table }: NamedTable): string => addressOf(node, 'table', table);

const losses = (plan: Draft, table: RepairTablePlan): readonly FoundHazard[] => [
  ...(table.different === 0
    ? []
    : [
        hazard(
          'danger',
          'ROWS_OVERWRITTEN',
          at(plan, table),
          `${plural(table.different, 'row')} of ${table.table} on node ${plan.node} will be overwritten with the values of node ${plan.source}. Each is kept in steep_repl.merge_audit_log.`,
          `See which rows: ${steepCommand`steep verify ${plan.address} --report csv=differences.csv`}. If the values of node ${plan.node} are right, correct them on node ${plan.source}.`,
        ),
      ]),
  ...(table.extra === 0
    ? []
    : [
        hazard(
          'danger',
          'ROWS_DELETED',
          at(plan, table),
          `${plural(table.extra, 'row')} of ${table.table} on node ${plan.node} will be deleted, because node ${plan.source} does not have ${table.extra === 1 ? 'it' : 'them'}. Each is kept in steep_repl.merge_audit_log.`,
          'Leave them as they are: --rows missing,different',
        ),
      ]),
];

const cheaper = (plan: Draft, table: RepairTablePlan): readonly FoundHazard[] => {
  if (table.rows === null || toWrite(table) <= largeShare * table.rows) return [];
  const share = Math.round((100 * toWrite(table)) / Math.max(1, table.rows));
  const time = (seconds: number | null): string =>
    seconds === null ? 'unknown' : `about ${formatDuration(seconds * 1000)}`;
  return [
    hazard(
      'warning',
      'RESET_CHEAPER',
      at(plan, table),
      `${toWrite(table)} rows of ${table.table} would be written, ${share} % of those of node ${plan.source}: ${time(table.repairSeconds)}. To copy the table again: ${time(table.resetSeconds)}.`,
      steepCommand`steep init reset ${plan.node} --from ${plan.source} --tables ${table.table}`,
    ),
  ];
};

const triggers = (
  plan: Direction,
  table: NamedTable,
  { subscriber, replicaRole, parameterPrivileges }: RepairFacts,
): readonly FoundHazard[] => {
  const { firesAlways = [], fires = [] } = subscriber.tables[table.table] ?? {};
  if (firesAlways.length > 0) {
    return [
      hazard(
        'block',
        'REPAIR_TRIGGERS',
        at(plan, table),
        `Triggers or rules of ${table.table} on node ${plan.node} fire for rows of replication too, and would act on the rows that are written: ${firesAlways.join(', ')}.`,
        `Let them fire for applications only, on node ${plan.node}: ALTER TABLE ${table.table} ENABLE TRIGGER …;`,
      ),
    ];
  }
  if (replicaRole || fires.length === 0) return [];
  return [
    hazard(
      'block',
      'REPAIR_TRIGGERS',
      at(plan, table),
      `The role on node ${plan.node} may not set session_replication_role, so these triggers, rules or foreign keys would act on the rows that are written: ${fires.join(', ')}.`,
      parameterPrivileges
        ? `On node ${plan.node}: GRANT SET ON PARAMETER session_replication_role TO ${subscriber.role};`
        : `Connect as a superuser to node ${plan.node}.`,
    ),
  ];
};

const rights = (
  plan: Direction,
  table: NamedTable,
  { publisher, subscriber }: RepairFacts,
): readonly FoundHazard[] => {
  const missing: FoundHazard[] = [];
  if (publisher.tables[table.table]?.lockable === false) {
    missing.push(
      hazard(
        'block',
        'PRIVILEGE',
        addressOf(plan.source, 'table', table.table),
        `Role ${publisher.role} may not lock rows of ${table.table} on node ${plan.source}, which keeps them as they are while they are written.`,
        `On node ${plan.source}: GRANT UPDATE ON ${table.table} TO ${publisher.role};`,
      ),
    );
  }
  if (subscriber.tables[table.table]?.writable === false) {
    missing.push(
      hazard(
        'block',
        'PRIVILEGE',
        at(plan, table),
        `Role ${subscriber.role} may not write rows of ${table.table} on node ${plan.node}.`,
        `On node ${plan.node}: GRANT SELECT, INSERT, UPDATE, DELETE ON ${table.table} TO ${subscriber.role};`,
      ),
    );
  }
  return missing;
};

const untagged = (
  plan: Direction,
  tables: readonly NamedTable[],
  { subscriber }: RepairFacts,
): readonly FoundHazard[] => {
  const sent = tables.filter(({ table }) => subscriber.tables[table]?.published === true);
  if (subscriber.tags || sent.length === 0) return [];
  return [
    hazard(
      'block',
      'REPAIR_SENT_BACK',
      plan.address,
      `Publications of node ${plan.node} send ${sent.map(({ table }) => table).join(', ')}, and role ${subscriber.role} may not tag what it writes with an origin, so it would be sent as changes of node ${plan.node}.`,
      `GRANT EXECUTE ON FUNCTION ${tagFunctions.join(', ')} TO ${subscriber.role};`,
    ),
  ];
};

const auditRight = (plan: Direction, { subscriber }: RepairFacts): readonly FoundHazard[] =>
  subscriber.auditOwner === null
    ? []
    : [
        hazard(
          'block',
          'PRIVILEGE',
          plan.address,
          `Role ${subscriber.role} of node ${plan.node} may not write to steep_repl.merge_audit_log: it holds values of rows, so that only its owner may, ${subscriber.auditOwner}.`,
          `On node ${plan.node}: ALTER TABLE steep_repl.merge_audit_log OWNER TO ${subscriber.role};`,
        ),
      ];

const auditElsewhere = (plan: Direction, { auditBeside }: RepairFacts): readonly FoundHazard[] =>
  auditBeside
    ? []
    : [
        hazard(
          'block',
          'REPAIR_AUDIT_ELSEWHERE',
          plan.address,
          `steep_repl of node ${plan.node} is in another database, so a row and its entry in the audit log could not be written in one transaction.`,
          `Copy the tables again, which overwrites all rows: steep plan --reinit …; or take metadata_database of node ${plan.node} out of steep.yaml.`,
        ),
      ];

// Why UPDATE and DELETE of a published table would fail on the publisher, for its applications too.

import { formatName, quoteIdentifier } from '../../model/identifier.ts';
import type { IdentitySpec, PublicationSpec, PublishedTable } from '../../model/state/resource.ts';
import type { Features } from '../../model/state/server.ts';
import type { Table } from '../../model/state/table.ts';
import { effectiveTables, type TableIndex } from '../complete/published-tables.ts';
import { withPartitions } from '../complete/sent-tables.ts';
import { filterColumns } from './row-filter.ts';

export interface IdentityFault {
  readonly table: Table;
  /** A clause. */
  readonly why: string;
  /** Null: as of any table without an identity. */
  readonly cure: string | null;
}

/** Of the node that publishes. */
export interface Identities {
  readonly tables: TableIndex;
  readonly features: Pick<Features, 'publishGeneratedColumns'>;
  /** What steep.yaml says of a table, by formatName; undefined: nothing. */
  readonly desired: (name: string) => IdentitySpec | undefined;
}

interface Sent extends PublishedTable {
  readonly spec: PublicationSpec;
}

export interface SentIdentity {
  readonly full: boolean;
  /** Null: there is none. Empty: it is not known. */
  readonly columns: readonly string[] | null;
}

/** What UPDATE and DELETE of a table send of the old row, once the file is applied. */
export const identityOf = (table: Table, desired: IdentitySpec | undefined): SentIdentity => {
  const mode = desired?.mode ?? table.identityMode;
  if (mode === 'full') return { full: true, columns: table.columns.map(({ name }) => name) };
  const isLive =
    desired === undefined || (mode === table.identityMode && desired.index === table.identityIndex);
  if (isLive) return { full: false, columns: table.identityColumns };
  const others = mode === 'index' ? ofIndex(table, desired.index) : null;
  return { full: false, columns: mode === 'default' ? table.keyColumns : others };
};

type Fault = Omit<IdentityFault, 'table'>;

const ofIndex = (
  { name, identityIndexes, keyColumns }: Table,
  index: string | null,
): readonly string[] | null => {
  if (identityIndexes === undefined) return [];
  return identityIndexes[index ?? ''] ?? (index === `${name.name}_pkey` ? keyColumns : null);
};

/** Where steep.yaml names an index that the table does not have; null: it has it. */
export const missingIndex = (
  table: Table,
  desired: IdentitySpec | undefined,
): { readonly why: string; readonly cure: string } | null => {
  if (desired?.mode !== 'index' || identityOf(table, desired).columns !== null) return null;
  const index = quoteIdentifier(desired.index ?? '');
  return {
    why: `steep.yaml names index ${index} as its replica identity, and it has no such unique index of NOT NULL columns`,
    cure: `CREATE UNIQUE INDEX ${index} ON ${formatName(table.name)} (…); or another replica_identity in steep.yaml.`,
  };
};

const outsideList = ({ full, columns }: SentIdentity, sent: Sent): Fault | null => {
  const list = sent.columns;
  if (list === null) return null;
  if (full) {
    return {
      why: 'it has REPLICA IDENTITY FULL, with which PostgreSQL permits no column list',
      cure: 'Publish all of its columns, or give it another replica identity: a primary key (replica_identity: default), or a unique index.',
    };
  }
  const hidden = (columns ?? []).filter((column) => !list.includes(column)).join(', ');
  if (hidden === '') return null;
  return {
    why: `its column list leaves out ${hidden} of its replica identity`,
    cure: `Add ${hidden} to the columns of the table in steep.yaml, or publish only [insert, truncate].`,
  };
};

const outsideFilter = ({ columns }: SentIdentity, { where }: Sent, table: Table): Fault | null => {
  if (where === null || columns === null || columns.length === 0) return null;
  const names = table.columns.map(({ name }) => name);
  const outside = filterColumns(where, names)
    .filter((column) => !columns.includes(column))
    .join(', ');
  if (outside === '') return null;
  return {
    why: `its row filter reads ${outside}, which its replica identity does not include`,
    cure: `Use only columns of the replica identity (${columns.join(', ')}) in the row filter; or set replica_identity of the table in steep.yaml to full, or to a unique index that includes ${outside}; or publish only [insert, truncate].`,
  };
};

/** 18 and later refuse what earlier versions leave out. */
const unpublishedGenerated = (identity: SentIdentity, sent: Sent, table: Table): Fault | null => {
  const virtual = new Set(table.traps?.virtualColumns);
  const isSent = (name: string): boolean =>
    sent.columns !== null ? sent.columns.includes(name) : sent.spec.generatedColumns === 'stored';
  const generated = table.columns.filter(({ generated: is }) => is).map(({ name }) => name);
  const left = generated
    .filter((name) => identity.columns?.includes(name) === true)
    .filter((name) => virtual.has(name) || !isSent(name));
  if (left.length === 0) return null;
  const index = 'use a unique index without it: replica_identity: { index: NAME }';
  return {
    why: `its replica identity includes generated column ${left.join(', ')}, which is not published`,
    cure: left.some((name) => virtual.has(name))
      ? `A virtual column is never published: ${index}.`
      : `Publish it: publish_generated_columns: stored. Or ${index}.`,
  };
};

const faultOf = (table: Table, sent: Sent, { desired, features }: Identities) => {
  const wanted = desired(formatName(table.name));
  const identity = identityOf(table, wanted);
  if (identity.columns === null) {
    const missing = missingIndex(table, wanted);
    if (missing !== null) return missing;
    const why = 'it has neither a primary key nor another replica identity';
    return { why, cure: isListed(table, sent) ? null : byHand(table) };
  }
  const fault = outsideList(identity, sent) ?? outsideFilter(identity, sent, table);
  if (fault !== null) return fault;
  return features.publishGeneratedColumns ? unpublishedGenerated(identity, sent, table) : null;
};

/** The file can give an identity only to tables that it lists by name. */
const isListed = ({ name }: Table, { spec }: Sent): boolean =>
  spec.tables.some(({ table }) => formatName(table) === formatName(name));

const byHand = ({ name, keyColumns }: Table): string =>
  keyColumns === null
    ? `Add a primary key, or: ALTER TABLE ${formatName(name)} REPLICA IDENTITY FULL;`
    : `ALTER TABLE ${formatName(name)} REPLICA IDENTITY DEFAULT;`;

/** Of a publication; of a partition where it is published as rows of another table: its own identity counts too. */
export const identityFaults = (
  spec: PublicationSpec,
  identities: Identities,
): readonly IdentityFault[] => {
  if (!spec.publish.includes('update') && !spec.publish.includes('delete')) return [];
  const { tables } = identities;
  return effectiveTables([spec], tables).flatMap((sent) =>
    withPartitions(sent, tables).flatMap((name, at): readonly IdentityFault[] => {
      const table = tables.get(formatName(name));
      // A partitioned table below the one that is published holds no rows and is not named to subscribers.
      if (table === undefined || (at > 0 && table.partitioned)) return [];
      const fault = faultOf(table, { ...sent, spec }, identities);
      return fault === null ? [] : [{ table, ...fault }];
    }),
  );
};

// What a snapshot says of its tables: their definitions, the same as a script for people, and what tells them from others.

import { readChangedDefinitions } from '../../catalog/copies/read-changed-definitions.ts';
import { readWithPartitions } from '../../catalog/copies/read-snapshot-source.ts';
import { readTableMarks } from '../../catalog/copies/read-table-marks.ts';
import { readPublicationMarks } from '../../catalog/objects/read-publication-marks.ts';
import { SteepError } from '../../model/errors.ts';
import { formatName, type QualifiedName } from '../../model/identifier.ts';
import { listNames } from '../../model/listing.ts';
import type { Session } from '../../postgres/session.ts';
import { readTableFingerprints } from '../../schema/read-fingerprints.ts';
import { theseTables } from '../../schema/scope.ts';
import type { SchemaText } from '../../snapshot/generate.ts';
import { definitionsFor, readExport, writeExport } from '../schema/schema-export.ts';

/** In a transaction at the snapshot. @throws SteepError SNAPSHOT_OUTDATED */
export const readSchemaText = async (
  session: Session,
  tables: readonly QualifiedName[],
  publications: readonly string[],
): Promise<SchemaText> => {
  const wanted = { schemas: null, tables: await readWithPartitions(session, tables) };
  await assertUnchanged(session, wanted.tables);
  const read = await readExport(session, wanted);
  const { sql } = writeExport(session.node, read, wanted);
  const found = await readTableFingerprints(session, theseTables(tables));
  return {
    sql,
    definitions: definitionsFor(read, wanted).definitions,
    publicationMarks: await readPublicationMarks(session, publications),
    tableMarks: await readTableMarks(
      session,
      tables,
      publications.length === 0 ? null : publications,
    ),
    fingerprints: new Map(
      found.map(({ name, strict, replication }) => [formatName(name), { strict, replication }]),
    ),
  };
};

const assertUnchanged = async (
  session: Session,
  tables: readonly QualifiedName[],
): Promise<void> => {
  const changed = await readChangedDefinitions(session, tables);
  if (changed.length === 0) return;
  throw new SteepError(
    'SNAPSHOT_OUTDATED',
    `Node ${session.node}: tables were altered, renamed or dropped after the snapshot was exported: ${listNames(changed.map(formatName))}. Their definitions of that moment cannot be read any more.`,
  );
};

// What schema.sql of a snapshot says, and what tells its tables from others.

import { readPublicationMarks } from '../catalog/read-publication-marks.ts';
import { readWithPartitions } from '../catalog/read-snapshot-source.ts';
import { formatName, type QualifiedName } from '../model/identifier.ts';
import type { Session } from '../postgres/session.ts';
import { readTableFingerprints } from '../schema/read-fingerprints.ts';
import { theseTables } from '../schema/scope.ts';
import type { SchemaText } from '../snapshot/generate.ts';
import { readExport, writeExport } from './schema-export.ts';

/** In a transaction at the snapshot. */
export const readSchemaText = async (
  session: Session,
  tables: readonly QualifiedName[],
  publications: readonly string[],
): Promise<SchemaText> => {
  const wanted = { schemas: null, tables: await readWithPartitions(session, tables) };
  const { sql } = writeExport(session.node, await readExport(session, wanted), wanted);
  const found = await readTableFingerprints(session, theseTables(tables));
  return {
    sql,
    publicationMarks: await readPublicationMarks(session, publications),
    fingerprints: new Map(
      found.map(({ name, strict, replication }) => [formatName(name), { strict, replication }]),
    ),
  };
};

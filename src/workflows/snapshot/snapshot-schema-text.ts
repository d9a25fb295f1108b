// What a snapshot says of its tables: their definitions, the same as a script for people, and what tells them from others.

import { readWithPartitions } from '../../catalog/copies/read-snapshot-source.ts';
import { readPublicationMarks } from '../../catalog/objects/read-publication-marks.ts';
import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { Session } from '../../postgres/session.ts';
import { readTableFingerprints } from '../../schema/read-fingerprints.ts';
import { theseTables } from '../../schema/scope.ts';
import type { SchemaText } from '../../snapshot/generate.ts';
import { definitionsFor, readExport, writeExport } from '../schema/schema-export.ts';

/** In a transaction at the snapshot. */
export const readSchemaText = async (
  session: Session,
  tables: readonly QualifiedName[],
  publications: readonly string[],
): Promise<SchemaText> => {
  const wanted = { schemas: null, tables: await readWithPartitions(session, tables) };
  const read = await readExport(session, wanted);
  const { sql } = writeExport(session.node, read, wanted);
  const found = await readTableFingerprints(session, theseTables(tables));
  return {
    sql,
    definitions: definitionsFor(read, wanted).definitions,
    publicationMarks: await readPublicationMarks(session, publications),
    fingerprints: new Map(
      found.map(({ name, strict, replication }) => [formatName(name), { strict, replication }]),
    ),
  };
};

// The tables of a node against those of a snapshot that is to be loaded, by sync mode. The source is not asked: what the
// snapshot says of its tables decides.

import { createHash } from 'node:crypto';
import { SteepError } from '../model/errors.ts';
import { ExitCode } from '../model/exit-code.ts';
import { formatName } from '../model/identifier.ts';
import { type SnapshotManifest, schemaFile } from '../model/snapshot.ts';
import { toFailure } from '../postgres/failures.ts';
import type { Session } from '../postgres/session.ts';
import { readTableFingerprints } from '../schema/read-fingerprints.ts';
import { theseTables } from '../schema/scope.ts';
import type { Storage } from '../snapshot/storage/storage.ts';

export type SnapshotSchemaSync = 'strict' | 'auto' | 'manual';

export interface AlignRequest {
  readonly schemaSync: SnapshotSchemaSync;
  /** Tables (by formatName) that an earlier load was in the middle of: they lack indexes that it has put off. */
  readonly begun: ReadonlySet<string>;
  /** For people. */
  readonly say: (text: string) => void;
}

/**
 * strict: tables that differ are refused. auto: into a database that has none of them, the snapshot's schema.sql comes
 * first. manual: they are named, and what cannot take the rows is refused later.
 * @throws SteepError SNAPSHOT_SCHEMA naming every table that differs.
 */
export const alignWithSnapshot = async (
  session: Session,
  storage: Storage,
  manifest: SnapshotManifest,
  { schemaSync, begun, say }: AlignRequest,
): Promise<void> => {
  const differing = await differences(session, manifest, begun);
  if (differing.length === 0) return;
  const missing = differing.filter(({ isMissing }) => isMissing);
  if (schemaSync === 'auto' && missing.length === manifest.tables.length) {
    say(`Makes ${missing.length} tables by ${schemaFile} of the snapshot.`);
    await createTables(session, storage, manifest);
    return alignWithSnapshot(session, storage, manifest, { schemaSync: 'strict', begun, say });
  }
  const names = differing.map(({ name, isMissing }) => `${name}${isMissing ? ' is missing' : ''}`);
  if (schemaSync === 'manual') {
    say(`These tables differ from those of the snapshot: ${names.join(', ')}.`);
    return;
  }
  throw new SteepError(
    'SNAPSHOT_SCHEMA',
    `Node ${session.node}: tables differ from those of the snapshot: ${names.join(', ')}.`,
    {
      exit: ExitCode.refused,
      suggestions: [
        `See what they are: ${storage.location}/${schemaFile}, and steep schema export`,
        'Into a database that has none of them: --schema-sync auto, which makes them.',
        'Where the differences are meant: --schema-sync manual',
      ],
    },
  );
};

interface Difference {
  readonly name: string;
  readonly isMissing: boolean;
}

const differences = async (
  session: Session,
  { tables }: SnapshotManifest,
  begun: ReadonlySet<string>,
): Promise<readonly Difference[]> => {
  const names = tables.map(({ schema, name }) => ({ schema, name }));
  const found = await readTableFingerprints(session, theseTables(names));
  const here = new Map(found.map(({ name, strict }) => [formatName(name), strict]));
  return tables.flatMap((table) => {
    const name = formatName(table);
    const isMissing = !here.has(name);
    const isSame = here.get(name) === table.strictFingerprint || (begun.has(name) && !isMissing);
    return isSame ? [] : [{ name, isMissing }];
  });
};

const largestSchema = 256 * 1024 * 1024;

/** As it was written: nothing else is ever run. */
const createTables = async (
  session: Session,
  storage: Storage,
  { schema }: SnapshotManifest,
): Promise<void> => {
  const text = (await storage.readText(schemaFile, largestSchema)) ?? '';
  if (createHash('sha256').update(text).digest('hex') !== schema.sha256) {
    throw new SteepError('SNAPSHOT_DAMAGED', `${storage.location}/${schemaFile} is damaged.`, {
      exit: ExitCode.refused,
      suggestions: ['Copy it again from where it is whole.'],
    });
  }
  await session
    .transaction({}, () => session.script(text))
    .catch((error: unknown) => {
      throw toFailure(error, { node: session.node, doing: `running ${schemaFile}` });
    });
};

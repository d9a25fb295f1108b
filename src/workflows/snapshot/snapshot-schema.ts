// The tables of a node against those of a snapshot that is to be loaded, by sync mode. The source is not asked: what the
// snapshot says of its tables decides.

import { SteepError } from '../../model/errors.ts';
import { formatName } from '../../model/identifier.ts';
import { plural } from '../../model/listing.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import { printable } from '../../model/printable.ts';
import { type SnapshotManifest, schemaFile } from '../../model/snapshot/snapshot.ts';
import { sqlState, toFailure } from '../../postgres/failures.ts';
import type { Session } from '../../postgres/session.ts';
import { ddl } from '../../postgres/sql/sql.ts';
import { readTableFingerprints } from '../../schema/read-fingerprints.ts';
import { theseTables } from '../../schema/scope.ts';
import type { Storage } from '../../snapshot/storage/storage.ts';
import { prepareTables, runStatements, type TablesRequest } from './snapshot-tables.ts';

export type SnapshotSchemaSync = 'strict' | 'auto' | 'manual';

export interface AlignRequest extends TablesRequest {
  readonly schemaSync: SnapshotSchemaSync;
  /** Tables (by formatName) that an earlier load was in the middle of: they lack indexes that it has deferred. */
  readonly begun: ReadonlySet<string>;
  /** For people. */
  readonly say: (text: string) => void;
}

/**
 * strict: tables that differ are refused. auto: in a database that has none of them, they are created as the manifest
 * describes them. manual: they are named, and what cannot take the rows is refused later.
 * @throws SteepError SNAPSHOT_SCHEMA naming every table that differs, and as prepareTables() does.
 */
export const alignWithSnapshot = async (
  session: Session,
  storage: Storage,
  manifest: SnapshotManifest,
  request: AlignRequest,
): Promise<void> => {
  const { schemaSync, begun, say } = request;
  const differing = await differences(session, manifest, begun);
  if (differing.length === 0) return;
  const missing = differing.filter(({ isMissing }) => isMissing);
  if (schemaSync === 'auto' && missing.length === manifest.tables.length) {
    return createTables(session, storage, manifest, request);
  }
  const names = differing.map(({ name, isMissing }) => `${name}${isMissing ? ' is missing' : ''}`);
  if (schemaSync === 'manual') {
    say(`These tables differ from those of the snapshot: ${names.join(', ')}.`);
    return;
  }
  throw different(session, storage, names);
};

const different = (session: Session, storage: Storage, names: readonly string[]): SteepError =>
  new SteepError(
    'SNAPSHOT_SCHEMA',
    `Node ${session.node}: tables differ from those of the snapshot: ${names.join(', ')}.`,
    {
      exit: ExitCode.refused,
      suggestions: [
        `To see the definitions: ${storage.location}/${schemaFile}, and steep schema export`,
        'If the database has none of these tables: --schema-sync auto, which creates them.',
        'If the differences are intended: --schema-sync manual',
      ],
    },
  );

/** All of them as the snapshot has them, or none. */
const createTables = async (
  session: Session,
  storage: Storage,
  manifest: SnapshotManifest,
  request: AlignRequest,
): Promise<void> => {
  const { requires = [] } = manifest.definitions ?? {};
  if (requires.length > 0) {
    request.say(
      `The tables need objects that a snapshot does not carry: ${requires.map(printable).join(', ')}. Where one is missing, nothing is created.`,
    );
  }
  const statements = await prepareTables(session, manifest, request);
  request.say(`Creates ${plural(manifest.tables.length, 'table')} as the manifest describes them.`);
  try {
    await session.transaction({}, async () => {
      // A function may call what is created after it.
      await session.query(ddl`SET LOCAL check_function_bodies = off`);
      await runStatements(session, statements);
      const differing = await differences(session, manifest, new Set());
      const names = differing.map(({ name }) => name);
      if (names.length > 0) throw different(session, storage, names);
    });
  } catch (error) {
    const failure = toFailure(error, {
      node: session.node,
      doing: 'creating the tables of the snapshot',
    });
    throw lacksObject(error) ? lacking(session, failure, manifest) : failure;
  }
};

/** undefined_function (operators too), undefined_object, undefined_table, invalid_schema_name, cannot_coerce. */
const undefinedStates: ReadonlySet<string> = new Set(['42883', '42704', '42P01', '3F000', '42846']);

const lacksObject = (error: unknown): boolean => undefinedStates.has(sqlState(error) ?? '');

/** Nothing was created: the transaction is over. */
const lacking = (
  { node }: Session,
  failure: SteepError,
  { definitions }: SnapshotManifest,
): SteepError => {
  const { requires = [] } = definitions ?? {};
  return new SteepError(
    'SNAPSHOT_SCHEMA_REFUSED',
    `Node ${node}: an object that the tables of the snapshot need is not there, so none of them was created. ${failure.message}`,
    {
      exit: ExitCode.refused,
      suggestions: [
        `Create what they need first${requires.length === 0 ? '' : `: ${requires.join(', ')}`}; then run the same command again.`,
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

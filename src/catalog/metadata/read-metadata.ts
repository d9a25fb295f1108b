// Reads the steep_repl schema: its version, what steep owns on this node, and the node's own row.
// Knows no kind of resource but the two that live in steep_repl itself.

import type { NodeName } from '../../model/state/address.ts';
import { metadataSchema } from '../../model/state/metadata-version.ts';
import type { ResourceOf } from '../../model/state/resource.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';
import { assertHasHistory, assertMetadataTrusted } from '../trust/assert-metadata-trusted.ts';
import { identify, type Remembered, type RememberedObject } from './ownership.ts';

export interface Metadata {
  /** The database that was looked in. */
  readonly database: string;
  /** 0: not installed. */
  readonly version: number;
  readonly remembered: Remembered;
  readonly resources: readonly (ResourceOf<'metadata'> | ResourceOf<'node'>)[];
}

/**
 * Examines the schema again: it may have been made since the session was opened.
 * @throws SteepError as assertMetadataTrusted does.
 */
export const readMetadata = async (session: Session, node: NodeName): Promise<Metadata> => {
  await assertMetadataTrusted(session);
  const { database, installed } = await readInstalled(session);
  if (!installed) return nothingOf(database);
  const { version, priority, alsoServes } = await readOwnRow(session, node);
  assertHasHistory(node, version);
  const remembered = await readObjects(session, node);
  return {
    database,
    version,
    remembered,
    resources: [
      {
        ...identify(remembered, node, 'metadata', metadataSchema),
        spec: { version },
        observed: { alsoServes },
      },
      ...(priority === null
        ? []
        : [{ ...identify(remembered, node, 'node', node), spec: { priority }, observed: null }]),
    ],
  };
};

const nothingOf = (database: string): Metadata => ({
  database,
  version: 0,
  remembered: new Map(),
  resources: [],
});

/** As if there were no steep_repl. */
export const noMetadata = async (session: Session): Promise<Metadata> =>
  nothingOf((await readInstalled(session)).database);

/** Of steep_repl, as it is now; 0: it is not installed. @throws SteepError as assertMetadataTrusted does. */
export const readMetadataVersion = async (session: Session): Promise<number> => {
  await assertMetadataTrusted(session);
  const { installed } = await readInstalled(session);
  if (!installed) return 0;
  const [row] = await session.query<{ readonly version: number }>(sql`
    SELECT COALESCE(pg_catalog.max(v.version), 0) AS version FROM steep_repl.schema_version AS v`);
  return row?.version ?? 0;
};

/** Through pg_class: to_regclass would fail where the role may not use the schema. */
async function readInstalled(session: Session): Promise<InstalledRow> {
  const [row] = await session.query<InstalledRow>(sql`
    SELECT pg_catalog.current_database()::text AS database,
           EXISTS (SELECT FROM pg_catalog.pg_class AS c
                     JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
                    WHERE n.nspname = ${metadataSchema} AND c.relname = 'schema_version') AS installed`);
  return row ?? { database: '', installed: false };
}

async function readOwnRow(session: Session, node: NodeName): Promise<OwnRow> {
  const [row] = await session.query<OwnRow>(sql`
    SELECT (SELECT COALESCE(pg_catalog.max(v.version), 0) FROM steep_repl.schema_version AS v) AS version,
           (SELECT n.priority FROM steep_repl.nodes AS n WHERE n.node_id = ${node}) AS priority,
           ARRAY(SELECT n.node_id FROM steep_repl.nodes AS n WHERE n.node_id <> ${node}
                  UNION
                 SELECT pg_catalog.split_part(o.address, '/', 1) FROM steep_repl.objects AS o
                  WHERE NOT pg_catalog.starts_with(o.address, ${`${node}/`})
                  ORDER BY 1) AS "alsoServes"`);
  return row ?? { version: 0, priority: null, alsoServes: [] };
}

/** One metadata database may serve several databases of a cluster, each a node with its own addresses. */
async function readObjects(session: Session, node: NodeName): Promise<Remembered> {
  const rows = await session.query<ObjectRow>(sql`
    SELECT o.address, o.protect, o.applied, o.run_id AS "runId",
           pg_catalog.to_char(o.applied_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "appliedAt"
      FROM steep_repl.objects AS o
     WHERE pg_catalog.starts_with(o.address, ${`${node}/`}) ORDER BY o.address`);
  return new Map(rows.map(({ address, ...remembered }) => [address, remembered]));
}

interface InstalledRow {
  readonly database: string;
  readonly installed: boolean;
}

interface OwnRow {
  readonly version: number;
  readonly priority: number | null;
  readonly alsoServes: readonly NodeName[];
}

interface ObjectRow extends RememberedObject {
  readonly address: string;
}

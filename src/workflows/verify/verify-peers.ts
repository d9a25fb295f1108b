// steep verify -c URI --peer URI: the rows of two databases that need not replicate, table by table. Read-only; notes nothing.

import { compareNames, formatName, type QualifiedName } from '../../model/identifier.ts';
import {
  type VerifiedEdge,
  type VerifiedTable,
  verificationFormatVersion,
  worstOutcome,
} from '../../model/report/verification.ts';
import { addressOf } from '../../model/state/address.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';
import { type ChosenNode, type NodeChoice, openChosen } from '../chosen-nodes.ts';
import { readWanted } from '../plan/wanted-tables.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { assertNamed } from './assert-tables-sent.ts';
import type { EdgeTable } from './compared-edge.ts';
import { optionsOf } from './make-options.ts';
import type { VerificationRequest, VerifyResult } from './verify.ts';
import { assertSameHashes, verifyTables } from './verify-edge.ts';
import type { VerificationOptions } from './verify-options.ts';

export interface PeersRequest extends Omit<VerificationRequest, 'addresses'> {
  readonly connection: string;
  readonly peer: string;
}

const chosen = (as: string, connection: string): NodeChoice => ({ node: null, connection, as });

/** @throws SteepError USAGE (exit 64) for a connection that cannot be read; INTERRUPTED. */
export const verifyPeers = async (
  request: PeersRequest,
  runtime: RuntimeEnvironment,
): Promise<VerifyResult> => {
  const options = optionsOf(
    request,
    runtime,
    readWanted({ tables: request.tables, schemas: null }).tables,
  );
  const startedAt = runtime.clock();
  const started = runtime.now().toISOString();
  const opened = await openChosen(
    {
      file: request.file,
      choices: [chosen('connection', request.connection), chosen('peer', request.peer)],
    },
    { applicationName: 'steep verify', readOnly: true, interrupt: request.signal },
    runtime,
  );
  if (opened.outcome !== 'open') return { diagnostics: opened.diagnostics, report: null };
  try {
    const edge = await comparePeers(opened.nodes, options);
    const elapsedMs = Math.round(runtime.clock() - startedAt);
    const report = {
      formatVersion: verificationFormatVersion,
      outcome: edge.outcome,
      startedAt: started,
      elapsedMs,
      edges: [edge],
    };
    return { diagnostics: [], report };
  } finally {
    await opened.close();
  }
};

const comparePeers = async (
  [one, other]: readonly ChosenNode[],
  options: VerificationOptions,
): Promise<VerifiedEdge> => {
  if (one === undefined || other === undefined) throw new Error('two nodes were asked for');
  const [publisher, subscriber] = [one.session, other.session];
  await assertSameHashes({ publisher, subscriber });
  const [here, there] = [await readTables(publisher), await readTables(subscriber)];
  if (options.tables !== null) {
    assertNamed(
      options.tables,
      [...here, ...there].map(({ table }) => formatName(table)),
    );
  }
  const wanted = options.tables?.map(formatName) ?? null;
  const isWanted = ({ table }: { readonly table: QualifiedName }): boolean =>
    wanted?.includes(formatName(table)) !== false;
  const onBoth = here.filter(isWanted).flatMap((it) => {
    const found = there.find((other) => isSame(other, it));
    if (found === undefined) return [];
    return [{ table: it.table, columns: [...new Set([...it.columns, ...found.columns])] }];
  });
  const alone = [
    ...here.filter((it) => isWanted(it) && !there.some((found) => isSame(found, it))),
    ...there.filter((it) => isWanted(it) && !here.some((found) => isSame(found, it))),
  ];
  const address = addressOf('peer', 'node', 'peer');
  const edge = { publisher, subscriber, slot: null, backSlot: null, tables: onBoth.map(toCompare) };
  const tables = [
    ...(await verifyTables(edge, address, [], { ...options, tables: null })),
    ...alone.map(unread),
  ];
  const outcome = worstOutcome(tables.map((table) => table.outcome));
  return { address, source: 'connection', node: 'peer', outcome, tables, error: null };
};

interface FoundTable {
  readonly table: QualifiedName;
  readonly columns: readonly string[];
}

const isSame = (a: FoundTable, b: FoundTable): boolean => compareNames(a.table, b.table) === 0;

const toCompare = ({ table, columns }: FoundTable): EdgeTable => ({
  table,
  columns,
  where: null,
  syncState: 'r',
  shared: false,
  notes: [],
});

/** Roots of partitions, not partitions; not those of extensions, whose rows are theirs, nor of steep itself. */
const readTables = async (session: Session): Promise<readonly FoundTable[]> => {
  const rows = await session.query<QualifiedName & { readonly columns: readonly string[] }>(sql`
    SELECT n.nspname::text AS schema, c.relname::text AS name,
           ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute AS a
                  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                  ORDER BY a.attname COLLATE "C") AS columns
      FROM pg_catalog.pg_class AS c
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
       AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'steep_repl')
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                        WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e')
     ORDER BY n.nspname, c.relname`);
  return rows.map(({ schema, name, columns }) => ({ table: { schema, name }, columns }));
};

const unread = ({ table, columns }: FoundTable): VerifiedTable => ({
  table: formatName(table),
  outcome: 'unread',
  columns,
  key: null,
  where: null,
  counts: null,
  samples: [],
  notes: [],
  error: {
    code: 'TABLE_ON_ONE_SIDE',
    message: `Only one of the databases has table ${formatName(table)}.`,
  },
  durationMs: 0,
});

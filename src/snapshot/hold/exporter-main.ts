// A process of its own that holds a snapshot: it outlives the run that started it, so that a run that was killed can
// continue. Reads what to do from its input, answers one line, and ends when no session has used the snapshot for a
// while.

import { text } from 'node:stream/consumers';
import {
  exportStatements,
  holdTransaction,
  snapshotStatements,
} from '../../copy/read/hold-snapshot.ts';
import { exporterOf } from '../../model/snapshot/snapshot.ts';
import { parseConninfo } from '../../postgres/connect/conninfo-text.ts';
import { toFailure } from '../../postgres/failures.ts';
import { openSession, type Session } from '../../postgres/session.ts';
import { ddl, literal } from '../../postgres/sql/sql.ts';
import type { ExportOrder, ExportReply, RunningExporter } from './export-order.ts';

const order = JSON.parse(await text(process.stdin)) as ExportOrder;

/** The terminal of the process that started this, and its Ctrl-C, are none of its business. */
for (const signal of ['SIGHUP', 'SIGINT'] as const) process.on(signal, () => undefined);

const open = async (): Promise<Session> => {
  const conninfo = parseConninfo(order.conninfo);
  if (conninfo === null) throw new Error('the connection cannot be read');
  return openSession(conninfo, {
    node: order.node,
    applicationName: exporterOf(order.applicationName),
    ...(order.slot !== null && { replication: 'database' as const }),
  });
};

/** Alive while sessions of a run are there, and for a while after. */
const watcher = (): ((session: Session) => Promise<void>) => {
  let usedAt = performance.now();
  return async (session) => {
    const [row] = await session.query<{ readonly used: boolean }>(ddl`
      SELECT pg_catalog.count(*) > 0 AS used
        FROM (SELECT pg_catalog.pg_stat_clear_snapshot()) AS c, pg_catalog.pg_stat_activity AS a
       WHERE a.application_name = ${literal(order.applicationName)}`);
    if (row?.used === true) usedAt = performance.now();
    else if (performance.now() - usedAt > order.idleMs) await session.close();
  };
};

const hold = async (): Promise<RunningExporter> => {
  const session = await open();
  const { pid } = session;
  const { slot, slotTimeoutMs } = order;
  const cancel = (): void => void session.cancel().catch(() => undefined);
  const timer = slotTimeoutMs === 0 ? undefined : setTimeout(cancel, slotTimeoutMs);
  const statements =
    slot === null ? exportStatements : snapshotStatements({ slot, plugin: 'pgoutput' });
  const { lsn, name } = await holdTransaction(session, statements, watcher()).finally(() =>
    clearTimeout(timer),
  );
  const [row] = await session.query<{ readonly began: string }>(ddl`
    SELECT extract(epoch FROM a.backend_start)::text AS began
      FROM pg_catalog.pg_stat_activity AS a WHERE a.pid = ${literal(String(pid))}::int4`);
  return { lsn, snapshot: name, pid, backendStart: row?.began ?? '' };
};

const reply = await hold().then(
  (held): ExportReply => ({ ok: true, ...held }),
  (error: unknown): ExportReply => {
    const failure = toFailure(error, { node: order.node, doing: 'taking the snapshot' });
    return {
      ok: false,
      code: failure.code,
      message: failure.message,
      suggestions: failure.suggestions,
    };
  },
);
process.stdout.write(`${JSON.stringify(reply)}\n`);

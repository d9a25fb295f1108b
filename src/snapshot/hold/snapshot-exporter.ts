// Starts the process that holds a snapshot, finds it again, and ends it. It is known by its backend on the server, not
// by a process id: the run that continues it may be on another machine.

import { spawn } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SteepError } from '../../model/errors.ts';
import { exporterApplication, type SnapshotAt } from '../../model/snapshot/snapshot.ts';
import type { Session } from '../../postgres/session.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';
import type { ExportOrder, ExportReply, RunningExporter } from './export-order.ts';

const program = fileURLToPath(
  new URL(`./exporter-main${extname(import.meta.url)}`, import.meta.url),
);

/** @throws SteepError: why there is no snapshot; then no slot is left behind, unless the server was lost. */
export const startExporter = async (order: ExportOrder): Promise<RunningExporter> => {
  // Its warnings would go to a terminal that is none of its own.
  const child = spawn(process.execPath, [program], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.end(JSON.stringify(order));
  const line = await firstLine(child.stdout);
  child.unref();
  if (line === '') throw new Error('the process that holds the snapshot did not report');
  const reply = JSON.parse(line) as ExportReply;
  if (reply.ok) return reply;
  throw new SteepError(reply.code, reply.message, { suggestions: reply.suggestions });
};

/** Its output stays open as long as it lives. */
const firstLine = async (
  output: NodeJS.ReadableStream & AsyncIterable<Buffer>,
): Promise<string> => {
  let said = '';
  for await (const data of output) {
    said += data.toString();
    if (said.includes('\n')) break;
  }
  return said;
};

type Exporter = Pick<RunningExporter, 'pid' | 'backendStart'>;

/** Whether the backend that held the snapshot is still there. */
export const isExporterRunning = async (
  session: Session,
  at: SnapshotAt,
  exporter: Exporter,
): Promise<boolean> => {
  const found = await session.query(sql`
    SELECT a.pid FROM pg_catalog.pg_stat_activity AS a WHERE ${isExporter(at, exporter)}`);
  return found.length > 0;
};

/** Ends the backend, and with it the process. Again: does nothing. */
export const endExporter = async (
  session: Session,
  at: SnapshotAt,
  exporter: Exporter,
): Promise<void> => {
  await session.query(sql`
    SELECT pg_catalog.pg_terminate_backend(a.pid) FROM pg_catalog.pg_stat_activity AS a
     WHERE ${isExporter(at, exporter)}`);
};

/** The files say which backend it is: it must also say itself that it holds the snapshot at this place. */
const isExporter = (at: SnapshotAt, { pid, backendStart }: Exporter): Sql => sql`
  a.pid = ${pid} AND extract(epoch FROM a.backend_start)::text = ${backendStart}
  AND a.application_name = ${exporterApplication(at)}`;

// Starts the process that holds a snapshot, finds it again, and ends it. It is known by its backend on the server, not
// by a process id: whoever goes on may do so from another machine.

import { spawn } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SteepError } from '../../model/errors.ts';
import { type SnapshotAt, snapshotHolder } from '../../model/snapshot/snapshot.ts';
import type { Session } from '../../postgres/session.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';
import type { HeldElsewhere, HoldOrder, HoldReply } from './hold-order.ts';

const program = fileURLToPath(new URL(`./hold-main${extname(import.meta.url)}`, import.meta.url));

/** @throws SteepError: why there is no snapshot; then no slot is left behind, unless the server was lost. */
export const startHolder = async (order: HoldOrder): Promise<HeldElsewhere> => {
  // Its warnings would go to a terminal that is none of its own.
  const child = spawn(process.execPath, [program], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.end(JSON.stringify(order));
  const line = await firstLine(child.stdout);
  child.unref();
  if (line === '') throw new Error('the process that holds the snapshot said nothing');
  const reply = JSON.parse(line) as HoldReply;
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

type Holder = Pick<HeldElsewhere, 'pid' | 'backendStart'>;

/** Whether the backend that held the snapshot is still there. */
export const isHeld = async (
  session: Session,
  at: SnapshotAt,
  holder: Holder,
): Promise<boolean> => {
  const found = await session.query(sql`
    SELECT a.pid FROM pg_catalog.pg_stat_activity AS a WHERE ${isHolder(at, holder)}`);
  return found.length > 0;
};

/** Ends the backend, and with it the process. Again: does nothing. */
export const endHolder = async (
  session: Session,
  at: SnapshotAt,
  holder: Holder,
): Promise<void> => {
  await session.query(sql`
    SELECT pg_catalog.pg_terminate_backend(a.pid) FROM pg_catalog.pg_stat_activity AS a
     WHERE ${isHolder(at, holder)}`);
};

/** The files say which backend it is: it must also say itself that it holds the snapshot at this place. */
const isHolder = (at: SnapshotAt, { pid, backendStart }: Holder): Sql => sql`
  a.pid = ${pid} AND extract(epoch FROM a.backend_start)::text = ${backendStart}
  AND a.application_name = ${snapshotHolder(at)}`;

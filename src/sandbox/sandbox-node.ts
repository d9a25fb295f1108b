// One node of a sandbox: a server with the database `app`.

import { join } from 'node:path';
import { Conninfo } from '../model/connection/conninfo.ts';
import { openSession } from '../postgres/session.ts';
import { ddl, ident, sql } from '../postgres/sql/sql.ts';
import { isPortFree } from './free-port.ts';
import { findPostmaster, stopPostmaster } from './postmaster.ts';
import { type NodeEntry, type SandboxFile, sandboxDatabase, variableOf } from './sandbox-file.ts';
import { copiedBinariesIn } from './sandbox-home.ts';
import { dataOf, type SandboxServer, startServer } from './server.ts';

export interface SandboxNode {
  /** `node1`, `node2`, … */
  readonly name: string;
  readonly major: number;
  readonly running: boolean;
  readonly pid: number | null;
  /** To the database `app`, as the superuser; null: it was never started. */
  readonly conninfo: Conninfo | null;
  /** The variable with its URL in the sandbox's env file. */
  readonly variable: string;
}

/** Starts the server unless it runs, on its old port if that is free. */
export async function startNode(file: SandboxFile, node: NodeEntry): Promise<NodeEntry> {
  const samePort = node.port !== null && (await isPortFree(node.port));
  const server = await startServer({
    major: node.major,
    directory: join(file.home, node.name),
    copies: copiedBinariesIn(file.home),
    password: file.password,
    ...(samePort ? { port: node.port } : {}),
  });
  await createDatabase(server, node.name);
  return { ...node, port: server.port, pid: server.pid };
}

/** How a node is now. */
export async function readNode(file: SandboxFile, node: NodeEntry): Promise<SandboxNode> {
  const postmaster = await findPostmaster(dataOf(join(file.home, node.name)));
  return {
    name: node.name,
    major: node.major,
    running: postmaster?.ready === true,
    pid: postmaster?.pid ?? null,
    conninfo: node.port === null ? null : conninfoOf(node.port, file.password),
    variable: variableOf(node.name),
  };
}

/** At once: its data is to be removed, so replication need not catch up. */
export async function stopNode(file: SandboxFile, { name }: NodeEntry): Promise<void> {
  await stopPostmaster(dataOf(join(file.home, name)), 'immediate');
}

const conninfoOf = (port: number, password: string): Conninfo =>
  new Conninfo({
    host: '127.0.0.1',
    port: String(port),
    dbname: sandboxDatabase,
    user: 'postgres',
    password,
  });

async function createDatabase(server: SandboxServer, node: string): Promise<void> {
  const session = await openSession(server.conninfo('postgres'), {
    node,
    applicationName: 'steep sandbox',
  });
  try {
    const found = await session.query(
      sql`SELECT 1 FROM pg_catalog.pg_database WHERE datname = ${sandboxDatabase}`,
    );
    if (found.length === 0) await session.query(ddl`CREATE DATABASE ${ident(sandboxDatabase)}`);
  } finally {
    await session.close();
  }
}

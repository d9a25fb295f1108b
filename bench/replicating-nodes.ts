// Nodes that replicate, as steep made them: databases of one throwaway server, with empty tables.

import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { stringify } from 'yaml';
import type { Conninfo } from '../src/model/connection/conninfo.ts';
import { sandboxMajors } from '../src/sandbox/binaries.ts';
import { type SandboxServer, startServer } from '../src/sandbox/server.ts';
import { makeTemporaryHome } from '../src/sandbox/temporary-home.ts';
import { inProcess } from '../test/support/in-process.ts';
import { urlOf } from '../test/support/servers/test-database.ts';

export interface Shape {
  readonly nodes: number;
  /** On each node. */
  readonly tables: number;
  readonly publications: number;
  /** Whom a node reads from; null: none. */
  readonly source: (node: number) => number | null;
  /** Whether a node publishes. */
  readonly publishes: (node: number) => boolean;
}

export interface Nodes {
  /** steep.yaml, and the variables it asks for. */
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly urls: Readonly<Record<string, string>>;
  readonly conninfos: Readonly<Record<string, Conninfo>>;
}

export interface Bench {
  readonly version: string;
  /** Makes nodes of this shape, applies their file and waits until they replicate. */
  readonly replicate: (name: string, shape: Shape) => Promise<Nodes>;
  readonly end: () => Promise<void>;
}

/** Starts the server of a benchmark, of the newest major. */
export async function startBench(): Promise<Bench> {
  const home = await makeTemporaryHome('steep-bench-');
  const server = await startServer({
    major: Math.max(...sandboxMajors),
    directory: home,
    password: 'bench',
    settings: { max_connections: '200', max_locks_per_transaction: '256' },
  });
  const [row] = await query(urlOf(server.conninfo('postgres')), 'SHOW server_version');
  return {
    version: String(row?.server_version),
    replicate: (name, shape) => replicate(server, home, name, shape),
    end: async () => {
      await server.stop('immediate');
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function replicate(
  server: SandboxServer,
  home: string,
  name: string,
  shape: Shape,
): Promise<Nodes> {
  const numbers = Array.from({ length: shape.nodes }, (_, index) => index);
  const databaseOf = (node: number): string => `${name}_${node}`;
  const conninfos = Object.fromEntries(
    numbers.map((node) => [databaseOf(node), server.conninfo(databaseOf(node))]),
  );
  const urls = Object.fromEntries(
    Object.entries(conninfos).map(([database, conninfo]) => [database, urlOf(conninfo)]),
  );
  for (const database of Object.keys(urls)) {
    await query(urlOf(server.conninfo('postgres')), `CREATE DATABASE ${database}`);
    await query(urls[database] ?? '', createTables(shape.tables));
  }
  const file = join(home, `${name}.yaml`);
  await writeFile(file, stringify(describe(shape, databaseOf)));
  const environment = Object.fromEntries(
    Object.entries(urls).map(([database, url]) => [variableOf(database), url]),
  );
  const report = await inProcess(file, environment).apply();
  if (report?.outcome !== 'converged') throw new Error(`apply ended as ${report?.outcome}`);
  return { file, environment, urls, conninfos };
}

const variableOf = (database: string): string => `${database.toUpperCase()}_URL`;

const createTables = (count: number): string => `
  DO $$ BEGIN FOR n IN 0..${count - 1} LOOP
    EXECUTE pg_catalog.format('CREATE TABLE public.t%s (id bigint PRIMARY KEY, at timestamptz, note text)', n);
  END LOOP; END $$`;

/** Tables are dealt out to the publications of their node. */
function describe(shape: Shape, databaseOf: (node: number) => string): object {
  const nodes = Array.from({ length: shape.nodes }, (_, index) => index);
  const publicationsOf = (node: number): readonly string[] =>
    Array.from({ length: shape.publications }, (_, index) => `${databaseOf(node)}_p${index}`);
  const tablesOf = (index: number): readonly string[] =>
    Array.from({ length: shape.tables }, (_, table) => `t${table}`).filter(
      (_, table) => table % shape.publications === index,
    );
  const publications = nodes.filter(shape.publishes).flatMap((node) =>
    publicationsOf(node).map((publication, index) => {
      return [publication, { node: databaseOf(node), tables: tablesOf(index) }] as const;
    }),
  );
  const subscriptions = nodes.flatMap((node) => {
    const source = shape.source(node);
    if (source === null) return [];
    const ends = { node: databaseOf(node), source: databaseOf(source) };
    return [[`${databaseOf(node)}_s`, { ...ends, publications: publicationsOf(source) }] as const];
  });
  return {
    version: 1,
    nodes: Object.fromEntries(
      nodes.map(databaseOf).map((name) => [name, { connection: `\${${variableOf(name)}}` }]),
    ),
    publications: Object.fromEntries(publications),
    subscriptions: Object.fromEntries(subscriptions),
    // The tables are empty: there is nothing to copy.
    defaults: { init: { method: 'none' } },
    policy: { allow_hazards: ['COPY_SKIPPED_GAP'] },
  };
}

async function query(url: string, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

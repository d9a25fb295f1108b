// A steep.yaml of two nodes with a shop, on real databases, as the tests of the doctor examine it.

import { randomInt } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { DoctorFinding, DoctorReport } from '../../../src/model/report/doctor.ts';
import { doctor } from '../../../src/workflows/observe/doctor.ts';
import type { RuntimeEnvironment } from '../../../src/workflows/runtime-environment.ts';
import type { TestDatabase } from '../servers/cluster.ts';

const directories: string[] = [];

afterAll(async () => {
  for (const directory of directories) await rm(directory, { recursive: true, force: true });
});

export interface Surroundings {
  readonly file: string;
  readonly runtime: RuntimeEnvironment;
  readonly sent: readonly string[];
}

/** steep.yaml in a directory of its own, with the connections in the environment. */
export async function surroundings(
  text: string,
  environment: Readonly<Record<string, string>>,
): Promise<Surroundings> {
  const directory = await mkdtemp(join(tmpdir(), 'steep-doctor-'));
  directories.push(directory);
  const file = join(directory, 'steep.yaml');
  await writeFile(file, text);
  const sent: string[] = [];
  const runtime: RuntimeEnvironment = {
    steepVersion: '0.0.0',
    environment,
    user: 'tester',
    hostname: 'tests',
    now: () => new Date(),
    clock: () => performance.now(),
    onStatement: (_node, statement) => sent.push(statement.trim()),
  };
  return { file, runtime, sent };
}

export const topology = (slot: string, replication = ''): string => `version: 1
nodes:
  primary:
    connection: \${PRIMARY_URL}
${replication}  reporting:
    connection: \${REPORTING_URL}
publications:
  sales: { node: primary, tables: [public.orders, stock.items] }
subscriptions:
  sales: { node: reporting, source: primary, publications: [sales], slot: ${slot} }
`;

export const replicationConnection = `    replication_connection: \${PRIMARY_REPLICATION_URL}\n`;

export const slotName = (): string => `doctor_${randomInt(10_000_000, 99_999_999)}`;

export async function examined(at: Surroundings): Promise<{ report: DoctorReport; exit: number }> {
  const { report, exit, diagnostics } = await doctor(at.file, at.runtime);
  if (report === null) throw new Error(JSON.stringify(diagnostics));
  return { report, exit };
}

export const findings = (
  report: DoctorReport,
  node: string,
  check: string,
): readonly DoctorFinding[] =>
  report.nodes
    .flatMap((found) => found.findings)
    .filter((found) => found.node === node && found.check === check);

const tables = `
  CREATE TABLE public.orders (id int PRIMARY KEY, note text);
  CREATE SCHEMA stock;
  CREATE TABLE stock.items (id int PRIMARY KEY, note text)`;

export const shop = async (
  database: TestDatabase,
  { owner }: { readonly owner: string | null },
): Promise<void> => {
  await database.query(tables);
  if (owner !== null) await database.query(`ALTER TABLE public.orders OWNER TO ${owner}`);
};

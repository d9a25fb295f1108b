// An edge whose rows are compared: tables with and without a key, one of them filtered, and steep verify on them.

import type { VerificationReport, VerifiedRow } from '../../../src/model/report/verification.ts';
import { type VerificationRequest, verify } from '../../../src/workflows/verify/verify.ts';
import { inProcess } from '../in-process.ts';
import { onTestFinished } from '../servers/clean-up.ts';
import { cluster, type TestDatabase } from '../servers/cluster.ts';
import { createProject, type Project, type Topology } from './project.ts';

export interface VerifiedWorld {
  readonly project: Project;
  readonly publisher: TestDatabase;
  readonly subscriber: TestDatabase;
  readonly address: string;
}

/** Row filters came with PostgreSQL 15. */
const topology = (slot: string, major: number): Topology => ({
  publications: {
    all: {
      node: 'publisher',
      tables: ['accounts', 'log', major < 15 ? 'sales' : { name: 'sales', where: "region = 'eu'" }],
    },
  },
  subscriptions: {
    all: { node: 'subscriber', source: 'publisher', publications: ['all'], slot },
  },
});

const tables = `
  CREATE TABLE accounts (id int PRIMARY KEY, note text, amount numeric(12, 2));
  CREATE TABLE log (at int, note text);
  ALTER TABLE log REPLICA IDENTITY FULL;
  CREATE TABLE sales (id bigint, region text, note text, PRIMARY KEY (region, id));`;

const rows = `
  INSERT INTO accounts SELECT n, 'note ' || n, n / 7.0 FROM generate_series(1, 2000) AS n;
  INSERT INTO log SELECT n % 50, 'twin' FROM generate_series(1, 1000) AS n;
  INSERT INTO sales SELECT n, CASE WHEN n % 2 = 0 THEN 'eu' ELSE 'us' END, 'x' FROM generate_series(1, 1000) AS n`;

/** Applied, and with its rows on both sides. */
export const createVerified = async (
  majors: readonly [publisher: number, subscriber: number],
): Promise<VerifiedWorld> => {
  const publisher = await cluster.database(majors[0]);
  const subscriber = await cluster.database(majors[1]);
  onTestFinished(async () => {
    await subscriber.drop();
    await publisher.drop();
  });
  for (const database of [publisher, subscriber]) await database.query(tables);
  await publisher.query(rows);
  const connections = { publisher: publisher.url, subscriber: subscriber.url };
  const project = await createProject(connections, topology(`slot_${publisher.name}`, majors[0]));
  await inProcess(project.path('steep.yaml'), environmentOf(publisher, subscriber)).apply();
  return { project, publisher, subscriber, address: 'subscriber/subscription.all' };
};

export const environmentOf = (publisher: TestDatabase, subscriber: TestDatabase) => ({
  PUBLISHER_URL: publisher.url,
  SUBSCRIBER_URL: subscriber.url,
});

export interface Verified {
  readonly report: VerificationReport;
  /** Each key that was found, with its table. */
  readonly rows: readonly (VerifiedRow & { readonly table: string })[];
}

/** steep verify in the process of the test. */
export const verifyIn = async (
  file: string,
  environment: Readonly<Record<string, string>>,
  request: Partial<VerificationRequest> = {},
): Promise<Verified> => {
  const found: (VerifiedRow & { readonly table: string })[] = [];
  const { report, diagnostics } = await verify(
    {
      file,
      addresses: [],
      tables: null,
      fast: false,
      jobs: 1,
      maxRate: null,
      settleMs: 30_000,
      signal: new AbortController().signal,
      onProgress: () => undefined,
      onRow: (_address, table, row) => void found.push({ ...row, table }),
      ...request,
    },
    {
      steepVersion: '0.1.0',
      user: 'test',
      hostname: 'localhost',
      environment,
      now: () => new Date(),
      clock: () => performance.now(),
    },
  );
  if (report === null) throw new Error(JSON.stringify(diagnostics));
  return { report, rows: found };
};

export const verifyWorld = (
  { project, publisher, subscriber }: VerifiedWorld,
  request: Partial<VerificationRequest> = {},
): Promise<Verified> =>
  verifyIn(project.path('steep.yaml'), environmentOf(publisher, subscriber), request);

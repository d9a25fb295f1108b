// Two databases with tables, one change at a time: by workflows in this process, or by the command line.

import type { Plan } from '../../../src/model/plan/plan.ts';
import type { RunReport } from '../../../src/model/plan/run-report.ts';
import { changeOne } from '../../../src/workflows/primitives/change-one.ts';
import type { Request } from '../../../src/workflows/primitives/requested-change.ts';
import { type CliResult, runCli } from '../../support/cli.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';

export interface Pair {
  readonly primary: TestDatabase;
  readonly reporting: TestDatabase;
}

const tables =
  'CREATE TABLE orders (id int PRIMARY KEY); CREATE TABLE refunds (id int PRIMARY KEY)';

/** Both with the same tables, the first with rows. */
export const pairOn = async (major: number): Promise<Pair> => {
  const primary = await cluster.database(major);
  const reporting = await cluster.database(major);
  await primary.query(
    `${tables}; INSERT INTO orders VALUES (1), (2); INSERT INTO refunds VALUES (3)`,
  );
  await reporting.query(tables);
  return { primary, reporting };
};

const limits = {
  lockTimeoutMs: 2000,
  lockRetries: 10,
  slotTimeoutMs: 60_000,
  waitTimeoutMs: 60_000,
  pollMs: 50,
};

interface Changed {
  readonly plan: Plan | null;
  readonly report: RunReport | null;
}

/** Makes a change without a file; dangers are allowed by their codes. */
export const change = async (
  at: TestDatabase,
  peer: TestDatabase | null,
  asked: Request,
  allow: readonly string[] = [],
): Promise<Changed> => {
  const request = {
    place: {
      file: 'steep.yaml',
      node: null,
      connection: at.url,
      as: null,
      peer: null,
      peerConnection: peer?.url ?? null,
    },
    asked,
    allowed: [],
    strict: false,
    waitForLockMs: 0,
    wait: true,
    limits,
    signal: new AbortController().signal,
    show: () => undefined,
    approve: (hazards: readonly { readonly code: string; readonly address: string }[]) =>
      Promise.resolve({
        approved: true,
        allowed: hazards.filter(({ code }) => allow.includes(code)),
      }),
    onEvent: () => undefined,
  };
  const runtime = {
    steepVersion: '0.1.0',
    user: 'test',
    hostname: 'localhost',
    environment: {},
    now: () => new Date(),
    clock: () => performance.now(),
  };
  const { plan, report } = await changeOne(request, runtime);
  if (report !== null && report.exit !== 0) {
    throw new Error(JSON.stringify(report));
  }
  return { plan, report };
};

/** A command on one database, without a file. */
export const primitive = (
  at: TestDatabase,
  words: string,
  ...rest: readonly string[]
): Promise<CliResult> => runCli([...words.split(' '), '-c', at.url, ...rest]);

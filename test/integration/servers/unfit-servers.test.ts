// Servers that cannot take part, or cannot be read: what plan, apply and status say, with which exit code,
// with and without --json. None of them changes anything anywhere.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Catalogs, catalogsOf } from '../../support/servers/catalogs.ts';
import { canClone, cluster, type TestServer } from '../../support/servers/cluster.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { type Pooler, startPooler } from '../../support/servers/pooler.ts';
import { urlOf } from '../../support/servers/test-database.ts';
import { createEdge, type Edge } from '../../support/worlds/edge.ts';
import type { Project } from '../../support/worlds/project.ts';

interface Unfit {
  readonly what: string;
  readonly code: string;
  /** The publisher's URL. */
  readonly url: () => Promise<string>;
  readonly exits: { readonly plan: number; readonly apply: number; readonly status: number };
}

let edge: Edge;
let before: Catalogs;
let pooler: Pooler;

/** A database with the table of the edge on a server that is odd. */
async function urlOn(server: TestServer): Promise<string> {
  const database = await server.createDatabase();
  await database.query('CREATE TABLE items (id int PRIMARY KEY, note text)');
  return database.url;
}

async function urlOfStandby(): Promise<string> {
  const server = await cluster.privateServer(newestMajor);
  const database = await server.createDatabase();
  const standby = await server.cloneAsStandby();
  return urlOf(standby.superuser.with({ dbname: database.name }));
}

const changed = (keywords: Readonly<Record<string, string>>) => async (): Promise<string> =>
  urlOf(edge.publisher.conninfo.with(keywords));

const unfit: readonly Unfit[] = [
  {
    what: 'PostgreSQL 13',
    code: 'SERVER_TOO_OLD',
    url: async () => urlOn(await cluster.privateServer(13)),
    exits: { plan: 1, apply: 1, status: 1 },
  },
  ...(canClone
    ? [
        {
          what: 'a standby',
          code: 'IN_RECOVERY',
          url: urlOfStandby,
          exits: { plan: 1, apply: 1, status: 1 },
        },
      ]
    : []),
  {
    what: 'wal_level = replica',
    code: 'CAPACITY',
    url: async () => urlOn(await cluster.privateServer(newestMajor, { wal_level: 'replica' })),
    exits: { plan: 0, apply: 3, status: 1 },
  },
  {
    what: 'a pooler',
    code: 'POOLER',
    url: async () => urlOf(pooler.conninfo),
    exits: { plan: 0, apply: 3, status: 1 },
  },
  {
    what: 'a port where nobody listens',
    code: 'UNREACHABLE',
    url: changed({ port: '1' }),
    exits: { plan: 7, apply: 7, status: 7 },
  },
  {
    what: 'a wrong password',
    code: 'AUTHENTICATION_FAILED',
    url: changed({ password: 'wrong' }),
    exits: { plan: 7, apply: 7, status: 7 },
  },
  {
    what: 'a missing database',
    code: 'DATABASE_MISSING',
    url: changed({ dbname: 'nowhere' }),
    exits: { plan: 7, apply: 7, status: 7 },
  },
];

beforeAll(async () => {
  edge = await createEdge({ lasting: true });
  before = await catalogsOf(edge.subscriber);
  pooler = await startPooler(edge.publisher.conninfo);
});

afterAll(() => pooler.close());

describe.each(unfit)('$what ($code)', ({ code, url, exits }) => {
  let project: Project;
  beforeAll(async () => {
    project = edge.project.with({ publisher: await url() });
  });

  test.each([
    { command: 'plan', args: ['plan'], exit: exits.plan },
    { command: 'apply', args: ['apply', '--auto-approve'], exit: exits.apply },
    { command: 'status', args: ['status'], exit: exits.status },
  ])(`$command exits $exit, with --json too`, async ({ command, args, exit }) => {
    const text = await project.steep(...args);
    const json = await project.steep(...args, '--json');
    expect([text.code, json.code], `${text.stdout}${text.stderr}`).toEqual([exit, exit]);
    const said = `${text.stdout}${text.stderr}`;
    expect(said).toContain('publisher');
    // What blocks a plan is not the business of status.
    const silent = command === 'status' && exits.plan === 0;
    expect(said.includes(code)).toBe(!silent);
    expect(json.stdout.includes(code)).toBe(!silent);
    expect(JSON.parse(json.stdout)).toBeTypeOf('object');
    expect(await catalogsOf(edge.subscriber)).toEqual(before);
    expect(Object.keys(await catalogsOf(edge.publisher))).not.toContain('objects');
  });
});

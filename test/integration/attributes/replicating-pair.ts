// Two databases that replicate, as steep made them, and an application that writes all the time: what a change of one
// attribute must leave as it was.

import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { lsnDistance } from '../../../src/model/lsn.ts';
import type { Plan } from '../../../src/model/plan/plan.ts';
import { type InProcess, inProcess } from '../../support/in-process.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { createProject, type Project, type Topology } from '../../support/worlds/project.ts';

export interface Pair {
  readonly publisher: TestDatabase;
  readonly subscriber: TestDatabase;
  readonly project: Project;
  readonly steep: InProcess;
  /** Slots are names of the whole server. */
  readonly slot: string;
}

export interface SlotPosition {
  readonly slot: string;
  readonly active: boolean;
  readonly lsn: string;
}

/** `beacon` is always published, and written to while anything changes. */
const schema = `
  CREATE TABLE beacon (id serial PRIMARY KEY, note text);
  CREATE TABLE items (id int PRIMARY KEY, note text);
  CREATE TABLE more (id int PRIMARY KEY, note text);
  CREATE TABLE other (id int PRIMARY KEY, note text);
  CREATE SCHEMA extra;
  CREATE TABLE extra.things (id int PRIMARY KEY, note text);`;

/** Applies the topology to two new databases of one server. */
export async function createPair(
  major: number,
  topology: (slot: string) => Topology,
): Promise<Pair> {
  const publisher = await cluster.database(major);
  const subscriber = await cluster.database(major);
  await Promise.all([publisher.query(schema), subscriber.query(schema)]);
  const urls = { publisher: publisher.url, subscriber: subscriber.url };
  const slot = `slot_${publisher.name}`;
  const project = await createProject(urls, topology(slot));
  const environment = { PUBLISHER_URL: publisher.url, SUBSCRIBER_URL: subscriber.url };
  const steep = inProcess(project.path('steep.yaml'), environment);
  await steep.apply();
  return { publisher, subscriber, project, steep, slot };
}

/** The slot that the subscription reads now. */
export async function slotOf({ publisher, subscriber }: Pair): Promise<SlotPosition> {
  const [sub] = await subscriber.query<{ readonly slot: string }>(
    `SELECT subslotname AS slot FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid
      WHERE d.datname = current_database()`,
  );
  const [found] = await publisher.query<SlotPosition>(
    `SELECT slot_name AS slot, active, confirmed_flush_lsn::text AS lsn
       FROM pg_replication_slots WHERE slot_name = $1`,
    [sub?.slot],
  );
  if (found === undefined) throw new Error(`slot ${sub?.slot} is gone`);
  return found;
}

export const expectNotBehind = (before: SlotPosition, after: SlotPosition): void =>
  expect(lsnDistance(before.lsn, after.lsn)).toBeGreaterThanOrEqual(0);

export interface AppliedChange {
  readonly plan: Plan;
  readonly before: SlotPosition;
}

/** Describes the topology again, plans it, and applies it while an application writes. */
export async function changeWhileWriting(pair: Pair, topology: Topology): Promise<AppliedChange> {
  await pair.project.describe(topology);
  const before = await slotOf(pair);
  const plan = await pair.steep.plan();
  const writing = new AbortController();
  const writer = write(pair.publisher, writing.signal);
  try {
    await pair.steep.apply();
  } finally {
    writing.abort();
    await writer;
  }
  return { plan, before };
}

async function write(publisher: TestDatabase, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await publisher.query(`INSERT INTO beacon (note) VALUES ('during')`);
    await sleep(10);
  }
}

/** A row written now arrives, and so has every row before it; each once. */
export async function expectAllArrives({ publisher, subscriber }: Pair): Promise<void> {
  await publisher.query(`INSERT INTO beacon (note) VALUES ('after')`);
  const count = 'SELECT count(*)::int AS rows, max(id) AS last FROM beacon';
  const [sent] = await publisher.query(count);
  await waitFor('all rows to arrive', async () => {
    const [arrived] = await subscriber.query(count);
    return JSON.stringify(arrived) === JSON.stringify(sent);
  });
}

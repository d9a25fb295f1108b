// An application that numbers each of its commits, and continues after every fault: what was acknowledged must be in
// the source, and in the end in every subscriber.

import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { RandomNumbers } from '../support/plans/random-numbers.ts';
import { type TestDatabase, urlOf } from '../support/servers/test-database.ts';
import { type ChaosTable, writeOf } from './tables.ts';

export interface CommitWriter {
  /** Ends it after the commit under way. @throws Error where an acknowledged commit is not in its database. */
  stop(): Promise<number>;
  /** The number of its last commit, acknowledged or not. */
  readonly last: () => number;
}

/** One row for each commit of a writer: a published table like the others. */
export const commitsTable = 'commits';
export const commitsDefinition = `CREATE TABLE ${commitsTable} (writer int, n bigint, PRIMARY KEY (writer, n))`;

const pauseMs = 8;

/**
 * Writes until it is stopped; `own` is 0 or 1, by which two writers keep their rows apart. `before` is the number of the
 * last commit of an earlier writer of the same database.
 */
export const startCommits = (
  database: TestDatabase,
  tables: readonly ChaosTable[],
  random: RandomNumbers,
  own: 0 | 1,
  before = 0,
): CommitWriter => {
  let stopping = false;
  let turn = before;
  let acknowledged = 0;
  const unexpected: unknown[] = [];
  const session = async (): Promise<void> => {
    const client = new Client({
      connectionString: urlOf(database.conninfo),
      application_name: 'application',
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      // Whatever settings the role was given meanwhile.
      await client.query(
        `SET lock_timeout = '20s'; SET search_path = public; SET DateStyle = ISO; SET standard_conforming_strings = on`,
      );
      while (!stopping) {
        turn += 1;
        const change = writeOf(random.pick(tables), turn, random, own);
        await client.query(
          `BEGIN; INSERT INTO ${commitsTable} VALUES (${own}, ${turn}); ${change}; COMMIT`,
        );
        acknowledged += 1;
        await sleep(pauseMs);
      }
    } finally {
      await client.end().catch(() => undefined);
    }
  };
  const work = (async () => {
    while (!stopping) {
      await session().catch(async (error: unknown) => {
        if (!isPassing(error)) unexpected.push(error);
        await sleep(200);
      });
    }
  })();
  return {
    last: () => turn,
    stop: async () => {
      stopping = true;
      await work;
      if (unexpected.length > 0)
        throw new Error(`The application failed: ${String(unexpected[0])}`);
      const [row] = await database.query<{ readonly n: number }>(
        `SELECT count(*)::int AS n FROM public.${commitsTable} WHERE writer = ${own} AND n > ${before}`,
      );
      if ((row?.n ?? 0) < acknowledged)
        throw new Error(`${acknowledged} commits were acknowledged, and ${row?.n} are there`);
      return acknowledged;
    },
  };
};

/** The connection or the server went away, a lock was waited for too long, or a row that is referred to stays. */
const isPassing = (error: unknown): boolean => {
  const { code = '' } = error as { readonly code?: string };
  return !/^(22|42|23505)/.test(code);
};

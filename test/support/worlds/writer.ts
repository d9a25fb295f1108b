// An application that writes all the time, on a connection of its own, until it is told to stop.

import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { onTestFinished } from '../servers/clean-up.ts';
import { type TestDatabase, urlOf } from '../servers/test-database.ts';

export interface Writer {
  /** How many statements were committed so far. */
  readonly written: () => number;
  /** Rejects with what went wrong, if anything did. */
  stop(): Promise<void>;
}

/** Between two statements: hundreds of them a second, and time for the servers to do something else as well. */
const pauseMs = 3;

/** Sends one statement after the other; `statement` gets 1, 2, 3, … */
export async function startWriter(
  { conninfo }: Pick<TestDatabase, 'conninfo'>,
  statement: (turn: number) => string,
): Promise<Writer> {
  const client = new Client({ connectionString: urlOf(conninfo), application_name: 'writer' });
  client.on('error', () => undefined);
  await client.connect();
  let turn = 0;
  let stopping = false;
  const work = (async () => {
    while (!stopping) {
      await client.query(statement(turn + 1));
      turn += 1;
      await sleep(pauseMs);
    }
  })();
  // The one that stops it gets the error.
  work.catch(() => undefined);
  const stop = async (): Promise<void> => {
    stopping = true;
    try {
      await work;
    } finally {
      await client.end().catch(() => undefined);
    }
  };
  onTestFinished(() => stop().catch(() => undefined));
  return { written: () => turn, stop };
}

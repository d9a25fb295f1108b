// What a person does while steep init prepare runs: the rows of the exported snapshot are dumped, and restored into the
// node.

import { Client } from 'pg';
import type { CliResult, RunningCli } from '../support/cli.ts';
import { urlOf } from '../support/servers/test-database.ts';
import { allTables } from './scene.ts';
import { quoted, withoutTriggers } from './tables.ts';
import type { World } from './world.ts';

/** Starts `steep init prepare`, brings the rows of its snapshot to the target, and ends it when both are through. */
export const startPrepare = (run: RunningCli, { scene, source, targets }: Brought): RunningCli => ({
  ...run,
  result: bringRows(run, { scene, source, targets }),
});

type Brought = Pick<World, 'scene' | 'source' | 'targets'>;

/** Ends with 0 only where the dump can be joined to the slot; one that holds on without a use is told to end. */
const bringRows = async (run: RunningCli, brought: Brought): Promise<CliResult> => {
  let complete = false;
  try {
    const { snapshot } = await run.until((event) => 'lsn' in event);
    await copyAtSnapshot(brought, String(snapshot));
    await run.said('is recorded.');
    complete = true;
  } catch {
    // It was struck, or its server: a person begins again.
  }
  run.kill('SIGINT');
  const result = await run.result;
  if (complete) return { ...result, code: 0, signal: null };
  return result.code === 0 ? { ...result, code: 130 } : result;
};

/** What pg_dump does, without pg_dump. */
const copyAtSnapshot = async (
  { scene, source, targets }: Brought,
  snapshot: string,
): Promise<void> => {
  const client = new Client({ connectionString: urlOf(source.database.conninfo) });
  // A crash of the server ends it.
  client.on('error', () => undefined);
  try {
    await client.connect();
    // What an earlier dump has brought belongs to another position.
    for (const { database } of targets)
      for (const table of allTables(scene).map(quoted).toReversed())
        await database.query(withoutTriggers(`DELETE FROM ${table}`));
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await client.query(`SET TRANSACTION SNAPSHOT '${snapshot}'; SET extra_float_digits = 3`);
    for (const table of allTables(scene).map(quoted)) {
      const { rows } = await client.query<{ readonly row: string }>(
        `SELECT t::text AS row FROM ${table} AS t`,
      );
      const literals = JSON.stringify(rows.map(({ row }) => row));
      for (const { database } of targets)
        await database.query(
          withoutTriggers(
            `INSERT INTO ${table} SELECT (r::${table}).* FROM json_array_elements_text(${escaped(literals)}) AS r`,
          ),
        );
    }
  } finally {
    await client.end().catch(() => undefined);
  }
};

/** A literal that stands for this text whatever the settings are. */
const escaped = (text: string): string => `$chaos$${text}$chaos$`;

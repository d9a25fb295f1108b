// What a person does between steep init prepare and steep init complete: the rows of the exported snapshot are dumped, and
// restored into the node.

import { Client } from 'pg';
import { urlOf } from '../support/servers/test-database.ts';
import { applyArguments } from './acts.ts';
import { runUnstruck } from './runs.ts';
import { allTables } from './scene.ts';
import { quoted, withoutTriggers } from './tables.ts';
import type { World } from './world.ts';

/** The publication, the slot, and the rows of the slot's position on the target. */
export const prepareByHand = async (world: World): Promise<void> => {
  await runUnstruck(world, applyArguments);
  const run = world.start(['init', 'prepare', 'target', '--from', 'source', '--json']);
  const { snapshot } = await run.until((event) => 'lsn' in event);
  await copyAtSnapshot(world, String(snapshot));
  await run.said('is recorded.');
  run.kill('SIGINT');
  await run.result;
};

/** What pg_dump does, without pg_dump. */
const copyAtSnapshot = async (
  { scene, source, targets }: World,
  snapshot: string,
): Promise<void> => {
  const client = new Client({ connectionString: urlOf(source.database.conninfo) });
  await client.connect();
  try {
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
    await client.end();
  }
};

/** A literal that stands for this text whatever the settings are. */
const escaped = (text: string): string => `$chaos$${text}$chaos$`;

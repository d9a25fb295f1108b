// Two databases with steep_repl and tables, and calls of its functions.

import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { installMetadata } from '../catalog/metadata.ts';

interface Stage {
  readonly publisher: TestDatabase;
  readonly subscriber: TestDatabase;
}

export const stage = async (major: number): Promise<Stage> => {
  const publisher = await cluster.database(major);
  const subscriber = await cluster.database(major);
  for (const database of [publisher, subscriber]) {
    await installMetadata(database);
    await database.query(
      'CREATE TABLE public.orders (id int PRIMARY KEY); CREATE TABLE public."Odd, name" (id int PRIMARY KEY)',
    );
  }
  return { publisher, subscriber };
};

/** The one value of a call. */
export const value = async (
  database: TestDatabase,
  call: string,
  values: readonly unknown[] = [],
) => {
  const [row] = await database.query(`SELECT steep_repl.${call} AS value`, values);
  return row?.value;
};

export const refusal = async (
  database: TestDatabase,
  call: string,
): Promise<{ readonly code: string; readonly message: string; readonly hint: string }> => {
  try {
    await database.query(`SELECT steep_repl.${call}`);
  } catch (error) {
    const { code, message, hint } = error as {
      readonly code: string;
      readonly message: string;
      readonly hint: string;
    };
    return { code, message, hint };
  }
  throw new Error(`${call} was not refused`);
};

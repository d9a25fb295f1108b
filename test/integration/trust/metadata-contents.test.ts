// What steep_repl is made of is the same on every server, and is what src/ expects. After a change of a migration, twice
// (the first run writes the file, the second one proves it):
// npx vitest run --project servers test/integration/trust/metadata-contents.test.ts -u

import { describe, expect, test } from 'vitest';
import { contentDifferences } from '../../../src/catalog/trust/metadata-contents.ts';
import {
  type MetadataFact,
  readMetadataFacts,
} from '../../../src/catalog/trust/read-metadata-facts.ts';
import { migrationsBetween } from '../../../src/metadata/migrations.ts';
import { metadataVersion } from '../../../src/model/state/metadata-version.ts';
import { openSession, type Session } from '../../../src/postgres/session.ts';
import { sql } from '../../../src/postgres/sql/sql.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { endsByDay, majors } from '../../support/servers/majors.ts';
import { installMetadata } from '../catalog/metadata.ts';

const namesIn = async (session: Session): Promise<readonly string[]> => {
  const rows = await session.query<{ readonly name: string }>(sql`
    SELECT c.relname::text AS name FROM pg_catalog.pg_class AS c
     WHERE c.relnamespace = 'steep_repl'::pg_catalog.regnamespace AND c.relkind <> 'i'
     UNION
    SELECT p.proname::text FROM pg_catalog.pg_proc AS p
     WHERE p.pronamespace = 'steep_repl'::pg_catalog.regnamespace
     ORDER BY 1`);
  return rows.map(({ name }) => name);
};

async function factsOf(major: number, version: number): Promise<readonly MetadataFact[]> {
  const database = await cluster.database(major);
  await installMetadata(database, version);
  const session = await openSession(database.conninfo, {
    node: 'n',
    applicationName: 'test',
    readOnly: true,
  });
  try {
    return (await readMetadataFacts(session, await namesIn(session), []))?.facts ?? [];
  } finally {
    await session.close();
  }
}

const versions = migrationsBetween(0, metadataVersion).map(({ version }) => version);

const asModule = (facts: readonly (readonly MetadataFact[])[]): string => {
  const range = new Map<string, [object: string, fact: string, since: number, until: number]>();
  for (const [index, found] of facts.entries()) {
    for (const { object, fact } of found) {
      const key = `${object}: ${fact}`;
      const since = range.get(key)?.[2] ?? index + 1;
      range.set(key, [object, fact, since, index + 1]);
    }
  }
  const sorted = [...range.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    '// What steep_repl is made of: object, fact, and the first and the last version that has it. Written by',
    '// test/integration/trust/metadata-contents.test.ts, which says how; edit the migrations in sql/ instead.',
    '',
    'export const expectedFacts: readonly (readonly [',
    '  object: string,',
    '  fact: string,',
    '  since: number,',
    '  until: number,',
    '])[] = [',
    ...sorted.map(([, entry]) => `  ${JSON.stringify(entry)},`),
    '];',
    '',
  ].join('\n');
};

describe.each(endsByDay(majors))('PostgreSQL %i', (major) => {
  test('every version of steep_repl is made of what is expected', async () => {
    const facts = await Promise.all(versions.map((version) => factsOf(major, version)));
    await expect(asModule(facts)).toMatchFileSnapshot(
      '../../../src/catalog/trust/expected-facts.generated.ts',
    );
    for (const found of facts) expect(contentDifferences(found)).toEqual([]);
  });
});

// What export writes, run on an empty database of any major, gives equal fingerprints; where it cannot, it says why.

import { expect, test } from 'vitest';
import { runCli } from '../../support/cli.ts';
import { cluster, type TestDatabase } from '../../support/cluster.ts';
import { majors, newestMajor } from '../../support/majors.ts';
import { corpus, corpusFor } from '../../support/schema-corpus.ts';
import { fingerprintsOf } from '../../support/schema-reading.ts';

interface Exported {
  readonly sql: string;
  readonly since: number | null;
  readonly requires: readonly string[];
  readonly left_out: readonly string[];
  readonly tables: readonly string[];
  readonly sequences: readonly string[];
}

async function exported({ url }: TestDatabase, ...flags: readonly string[]): Promise<Exported> {
  const { code, stdout, stderr } = await runCli([
    'schema',
    'export',
    '-c',
    url,
    '--json',
    ...flags,
  ]);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Exported;
}

/** The code of the corpus, which an export does not write. */
const code = corpus[0]?.ddl ?? '';

const oldest = majors[0] ?? newestMajor;

test.each(majors)(
  'the corpus of PostgreSQL %i, made again on every major',
  { timeout: 300_000 },
  async (major) => {
    // What every major takes; or what only this one does, on itself.
    for (const [ddl, targets] of [
      [corpusFor(oldest), majors],
      [corpusFor(major), [major]],
    ] as const) {
      const source = await cluster.database(major);
      await source.query(ddl);
      const { sql, requires, left_out } = await exported(source);
      expect(requires).toEqual(
        [
          'function shop.added(integer,integer)',
          'function shop.doubled(integer)',
          'operator shop.<+>(integer,integer)',
        ].filter((it) => requires.includes(it)),
      );
      expect(left_out).toEqual([]);
      for (const target of targets) {
        const made = await cluster.database(target);
        await made.query(code);
        await made.query(sql);
        expect(await fingerprintsOf(made), `on PostgreSQL ${target}`).toEqual(
          await fingerprintsOf(source),
        );
        await made.drop();
      }
    }
  },
);

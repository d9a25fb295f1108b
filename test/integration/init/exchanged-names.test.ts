// Names and types that others exchange while a part of the rows is read or stored, and exchange back: nothing but a look under the
// locks of each part tells of it.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { lastByDay, majors } from '../../support/servers/majors.ts';
import { urlOf } from '../../support/servers/test-database.ts';
import { startProxy } from '../../support/statement-proxy/start-proxy.ts';
import { createProject } from '../../support/worlds/project.ts';

const smallChunks = {
  NODE_OPTIONS: `--import ${new URL('../../chaos/small-chunks.ts', import.meta.url).href}`,
};

const widest = lastByDay([...new Set([Math.min(...majors), Math.max(...majors)])]);

const swapColumns = [
  'ALTER TABLE t RENAME a TO q',
  'ALTER TABLE t RENAME b TO a',
  'ALTER TABLE t RENAME q TO b',
];

interface Swap {
  readonly what: string;
  readonly end: 'publisher' | 'subscriber';
  /** Before these statements the names are swapped, and before the second next of them swapped back. */
  readonly before: RegExp;
  readonly from: number;
  readonly statements: readonly string[];
  readonly said: string;
}

const swaps: readonly Swap[] = [
  {
    what: 'columns while rows are read',
    end: 'publisher',
    before: /^COPY .*TO STDOUT/s,
    from: 3,
    statements: swapColumns,
    said: 'public.t was altered while its rows were read: column a was renamed',
  },
  {
    what: 'columns while rows are stored',
    end: 'subscriber',
    before: /^LOCK TABLE .*\bt\b.* ROW EXCLUSIVE/s,
    from: 3,
    statements: swapColumns,
    said: 'public.t was altered while its rows were stored: column a was renamed',
  },
  {
    what: 'tables of one load while rows are stored',
    end: 'subscriber',
    before: /^LOCK TABLE .*small.* ROW EXCLUSIVE/s,
    from: 1,
    statements: [
      'ALTER TABLE small RENAME TO q',
      'ALTER TABLE other RENAME TO small',
      'ALTER TABLE q RENAME TO other',
    ],
    said: 'was altered while its rows were stored: another table has its name',
  },
  {
    what: 'scales of a column while rows are stored',
    end: 'subscriber',
    before: /^LOCK TABLE .*\bt\b.* ROW EXCLUSIVE/s,
    from: 1,
    statements: [
      `DO $$ BEGIN
         IF (SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'n') LIKE '%,1)'
         THEN ALTER TABLE t ALTER n TYPE numeric(12, 6); ELSE ALTER TABLE t ALTER n TYPE numeric(12, 1); END IF;
       END $$`,
    ],
    said: 'public.t was altered while its rows were stored: the type of a column was altered',
  },
];

test.each(widest.flatMap((major) => swaps.map((swapped) => ({ major, ...swapped }))))(
  '$major: $what are swapped, and swapped back',
  async ({ major, end, before, from, ...swapped }) => {
    const server = await cluster.server(major);
    const [publisher, subscriber] = [await server.createDatabase(), await server.createDatabase()];
    onTestFinished(async () => {
      await subscriber.drop();
      await publisher.drop();
    });
    const databases = { publisher, subscriber };
    for (const database of [publisher, subscriber]) {
      for (const name of ['t', 'small', 'other']) {
        await database.query(
          `CREATE TABLE ${name} (id int PRIMARY KEY, a text, b text, n numeric(12, 6))`,
        );
      }
    }
    await publisher.query(
      `INSERT INTO t SELECT n, 'a' || n || repeat('x', 80), 'b' || n, n / 7.0 FROM generate_series(1, 12000) n;
     INSERT INTO small SELECT n, 'small', 'b' FROM generate_series(1, 50) n;
     INSERT INTO other SELECT n, 'other', 'b' FROM generate_series(1, 50) n`,
    );
    let [seen, swapCount] = [0, 0];
    const exchange = async (): Promise<void> => {
      swapCount += 1;
      await databases[end].query(swapped.statements.join(';'));
    };
    const proxy = await startProxy({
      node: end,
      port: Number(databases[end].conninfo.get('port')),
      onPassing: async ({ side, text }) => {
        if (side !== 'before' || !before.test(text)) return;
        seen += 1;
        if (swapCount < 2 && (seen === from || seen === from + 2)) await exchange();
      },
    });
    onTestFinished(() => proxy.close());
    const urls = { publisher: publisher.url, subscriber: subscriber.url };
    const through = databases[end].conninfo.with({ port: String(proxy.port) });
    const project = await createProject(
      { ...urls, [end]: urlOf(through) },
      {
        publications: { t: { node: 'publisher', tables: ['t', 'small', 'other'] } },
        subscriptions: {
          t: {
            node: 'subscriber',
            source: 'publisher',
            publications: ['t'],
            slot: `t_${publisher.name}`,
            init: { parallel_workers: 1 },
          },
        },
      },
    );
    const small = project.withEnvironment(smallChunks);
    const { code, stdout, stderr } = await small.steep('apply', '--auto-approve');
    expect(code, stdout + stderr).toBe(6);
    expect(stdout).toContain(swapped.said);
    if (swapCount === 1) await exchange();
    swapCount = 2;
    const again = await small.steep('apply', '--auto-approve');
    expect(again.code, again.stdout + again.stderr).toBe(0);
    const copied = ['t', 'small', 'other'].map((name) => ({ schema: 'public', name }));
    await waitForSameRows(publisher, subscriber, copied);
  },
);

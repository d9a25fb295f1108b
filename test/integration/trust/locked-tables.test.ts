// Whoever owns a table can lock it, and its definition cannot be read meanwhile: a command that only reads says who holds
// the lock, and ends. Without a limit, every report of the DBA would wait for that session.

import { describe, expect, test } from 'vitest';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { lastByDay, majors } from '../../support/servers/majors.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { createProject } from '../../support/worlds/project.ts';

const widest = lastByDay(majors.filter((major) => major === 14 || major === 18));

describe.each(widest)('PostgreSQL %i', (major) => {
  const world = async () => {
    const publisher = await cluster.database(major);
    const subscriber = await cluster.database(major);
    for (const database of [publisher, subscriber]) {
      await database.query(
        'CREATE TABLE orders (id int PRIMARY KEY, total numeric, twice numeric GENERATED ALWAYS AS (total * 2) STORED, CHECK (total > 0))',
      );
    }
    const project = await createProject(
      { publisher: publisher.url, subscriber: subscriber.url },
      {
        publications: { sales: { node: 'publisher', tables: ['orders'] } },
        subscriptions: {
          [`feed_${publisher.name}`]: {
            node: 'subscriber',
            source: 'publisher',
            publications: ['sales'],
            schema_sync: 'auto',
          },
        },
      },
    );
    return { publisher, subscriber, project };
  };

  test.concurrent.each([
    ['plan', 'LOCK TABLE orders'],
    ['schema compare --node publisher --peer subscriber', 'LOCK TABLE orders'],
    ['schema export --node publisher', 'LOCK TABLE orders'],
    ['status', 'LOCK TABLE steep_repl.objects, steep_repl.nodes'],
  ])('steep %s while another session holds %s', async (command, lock) => {
    const { publisher, project } = await world();
    const applied = await project.steep('apply', '--auto-approve');
    expect(applied.code, applied.stdout + applied.stderr).toBe(0);
    // Otherwise the fingerprints on record would do, and no table would be read.
    await publisher.query('ALTER TABLE orders ADD COLUMN note text');
    const holder = await holdTransaction(publisher, lock);
    onTestFinished(() => holder.commit());
    const { code, stdout, stderr } = await project.steep(...command.split(' '));
    expect([7, 1], stdout + stderr).toContain(code);
    expect(stdout + stderr).toContain('LOCK_TIMEOUT');
    expect(stderr.replaceAll(/\s+/g, ' ')).toMatch(
      /Node publisher: a statement of steep has waited for a lock for \d+ s\. The lock is held by pid \d+ of role postgres/,
    );
  });

  test.concurrent('steep apply behind a session that waits for the lock itself', async () => {
    const { publisher, project } = await world();
    const applied = await project.steep('apply', '--auto-approve');
    expect(applied.code, applied.stdout + applied.stderr).toBe(0);
    await publisher.query('ALTER TABLE orders ADD COLUMN note text');
    const report = await holdTransaction(publisher, 'SELECT FROM orders');
    const altered = publisher.query('ALTER TABLE orders ADD COLUMN more text');
    const run = project.start('apply', '--auto-approve');
    await run.said(' s. The lock is wanted first by pid ');
    await run.said(`which waits for pid ${report.pid} of role postgres (nightly report).`);
    await report.commit();
    await altered;
    const { code, stdout, stderr } = await run.result;
    expect(code, stdout + stderr).toBe(0);
  });
});

// steep init without steep.yaml: between two databases that the command line names.

import { expect, test } from 'vitest';
import { type CliResult, runCli, spawnCli } from '../../support/cli.ts';
import type { TestDatabase } from '../../support/servers/cluster.ts';
import { lastByDay, majors, newestMajor } from '../../support/servers/majors.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { type Pair, pairOn, primitive } from './primitives-world.ts';

const ends = lastByDay([...new Set([majors[0] ?? newestMajor, newestMajor])]);

const rowsOf = async (database: TestDatabase): Promise<string> => {
  const rows = await database.query<{ readonly id: number }>(
    'SELECT id FROM orders UNION ALL SELECT id FROM refunds ORDER BY id',
  );
  return rows.map(({ id }) => id).join();
};

const edgeOf = ({ primary }: Pair): readonly string[] => [
  '--peer-connection',
  primary.url,
  '--subscription',
  `feed_${primary.name}`,
];

const done = ({ code, stdout, stderr }: CliResult): void => expect(code, stdout + stderr).toBe(0);

/** The flags that the plan prints. */
const consentIn = ({ stdout }: CliResult): readonly string[] =>
  [...new Set([...stdout.matchAll(/--allow-hazard (\S+=\S+)/g)].map(([, it]) => it ?? ''))].flatMap(
    (it) => ['--allow-hazard', it],
  );

test.each(ends)(
  'PostgreSQL %i: filled, reset as a whole and by table, without a file',
  async (major) => {
    const pair = await pairOn(major);
    const { primary, reporting } = pair;
    const edge = edgeOf(pair);
    const yes = '--auto-approve';
    done(await primitive(primary, 'replication pub create sales --tables orders,refunds', yes));
    const auto = [...edge, '--publication', 'sales', '--workers', '2', yes];
    done(await primitive(reporting, 'init auto reporting', ...auto));
    expect(await rowsOf(reporting)).toBe('1,2,3');
    const again = await primitive(reporting, 'init auto reporting', ...auto);
    done(again);
    expect(again.stdout).toContain('No changes.');
    const followed = await primitive(
      reporting,
      'status --follow',
      '--as',
      'reporting',
      ...edge.slice(0, 2),
      '--json',
    );
    done(followed);
    expect(followed.stdout).toContain('"subscription":"feed_');
    const status = await primitive(
      reporting,
      'init status reporting',
      '--as',
      'reporting',
      ...edge.slice(0, 2),
    );
    done(status);

    // Rows that the publisher does not have are gone after a reset, and nothing else is lost.
    await reporting.query('INSERT INTO refunds VALUES (77)');
    const refused = await primitive(
      reporting,
      'init reset reporting --tables refunds',
      ...edge,
      yes,
    );
    expect(refused.code).toBe(3);
    const consent = consentIn(refused);
    done(
      await primitive(reporting, 'init reset reporting --tables refunds', ...edge, yes, ...consent),
    );
    await primary.query('INSERT INTO orders VALUES (9)');
    await waitFor('the rows of the publisher', async () => (await rowsOf(reporting)) === '1,2,3,9');
    await reporting.query('INSERT INTO orders VALUES (78)');
    const whole = await primitive(reporting, 'init reset reporting --full', ...edge, yes);
    expect(whole.code).toBe(3);
    const full = 'init reset reporting --full --method native';
    done(await primitive(reporting, full, ...edge, yes, ...consentIn(whole)));
    await waitFor('the rows of the publisher', async () => (await rowsOf(reporting)) === '1,2,3,9');
  },
);

test.each(ends)(
  'PostgreSQL %i: a copy that was killed is cancelled, and leaves nothing',
  async (major) => {
    const pair = await pairOn(major);
    const { primary, reporting } = pair;
    const edge = [...edgeOf(pair), '--publication', 'sales', '--auto-approve'];
    done(
      await primitive(
        primary,
        'replication pub create sales --tables orders,refunds',
        '--auto-approve',
      ),
    );
    // The slot of the copy waits for this transaction.
    const blocker = await holdTransaction(primary, 'INSERT INTO refunds VALUES (100)');
    const running = spawnCli(['init', 'auto', 'reporting', '-c', reporting.url, ...edge]);
    await waitFor('the copy to have begun', async () => {
      const [found] = await reporting.query<{ readonly there: boolean }>(
        `SELECT to_regclass('steep_repl.subscriptions_init') IS NOT NULL AS there`,
      );
      if (found?.there !== true) return false;
      const rows = await reporting.query(
        `SELECT FROM steep_repl.subscriptions_init WHERE state IN ('preparing', 'copying')`,
      );
      return rows.length === 1;
    });
    running.kill('SIGKILL');
    await running.result;
    await blocker.commit();
    // The server makes the slot all the same: nobody is left to use it.
    await waitFor('the sessions of the run to be gone', async () => {
      const rows = await primary.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'steep %'`,
      );
      return rows.length === 0;
    });
    done(await primitive(reporting, 'init cancel reporting', ...edge));
    expect(await rowsOf(reporting)).toBe('');
    expect(
      await primary.query('SELECT FROM pg_replication_slots WHERE database = current_database()'),
    ).toEqual([]);
    const nothing = await primitive(reporting, 'init cancel reporting', ...edge);
    done(nothing);
    expect(nothing.stdout).toContain('No changes.');
  },
);

test.each(ends)('PostgreSQL %i: rows that are brought by hand', async (major) => {
  const pair = await pairOn(major);
  const { primary, reporting } = pair;
  const yes = '--auto-approve';
  const words = ['--from', 'primary', ...edgeOf(pair), '--publication', 'sales'];
  const early = await runCli(['init', 'prepare', 'reporting', ...words]);
  expect([early.code, early.stderr]).toEqual([1, expect.stringContaining('no publication sales')]);
  done(await primitive(primary, 'replication pub create sales --tables orders,refunds', yes));
  const preparing = spawnCli(['init', 'prepare', 'reporting', ...words]);
  await preparing.said('is recorded.');
  await primary.query('INSERT INTO orders VALUES (5)');
  preparing.kill('SIGINT');
  await preparing.result;
  await reporting.query('INSERT INTO orders VALUES (1)');
  const missing = await primitive(reporting, 'init complete reporting', ...words, yes);
  expect(missing.code, missing.stdout + missing.stderr).toBe(3);
  await reporting.query('INSERT INTO orders VALUES (2); INSERT INTO refunds VALUES (3)');
  done(await primitive(reporting, 'init complete reporting', ...words, yes));
  await waitFor('the row from after the slot', async () => (await rowsOf(reporting)) === '1,2,3,5');
});

test('half of a place, or a flag that says nothing with steep.yaml, is refused', async () => {
  const uri = 'postgresql://127.0.0.1:1/app';
  for (const [words, said] of [
    [['init', 'auto', 'a', '-c', uri], '--peer-connection'],
    [['init', 'cancel', 'a', '-c', uri, '--peer-connection', uri], '--subscription'],
    [['init', 'auto', 'a', '--publication', 'sales'], '--connection'],
    [
      ['init', 'auto', 'a', '-c', uri, '--peer-connection', uri, '--subscription', 's'],
      '--publication',
    ],
  ] as const) {
    const { code, stderr } = await runCli(words);
    expect([code, stderr]).toEqual([64, expect.stringContaining(said)]);
  }
});

// Every example on real servers, as its README tells it: the plan that is printed there, apply, an empty
// second plan, the rows that were there and one that comes later. UPDATE_EXAMPLES=1 writes the plans.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { type CliResult, runCli } from '../support/cli.ts';
import { cluster, type TestDatabase, type TestServer } from '../support/servers/cluster.ts';
import { allMajors, majors, newestMajor } from '../support/servers/majors.ts';
import { waitFor } from '../support/servers/wait.ts';

interface Example {
  /** Dangers that its README agrees to. */
  readonly allow?: readonly string[];
  /** The major of each node that does not run the newest. */
  readonly majors?: Readonly<Record<string, number>>;
  /** A row that is written on one node after apply. */
  readonly write: readonly [node: string, statement: string];
  /** What other nodes hold afterwards, first column of the first row. */
  readonly expected: readonly (readonly [node: string, query: string, value: string])[];
  /** What its README shows between plan and apply. */
  readonly before?: (steep: Steep) => Promise<void>;
  /** What its README does at the end. */
  readonly after?: (steep: Steep, nodes: Readonly<Record<string, TestDatabase>>) => Promise<void>;
}

type Steep = (...args: readonly string[]) => Promise<CliResult>;

/** The customer that both regions have, as the region that lost had it: on both nodes. */
const takeBackCustomers: NonNullable<Example['after']> = async (steep, nodes) => {
  const status = await steep('merge', 'status', 'us_eu', '--json');
  const { runs } = JSON.parse(status.stdout) as { readonly runs: readonly { run_id: string }[] };
  const consent = ['--allow-hazard', 'UNDO_OVERWRITES=eu/table.public.customers'];
  const undo = ['merge', 'undo', runs[0]?.run_id ?? '', '--tables', 'public.customers'];
  const undone = await steep(...undo, '--auto-approve', ...consent);
  expect(undone.code, undone.stdout + undone.stderr).toBe(0);
  const query = 'SELECT email FROM public.customers WHERE id = 7';
  for (const node of Object.values(nodes)) {
    expect(await node.query(query)).toEqual([{ email: 'ada@eu.example.com' }]);
  }
};

const examples: Readonly<Record<string, Example>> = {
  '01-two-nodes': {
    write: ['primary', `UPDATE public.orders SET total = 0.01 WHERE id = 7`],
    expected: [
      ['reporting', `SELECT total FROM public.orders WHERE id = 7`, '0.01'],
      ['reporting', 'SELECT count(*) FROM public.customers', '100'],
    ],
  },
  '02-fan-out': {
    write: ['shop', `INSERT INTO shop.products VALUES ('NEW', 'New product', 1)`],
    expected: [
      ['reporting', `SELECT name FROM shop.products WHERE sku = 'NEW'`, 'New product'],
      ['search', `SELECT name FROM shop.products WHERE sku = 'NEW'`, 'New product'],
      ['search', 'SELECT count(*) FROM shop.products', '201'],
      ['reporting', 'SELECT count(*) FROM shop.orders', '2000'],
    ],
  },
  '03-column-and-row-filters': {
    write: ['primary', `INSERT INTO public.orders VALUES ('US', 5000, 1), ('EU', 5001, 1)`],
    expected: [
      ['analytics', 'SELECT count(*) FROM public.orders WHERE id = 5001', '1'],
      ['analytics', `SELECT count(*) FROM public.orders WHERE region <> 'EU'`, '0'],
      ['analytics', 'SELECT count(*) FROM public.orders', '501'],
      ['analytics', `SELECT count(*) FROM public.customers WHERE country = 'DE'`, '50'],
    ],
  },
  '04-upgrade-14-to-18': {
    majors: { old: 14, new: 18 },
    write: [
      'old',
      `INSERT INTO public.bookings (account_id, booked_on, amount) VALUES (1, '2026-06-01', 7)`,
    ],
    expected: [
      ['new', 'SELECT count(*) FROM public.bookings', '5001'],
      ['new', 'SELECT sum(balance) FROM public.accounts', '125250.00'],
    ],
  },
  '05-two-way-pair': {
    write: ['eu', `INSERT INTO public.accounts (owner) VALUES ('Written in Europe')`],
    expected: [
      ['us', `SELECT id FROM public.accounts WHERE owner = 'Written in Europe'`, '2'],
      ['eu', 'SELECT count(*) FROM public.orders', '1000'],
      ['us', 'SELECT count(*) FROM public.accounts', '101'],
    ],
  },
  '06-merge-two-regions': {
    allow: [
      'MERGE_LOCKS=us/subscription.us_eu_from_eu',
      'MERGE_LOCKS=eu/subscription.us_eu_from_us',
      'MERGE_OVERWRITES=us/table.public.orders',
      'MERGE_OVERWRITES=eu/table.public.orders',
      'MERGE_OVERWRITES=eu/table.public.customers',
    ],
    write: ['eu', `INSERT INTO public.orders (customer_id, status) VALUES (8, 'new')`],
    expected: [
      ['us', `SELECT id FROM public.orders WHERE status = 'new'`, '3002'],
      ['eu', 'SELECT email FROM public.customers WHERE id = 7', 'ada@us.example.com'],
      ['us', `SELECT count(*) FROM public.orders WHERE status = 'returned'`, '5'],
      ['eu', `SELECT count(*) FROM public.orders WHERE status = 'shipped'`, '10'],
      ['eu', 'SELECT count(*) FROM public.orders', '1003'],
    ],
    before: async (steep) => {
      const { code, stdout, stderr } = await steep('merge', 'conflicts', 'us_eu');
      expect(code, stdout + stderr).toBe(0);
      expect(stdout).toContain('ada@us.example.com');
      expect(stdout).toContain('ada@eu.example.com');
    },
    after: takeBackCustomers,
  },
};

const folder = (name: string, ...path: readonly string[]): string =>
  join('examples', name, ...path);

test('every example is here', () => {
  // Pipelines have tests of their own; worker has units for systemd, Docker and Kubernetes.
  const found = readdirSync('examples').filter((name) => !['ci', 'worker'].includes(name));
  expect(found.toSorted()).toEqual(Object.keys(examples).toSorted());
});

describe.each(Object.entries(examples))('%s', (name, example) => {
  const wanted = Object.values(example.majors ?? {});
  const runs = wanted.every((major) => majors.includes(major));

  test.runIf(runs)('does what its README says', async () => {
    const nodes = await open(name, example);
    const env = Object.fromEntries(
      Object.entries(nodes).map(([node, { url }]) => [`${node.toUpperCase()}_URL`, url]),
    );
    const steep = (...args: readonly string[]) =>
      runCli([...args, '--config', folder(name, 'steep.yaml')], { env });

    // An estimate has a time limit: on a busy machine one may be missing.
    await vi.waitFor(
      async () => {
        const planned = await steep('plan');
        expect(planned.code, planned.stderr).toBe(0);
        expectPrinted(name, planned.stdout);
      },
      { timeout: 60_000 },
    );
    await example.before?.(steep);
    const allow = (example.allow ?? []).flatMap((hazard) => ['--allow-hazard', hazard]);
    const applied = await steep('apply', '--auto-approve', ...allow);
    expect(applied.code, applied.stdout + applied.stderr).toBe(0);
    const again = await steep('plan', '--detailed-exitcode');
    expect(again.code, again.stdout).toBe(0);
    expect(again.stdout).toMatch(/^No changes\./);

    const [writer, statement] = example.write;
    await nodes[writer]?.query(statement);
    for (const [node, query, value] of example.expected) {
      await waitFor(`${value} from ${query}`, async () => {
        const [row = {}] = (await nodes[node]?.query(query)) ?? [];
        return String(Object.values(row)[0]) === value;
      });
    }
    await example.after?.(steep, nodes);
  });
});

/**
 * A database for each node, with its seed. On servers of their own: open transactions of others would be
 * in the plan.
 */
async function open(
  name: string,
  example: Example,
): Promise<Readonly<Record<string, TestDatabase>>> {
  const nodes: Record<string, TestDatabase> = {};
  const servers = new Map<number, TestServer>();
  for (const file of readdirSync(folder(name, 'seed'))) {
    const node = file.replace('.sql', '');
    const major = example.majors?.[node] ?? newestMajor;
    const server = servers.get(major) ?? (await cluster.privateServer(major));
    servers.set(major, server);
    const database = await server.createDatabase();
    await database.query(readFileSync(folder(name, 'seed', file), 'utf8'));
    nodes[node] = database;
  }
  return nodes;
}

/** The README shows the plan as it is printed, but for what moves. */
function expectPrinted(name: string, stdout: string): void {
  const path = folder(name, 'README.md');
  const readme = readFileSync(path, 'utf8');
  const shown = /^```text\n(steep will perform .*?)^```/ms.exec(readme)?.[1] ?? '';
  if (process.env.UPDATE_EXAMPLES !== undefined) {
    writeFileSync(path, readme.replace(shown, presentable(stdout)));
    return;
  }
  // The plans are those of the newest major.
  if (newestMajor !== Math.max(...allMajors)) return;
  expect(withoutWhatMoves(presentable(stdout))).toBe(withoutWhatMoves(shown));
}

/** As it would be in a sandbox. */
function presentable(text: string): string {
  const ports = new Map<string, number>();
  return text.replaceAll(/127\.0\.0\.1:\d+\/test_\w+/g, (endpoint) => {
    const port = ports.get(endpoint) ?? 54_321 + ports.size;
    ports.set(endpoint, port);
    return `127.0.0.1:${port}/app`;
  });
}

const withoutWhatMoves = (text: string): string =>
  text
    .replaceAll(/PostgreSQL (\d+)\.\d+/g, 'PostgreSQL $1')
    .replaceAll(/as of \S+/g, 'as of TIME')
    .replaceAll(/sha256:\w+/g, 'sha256:ID')
    .replaceAll(/@\d+…\d+/g, '@SYSTEM')
    .replaceAll(/[\d.]+ (bytes|kB|MB|GB)/g, 'SIZE');

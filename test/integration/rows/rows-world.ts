// Two nodes with tables of their own making, steep between them, and the cures that steep prints, carried out as printed.

import { expect } from 'vitest';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { firstByDay, majors } from '../../support/servers/majors.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { createProject, type Project } from '../../support/worlds/project.ts';

export type MajorPair = readonly [publisher: number, subscriber: number];

/** Those that are installed; by day the first of them, which is the upgrade where there is one. */
export const installed = (pairs: readonly MajorPair[]): readonly MajorPair[] =>
  firstByDay(
    pairs.filter((pair) => pair.every((major) => (majors as readonly number[]).includes(major))),
  );

export interface RowsWorld {
  readonly project: Project;
  readonly publisher: TestDatabase;
  readonly subscriber: TestDatabase;
  readonly slot: string;
  /** Runs steep, and expects it to end like this. */
  readonly steep: (exit: number, ...args: readonly string[]) => Promise<string>;
}

export interface RowsOptions {
  readonly pair: MajorPair;
  /** On both nodes. */
  readonly tables: string;
  /** Of the publication `items` and of the subscription `items`. */
  readonly publication: object;
  readonly subscription?: object;
  /** Further publications. */
  readonly more?: Readonly<Record<string, object>>;
  /** On the publisher, before the first apply. */
  readonly rows?: string;
  readonly nodes?: Readonly<Record<string, object>>;
}

/** Of two tables, `items` may not have been sent all the time. */
export const twoTables = `
  CREATE TABLE items (id int PRIMARY KEY, note text);
  CREATE TABLE others (id int PRIMARY KEY)`;

export const itemsAlone = [{ schema: 'public', name: 'items' }] as const;

export const itemsUnsent = /public\.items was not published for items all the time/;

/** Nothing is applied yet. */
export const rowsWorld = async (options: RowsOptions): Promise<RowsWorld> => {
  const [first, second] = options.pair;
  const publisher = await (await cluster.server(first)).createDatabase();
  const subscriber = await (await cluster.server(second)).createDatabase();
  onTestFinished(async () => {
    await subscriber.drop();
    await publisher.drop();
  });
  for (const database of [publisher, subscriber]) await database.query(options.tables);
  if (options.rows !== undefined) await publisher.query(options.rows);
  const slot = `slot_${publisher.name}`;
  const project = await createProject(
    { publisher: publisher.url, subscriber: subscriber.url },
    {
      ...(options.nodes !== undefined && { nodes: options.nodes }),
      publications: { items: { node: 'publisher', ...options.publication }, ...options.more },
      subscriptions: {
        items: {
          node: 'subscriber',
          source: 'publisher',
          publications: ['items'],
          slot,
          ...options.subscription,
        },
      },
    },
  );
  const steep = async (exit: number, ...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await project.steep(...args);
    expect(code, `${args.join(' ')}\n${stdout}${stderr}`).toBe(exit);
    return stdout + stderr;
  };
  return { project, publisher, subscriber, slot, steep };
};

/** Counters tell a slot from another one of its name. On 14 they come some time after the changes. */
export const countersNoted = async ({ steep, subscriber }: RowsWorld): Promise<void> => {
  await waitFor('the counters of the slot', async () => {
    await steep(0, 'apply', '--auto-approve');
    const [noted] = await subscriber.query<{ readonly known: boolean }>(`
        SELECT noted -> 'slot' ->> 'resetAt' IS NOT NULL AS known FROM steep_repl.edge_records`);
    return noted?.known === true;
  });
};

/** Of a slot that was created again: on 14 those of the former one are shown for a moment. */
export const countersBegun = async ({ publisher, slot }: RowsWorld): Promise<void> => {
  await waitFor('the counters of the new slot', async () => {
    const rows = await publisher.query(
      `SELECT FROM pg_stat_replication_slots WHERE slot_name = '${slot}' AND stats_reset IS NULL`,
    );
    return rows.length === 1;
  });
};

/** The first command with --reinit that a text names, without its first word. */
const reinitIn = (text: string): readonly string[] => {
  const [, command = ''] = /steep (apply --reinit \S+)/.exec(text) ?? [];
  expect(command, text).not.toBe('');
  return command.replaceAll("'", '').split(' ');
};

/** Consent to what a re-initialization of this subscription is. */
const consents: readonly string[] = [
  'TARGET_TRUNCATE',
  'SUBSCRIPTION_REPLACE',
  'SLOT_DROP',
].flatMap((code) =>
  code === 'SLOT_DROP' ? [] : ['--allow-hazard', `${code}=subscriber/subscription.items`],
);

/** Carries out the cure that a text names. */
export const cureAsPrinted = async (world: RowsWorld, text: string): Promise<void> => {
  const dropsSlot = ['--allow-hazard', `SLOT_DROP=publisher/slot.${world.slot}`];
  await world.steep(0, ...reinitIn(text), '--auto-approve', ...consents, ...dropsSlot);
};

const stateOf = ({ subscriber }: RowsWorld) =>
  subscriber.query(`
    SELECT i.state, (SELECT s.init_state FROM steep_repl.node_status(i.node_id) AS s) AS of_node
      FROM steep_repl.subscriptions_init AS i WHERE i.subscription = 'items'`);

/** Every view says it, and an apply with nothing to do does not end well. */
export const expectSaid = async (world: RowsWorld, code: string, said: RegExp): Promise<string> => {
  const plan = await world.steep(0, 'plan');
  expect(plan).toMatch(new RegExp(`DANGER +${code} `));
  expect(plan).toMatch(said);
  expect(await world.steep(8, 'apply', '--auto-approve')).toMatch(said);
  expect((await world.project.steep('status')).stdout).toMatch(said);
  const drift = await world.project.steep('drift', '--class', 'runtime', '--json');
  expect(drift.stdout).toContain(code);
  expect(await stateOf(world)).toEqual([{ state: 'diverged', of_node: 'diverged' }]);
  return plan;
};

/** Nothing to do, and nothing broken. */
export const expectWell = async (world: RowsWorld): Promise<void> => {
  expect(await world.steep(0, 'plan')).toMatch(/^No changes\. /m);
  expect(await world.steep(0, 'apply', '--auto-approve')).not.toMatch(/REPLACED|ATTACHED/);
  expect((await world.project.steep('status')).stdout).not.toMatch(/BROKEN/i);
  expect(await stateOf(world)).toEqual([{ state: 'synchronized', of_node: 'synchronized' }]);
};

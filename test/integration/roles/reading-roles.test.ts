// A pipeline with two roles: one plans (and one looks for drift) and can only read, another one applies. The roles have
// exactly what `steep doctor --grants` prints.

import { Client } from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import type { TestDatabase } from '../../support/servers/cluster.ts';
import { lastByDay, majors } from '../../support/servers/majors.ts';
import { createGrantStage, type GrantStage } from '../../support/worlds/grant-stage.ts';
import type { Project } from '../../support/worlds/project.ts';

interface PlanFile {
  readonly plan_id: string;
  readonly applyable: boolean;
  readonly steps: readonly { readonly id: string }[];
  readonly observed: {
    readonly unchecked?: readonly { readonly address: string; readonly what: string }[];
  };
}

describe.each(lastByDay([14, 18].filter((major) => majors.includes(major))))(
  'on PostgreSQL %i',
  (major) => {
    let stage: GrantStage;

    beforeAll(async () => {
      stage = await createGrantStage(major);
      await stage.describe(['shop.customers', 'shop.orders']);
    });

    /** As in a pipeline: the plan knows no password that rows can be read with. */
    const planned = async (project: Project, file = 'plan.json'): Promise<PlanFile> => {
      const blind = project.withEnvironment({ COPIES_PASSWORD: '' });
      const args = ['--out', file, '--skip-connections'];
      const { code, stdout, stderr } = await blind.steep('plan', ...args);
      expect(code, `${stdout}${stderr}`).toBe(0);
      return JSON.parse(await project.read(file)) as PlanFile;
    };

    /** The whole plan. */
    const idFor = async (project: Project): Promise<string> => {
      const { stdout } = await project.steep('plan', '--json');
      return (JSON.parse(stdout) as PlanFile).plan_id;
    };

    const refused = async (database: TestDatabase, role: string, statements: readonly string[]) => {
      const client = new Client(stage.urlAs(database, role));
      await client.connect();
      try {
        for (const statement of statements) {
          const code = await client.query(statement).then(
            () => 'done',
            (error: { readonly code: string }) => error.code,
          );
          expect(`${statement}: ${code}`).toBe(`${statement}: 42501`);
        }
      } finally {
        await client.end();
      }
    };

    const writes = [
      'CREATE SCHEMA mine',
      'CREATE TABLE shop.mine (id int)',
      'CREATE TABLE public.mine (id int)',
      'CREATE PUBLICATION mine',
      "SELECT pg_create_logical_replication_slot('mine', 'pgoutput')",
      "INSERT INTO shop.customers VALUES (9, 'x')",
      'UPDATE shop.orders SET id = id',
      'DELETE FROM shop.orders',
      'TRUNCATE shop.orders',
      'SELECT id FROM shop.orders',
      'SELECT subconninfo FROM pg_subscription',
    ];

    const unreadFiles = {
      address: 'reporting/node.reporting',
      what: 'settings in the configuration files',
    };

    const remembered = [
      'INSERT INTO steep_repl.objects DEFAULT VALUES',
      'UPDATE steep_repl.run_lock SET run_id = null',
      'DELETE FROM steep_repl.objects',
      'CREATE TABLE steep_repl.mine (id int)',
    ];

    test('before the role that applies exists, a plan says so', async () => {
      const { code, stdout } = await stage.project.steep('plan');
      expect(code).toBe(0);
      expect(stdout).toContain(`CREATE ROLE ${stage.roles.apply} LOGIN;`);
      expect(stdout).toContain('This plan cannot be applied');
    });

    test('the plan of a role that only reads is that of the role that applies, and of a superuser', async () => {
      await stage.grant('apply');
      await stage.grant('plan');
      const plan = await planned(stage.as(stage.roles.plan));
      expect(plan.applyable).toBe(true);
      expect(plan.steps.map(({ id }) => id)).toContain(
        `create-subscription reporting/subscription.${stage.primary.name}`,
      );
      expect(plan.observed.unchecked).toMatchObject([unreadFiles]);
      expect(await idFor(stage.project)).toBe(plan.plan_id);
      expect(await idFor(stage.as(stage.roles.apply))).toBe(plan.plan_id);
      for (const database of [stage.primary, stage.reporting]) {
        await refused(database, stage.roles.plan, writes);
      }
      const client = new Client(stage.urlAs(stage.reporting, stage.roles.plan));
      await client.connect();
      // As a plan does where a copy was interrupted.
      const stored = await client.query(
        'SELECT count(*) FROM shop.orders AS t WHERE t.xmin IS NULL',
      );
      expect(stored.rows).toEqual([{ count: '0' }]);
      await client.end();
    });

    test('only the role that steep.yaml names applies it', async () => {
      for (const project of [stage.as(stage.roles.plan), stage.project]) {
        const { code, stderr } = await project.steep('apply', 'plan.json');
        expect(code).toBe(1);
        expect(stderr).toContain(`names ${stage.roles.apply} as the apply_role of node primary`);
      }
      const { code, stdout, stderr } = await stage
        .as(stage.roles.apply)
        .steep('apply', 'plan.json');
      expect(code, `${stdout}${stderr}`).toBe(0);
      expect(await stage.reporting.query('SELECT DISTINCT note FROM shop.orders')).toEqual([
        { note: 'as sold' },
      ]);
    });

    test('without rights on steep_repl nothing is planned, and the same script gives them', async () => {
      const { code, stderr, stdout } = await stage.as(stage.roles.plan).steep('plan');
      expect(code).toBe(7);
      expect(`${stdout}${stderr}`).toContain('steep doctor --grants --for plan (or drift)');
      await stage.grant('plan');
      await stage.grant('drift');
      for (const role of [stage.roles.plan, stage.roles.drift]) {
        await refused(stage.primary, role, [...writes, ...remembered]);
        await refused(stage.reporting, role, [...writes, ...remembered]);
      }
    });

    test('it plans, compares and watches as a superuser does, and says what it cannot see', async () => {
      const plan = await planned(stage.as(stage.roles.plan));
      expect(plan.steps).toEqual([]);
      expect(plan.observed.unchecked).toMatchObject([
        unreadFiles,
        { address: `reporting/subscription.${stage.primary.name}`, what: 'connection' },
      ]);
      expect(await idFor(stage.project)).toBe(plan.plan_id);
      const { stdout } = await stage.as(stage.roles.plan).steep('plan');
      expect(stdout).toContain('Not compared: 2');
      expect(stdout).toContain('later changes by others are not detected');
      const skipped = await stage.project.steep('plan', '--skip-connections');
      expect(skipped.stdout).toContain('connections are skipped (--skip-connections)');
      const { plan: planner, drift: watcher } = stage.roles;
      for (const args of [['drift', '--class', 'topology,schema,runtime'], ['status']]) {
        const projects = [stage.project, stage.as(planner), stage.as(watcher)];
        const results = projects.map((project) => project.steep(...args, '--json'));
        const [many, ...few] = (await Promise.all(results)).map(({ code, stdout }) => ({
          code,
          found: findingsIn(stdout),
        }));
        for (const each of few) expect(each).toEqual(many);
      }
    });

    test('it sees which tables are empty and how they are defined, and the id of its plan is enough to apply', async () => {
      await stage.reporting.query(
        "INSERT INTO shop.returns VALUES (7, 'x'); DELETE FROM shop.returns",
      );
      await stage.primary.query('ALTER TABLE shop.returns ADD COLUMN why text');
      await ownTrigger(stage);
      const tables = ['shop.customers', 'shop.orders', 'shop.returns'];
      await stage.describe(tables, { schema_sync: 'auto' });
      await stage.grant('apply');
      await stage.grant('plan');
      const { plan_id: id, steps } = await planned(stage.as(stage.roles.plan));
      const { stdout: shown } = await stage.as(stage.roles.plan).steep('plan');
      expect(shown).not.toContain('RUNS_FOREIGN_CODE');
      expect(steps.map((step) => step.id).join('\n')).toMatch(/^change-schema .*shop.returns/m);
      expect(await idFor(stage.project)).toBe(id);
      const { code, stdout, stderr } = await stage
        .as(stage.roles.apply)
        .steep('apply', '--expect-plan-id', id);
      expect(code, `${stdout}${stderr}`).toBe(0);
    });
  },
);

/** Code of the role that applies is its own, whichever role plans. */
async function ownTrigger({ reporting, roles }: GrantStage): Promise<void> {
  await reporting.query(`
    CREATE FUNCTION shop.pass() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
    ALTER FUNCTION shop.pass() OWNER TO ${roles.apply};
    CREATE TRIGGER pass AFTER INSERT ON shop.returns FOR EACH ROW EXECUTE FUNCTION shop.pass();
    ALTER TABLE shop.returns ENABLE ALWAYS TRIGGER pass`);
}

const findingsIn = (json: string): unknown => {
  const { findings, nodes, verdict } = JSON.parse(json) as Readonly<Record<string, unknown>>;
  return { findings, nodes: withoutMoments(nodes), verdict };
};

/** Positions, times and what only shows are not what is compared. */
const withoutMoments = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value ?? null, (key, it: unknown) =>
      /lsn|lag|bytes|_at|seconds|observed|age/.test(key) ? undefined : it,
    ),
  );

// The roles that `steep doctor --grants` makes, on real servers: they suffice to plan and apply until rows
// arrive, and none of them is a superuser.

import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import doctorSchema from '../../schemas/doctor.schema.json' with { type: 'json' };
import type { Conninfo } from '../../src/model/connection/conninfo.ts';
import { toSnakeKeys } from '../../src/model/key-case.ts';
import type { RunReport } from '../../src/model/plan/run-report.ts';
import type { GrantReport } from '../../src/model/report/doctor.ts';
import { apply } from '../../src/workflows/apply/apply.ts';
import { doctorGrants } from '../../src/workflows/observe/doctor.ts';
import {
  examined,
  replicationConnection,
  type Surroundings,
  shop,
  slotName,
  surroundings,
  topology,
} from '../support/plans/doctor-stage.ts';
import { cluster, type TestDatabase } from '../support/servers/cluster.ts';
import { firstByDay, lastByDay, majors } from '../support/servers/majors.ts';
import { urlOf } from '../support/servers/test-database.ts';
import { waitFor } from '../support/servers/wait.ts';

const passwords: Readonly<Record<string, string>> = {
  steep_password: 'of steep',
  steep_replication_password: 'of replication',
};

/** Runs what --grants prints, as an administrator would: passwords filled in, one statement after the other. */
async function grant(
  report: GrantReport,
  databases: Readonly<Record<string, TestDatabase>>,
): Promise<void> {
  for (const { name, grants } of report.nodes) {
    for (const statement of grants.flatMap(({ sql }) => sql)) {
      const text = statement.replace(
        /:'(\w+)'/,
        (_whole, variable: string) => `'${passwords[variable]}'`,
      );
      await databases[name]?.query(text);
    }
  }
}

const toApply = { command: 'apply', role: null } as const;

const limits = {
  lockTimeoutMs: 2000,
  lockRetries: 10,
  slotTimeoutMs: 60_000,
  waitTimeoutMs: 60_000,
  pollMs: 50,
};

async function applied(at: Surroundings): Promise<RunReport | null> {
  const { report } = await apply(
    {
      file: at.file,
      planFile: null,
      expectPlanId: null,
      options: { prune: false },
      allowed: [],
      strict: false,
      waitForLockMs: 5000,
      limits,
      wait: true,
      show: () => undefined,
      approve: () => Promise.resolve({ approved: true, allowed: [] }),
      onEvent: () => undefined,
      signal: new AbortController().signal,
    },
    at.runtime,
  );
  return report;
}

const schemaErrors = (report: object): unknown => {
  const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
  formats.default(ajv);
  return ajv.validate(doctorSchema, JSON.parse(JSON.stringify(toSnakeKeys(report))))
    ? null
    : ajv.errors;
};

const as = (conninfo: Conninfo, user: string): string =>
  urlOf(conninfo.with({ user, password: passwords[`${user}_password`] ?? '' }));

/** Servers of their own: roles belong to a cluster, and these have names that others could use. */
describe.each(lastByDay([16, 18].filter((major) => majors.includes(major))))(
  'the roles of --grants on PostgreSQL %i',
  (major) => {
    test('suffice to plan, apply and replicate', async () => {
      const servers = [
        await cluster.privateServer(major),
        await cluster.privateServer(major),
      ] as const;
      const [primary, reporting] = [
        await servers[0].createDatabase(),
        await servers[1].createDatabase(),
      ];
      for (const database of [primary, reporting]) {
        await database.query('CREATE ROLE shop_owner');
        await database.query(`REVOKE CONNECT ON DATABASE ${database.name} FROM PUBLIC`);
        await shop(database, { owner: 'shop_owner' });
      }
      await primary.query("INSERT INTO public.orders VALUES (1, 'before')");
      const text = topology(slotName(), replicationConnection);
      const asSuperuser = await surroundings(text, {
        PRIMARY_URL: primary.url,
        PRIMARY_REPLICATION_URL: as(primary.conninfo, 'steep_replication'),
        REPORTING_URL: reporting.url,
      });
      const { report, exit } = await doctorGrants(asSuperuser.file, toApply, asSuperuser.runtime);
      if (report === null) throw new Error('no report');
      expect(exit).toBe(0);
      expect(schemaErrors(report)).toBeNull();
      await grant(report, { primary, reporting });

      const at = await surroundings(text, {
        PRIMARY_URL: as(primary.conninfo, 'steep'),
        PRIMARY_REPLICATION_URL: as(primary.conninfo, 'steep_replication'),
        REPORTING_URL: as(reporting.conninfo, 'steep'),
      });
      const before = await examined(at);
      expect(
        before.report.nodes.flatMap((node) =>
          node.findings.filter(({ status }) => status !== 'ok'),
        ),
      ).toEqual([]);
      expect(before.exit).toBe(0);
      expect(await applied(at)).toMatchObject({ outcome: 'converged' });
      expect(
        await primary.query(
          'SELECT stats_reset IS NOT NULL AS marked FROM pg_stat_replication_slots',
        ),
      ).toEqual([{ marked: true }]);
      await primary.query(
        "INSERT INTO public.orders VALUES (2, 'after'); INSERT INTO stock.items VALUES (1, 'x')",
      );
      await primary.query("UPDATE public.orders SET note = 'changed' WHERE id = 1");
      const rows = () =>
        reporting.query(
          'SELECT id, note FROM public.orders UNION ALL SELECT id, note FROM stock.items ORDER BY 1, 2',
        );
      await waitFor('the rows to arrive', async () => (await rows()).length === 3);
      await waitFor('the update to arrive', async () =>
        (await rows()).some((row) => row.note === 'changed'),
      );
      const after = await examined(at);
      expect(after.exit, JSON.stringify(after.report, null, 2)).toBe(0);
    });
  },
);

test.each(firstByDay([14, 15].filter((major) => majors.includes(major))))(
  'on PostgreSQL %i subscribing is for superusers',
  async (major) => {
    const [primary, reporting] = [await cluster.database(major), await cluster.database(major)];
    const at = await surroundings(topology(slotName()), {
      PRIMARY_URL: primary.url,
      REPORTING_URL: reporting.url,
    });
    const { report } = await doctorGrants(at.file, toApply, at.runtime);
    const grants = report?.nodes.find(({ name }) => name === 'reporting')?.grants ?? [];
    expect(grants.flatMap(({ why }) => why)).toContainEqual(
      expect.stringContaining('CREATE SUBSCRIPTION needs a superuser'),
    );
    expect(grants.flatMap(({ sql }) => sql)).not.toContain('ALTER ROLE steep SUPERUSER;');
    expect(grants.flatMap(({ instead }) => instead)).toContain('ALTER ROLE steep SUPERUSER;');
  },
);

// How the doctor's report and its grants look.

import { expect, test } from 'vitest';
import { renderDoctor } from '../../../../src/cli/render/render-doctor.ts';
import { renderGrants } from '../../../../src/cli/render/render-grants.ts';
import { plainStyle } from '../../../../src/cli/render/style.ts';
import type { DoctorFinding, DoctorReport } from '../../../../src/model/report/doctor.ts';
import { grantReport } from '../../../../src/planner/doctor/examine.ts';
import { doctorWorld } from '../../../support/plans/doctor-facts.ts';
import {
  desired,
  onReplication,
  onServer,
  primary,
  reporting,
} from '../../../support/servers/doctor-rows.ts';
import { releases, superuser } from '../../../support/worlds/worlds.ts';

const finding = (
  check: string,
  status: DoctorFinding['status'],
  rest: Partial<DoctorFinding> = {},
): DoctorFinding => ({
  node: 'primary',
  check,
  status,
  message: `About ${check}.`,
  cure: [],
  ...rest,
});

const limit = { used: 3, needed: 4, allowed: 10, change: 'restart', pendingRestart: true } as const;

const report: DoctorReport = {
  readAt: '2026-01-31T12:00:00.000Z',
  nodes: [
    {
      name: 'primary',
      readable: true,
      endpoint: '10.0.0.4:5432/app',
      version: '16.9',
      role: 'steep',
      limits: [{ setting: 'max_wal_senders', value: '10', ...limit }],
      findings: [
        finding('right.slots', 'error', { cure: ['ALTER ROLE steep REPLICATION;'] }),
        finding('clock', 'warning'),
        finding('pg_hba', 'unknown'),
        finding('max_wal_senders', 'ok'),
        finding('version', 'ok'),
      ],
    },
    {
      name: 'reporting',
      readable: false,
      error: { code: 'UNREACHABLE', message: 'no answer' },
      findings: [finding('connection', 'error', { node: 'reporting', message: 'no answer' })],
    },
  ],
  summary: { error: 2, warning: 1, unknown: 1, ok: 2 },
};

test('a report looks like this', () => {
  expect(renderDoctor(report, plainStyle)).toMatchInlineSnapshot(`
    "primary  10.0.0.4:5432/app, PostgreSQL 16.9, as role steep
      ERROR    right.slots  About right.slots.
                            ALTER ROLE steep REPLICATION;
      warning  clock        About clock.
      UNKNOWN  pg_hba       About pg_hba.
      ok       version      About version.
      setting          value  used  needed  allowed  a change takes
      max_wal_senders  10     3     4       10       a restart (one is pending)

    reporting  NOT READ  UNREACHABLE
      ERROR    connection  no answer

    Doctor: 2 nodes, 2 errors, 1 warning, 1 unknown, 2 ok."
  `);
});

const scripts = (from = primary, to = reporting): string => {
  const { live, facts } = doctorWorld(desired, from, to);
  return renderGrants(grantReport({ desired, live, facts }, { command: 'apply', role: null }));
};

const asSuperuser = onServer({ systemIdentifier: '1', role: superuser });

test('grants look like this', () => {
  expect(scripts(asSuperuser(primary))).toMatchInlineSnapshot(`
    "-- Node primary: PostgreSQL 18.4.
    -- Run this as a superuser in its database app.
    SET search_path = ''; SET quote_all_identifiers = 'off'; SET datestyle = 'ISO,MDY';
    SET intervalstyle = 'postgres'; SET timezone = 'UTC'; SET timezone_abbreviations = 'Default';
    SET extra_float_digits = '1'; SET bytea_output = 'hex'; SET lc_monetary = 'C'; SET array_nulls = 'on';
    SET xmloption = 'content'; SET xmlbinary = 'base64'; SET transform_null_equals = 'off';
    SET standard_conforming_strings = 'on'; SET row_security = 'off'; SET gin_fuzzy_search_limit = '0';
    SET constraint_exclusion = 'off'; SET debug_print_parse = 'off'; SET debug_print_rewritten = 'off';
    SET debug_print_plan = 'off';

    -- The role that steep apply connects as.
    -- In psql, first: \\prompt 'Password of steep: ' steep_password
    CREATE ROLE steep LOGIN REPLICATION PASSWORD :'steep_password';

    -- To connect; to see who blocks a step and which transactions delay a slot.
    GRANT CONNECT ON DATABASE app TO steep;
    GRANT pg_read_all_stats TO steep;

    -- To create steep_repl and publications.
    GRANT CREATE ON DATABASE app TO steep;

    -- Without USAGE on its schema no table is found, not even by its owner.
    GRANT USAGE ON SCHEMA public TO steep;

    -- Only its owner may publish a table. Membership in the role of the owner is enough, and the owner keeps its tables;
    -- a table of a superuser gets another owner instead, because membership would give superuser rights.
    GRANT shop TO steep;
    -- instead: ALTER TABLE public.orders OWNER TO steep;

    -- To advance slots at once; without it, some steps wait up to 15 seconds longer.
    GRANT EXECUTE ON FUNCTION pg_catalog.pg_log_standby_snapshot() TO steep;

    -- To reset the counters of each slot once: the time tells it from a slot that is created later with the same name.
    GRANT EXECUTE ON FUNCTION pg_catalog.pg_stat_reset_replication_slot(text) TO steep;

    -- The role that the other nodes connect as.
    -- In psql, first: \\prompt 'Password of replicator: ' replicator_password
    CREATE ROLE replicator LOGIN REPLICATION PASSWORD :'replicator_password';

    -- replicator reads what the other nodes copy.
    GRANT CONNECT ON DATABASE app TO replicator;
    GRANT USAGE ON SCHEMA public TO replicator;
    GRANT SELECT ON public.orders TO replicator;

    -- Node reporting: PostgreSQL 18.4.
    -- Run this as a superuser in its database app.
    SET search_path = ''; SET quote_all_identifiers = 'off'; SET datestyle = 'ISO,MDY';
    SET intervalstyle = 'postgres'; SET timezone = 'UTC'; SET timezone_abbreviations = 'Default';
    SET extra_float_digits = '1'; SET bytea_output = 'hex'; SET lc_monetary = 'C'; SET array_nulls = 'on';
    SET xmloption = 'content'; SET xmlbinary = 'base64'; SET transform_null_equals = 'off';
    SET standard_conforming_strings = 'on'; SET row_security = 'off'; SET gin_fuzzy_search_limit = '0';
    SET constraint_exclusion = 'off'; SET debug_print_parse = 'off'; SET debug_print_rewritten = 'off';
    SET debug_print_plan = 'off';

    -- The role that steep apply connects as.
    -- In psql, first: \\prompt 'Password of steep: ' steep_password
    CREATE ROLE steep LOGIN PASSWORD :'steep_password';

    -- To connect; to see who blocks a step and which transactions delay a slot.
    GRANT CONNECT ON DATABASE app TO steep;
    GRANT pg_read_all_stats TO steep;

    -- To create steep_repl and subscriptions.
    GRANT CREATE ON DATABASE app TO steep;

    -- CREATE SUBSCRIPTION; its connection must hold a password, and the publisher must ask for it.
    GRANT pg_create_subscription TO steep;

    -- Without USAGE on its schema no table is found, not even by its owner.
    GRANT USAGE ON SCHEMA public TO steep;

    -- Changes are applied as the owner of each table. Membership in the role of the owner is enough, and the owner keeps its tables;
    -- a table of a superuser gets another owner instead, because membership would give superuser rights.
    GRANT shop TO steep;
    -- instead: ALTER TABLE public.orders OWNER TO steep;

    -- To read how far a subscription has applied, when its publications get other names and after a merge.
    GRANT EXECUTE ON FUNCTION pg_catalog.pg_replication_origin_progress(text, boolean) TO steep;"
  `);
});

test('roles of one cluster are made once', () => {
  const text = scripts(asSuperuser(primary), asSuperuser(reporting));
  expect(text.match(/CREATE ROLE steep LOGIN/g)).toHaveLength(1);
  expect(text).toContain('ALTER ROLE steep LOGIN;');
});

test('a name that needs quotes is quoted, and its password is a plain variable', () => {
  const named = onServer({ role: { ...superuser, name: 'Steep "x"', superuser: false } });
  const script = scripts(onReplication({ sameAsOwn: true })(named(primary)));
  expect(script).toContain(`"Steep ""x""" LOGIN REPLICATION PASSWORD :'Steep__x__password'`);
});

test('before 16 nothing makes a superuser unasked', () => {
  const text = scripts(primary, onServer({ versionNumber: releases[1] })(reporting));
  expect(text).toContain('-- CREATE SUBSCRIPTION needs a superuser on PostgreSQL 15.18');
  expect(text).not.toMatch(/^ALTER ROLE \S+ SUPERUSER/m);
});

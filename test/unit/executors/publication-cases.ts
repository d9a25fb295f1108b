// The statements of steps on nodes, tables and publications.

import { expect } from 'vitest';
import type { PublicationSpec, PublishedTable } from '../../../src/model/state/resource.ts';
import type { StepKind } from '../../../src/model/step/step.ts';
import { odd, type StepCase, step } from './step-case.ts';

const table = { schema: 'Schema.One', name: odd };
const orders = { schema: 'public', name: 'orders' };
const plain: PublishedTable = { table: orders, columns: null, where: null };
const filtered: PublishedTable = { table, columns: ['id', 'Total'], where: `note <> 'it''s'` };
const spec: PublicationSpec = {
  allTables: false,
  tables: [filtered, plain],
  schemas: ['Schema.One'],
  publish: ['insert', 'delete'],
  viaPartitionRoot: true,
  generatedColumns: 'stored',
};
const empty: PublicationSpec = { ...spec, tables: [], schemas: [], viaPartitionRoot: false };

const quotedList = `"Schema.One"."Odd ""Name""" (id, "Total") WHERE (note <> 'it''s')`;
const options = `WITH (publish = 'insert, delete', publish_via_partition_root = true`;

const unchanged = { dropTables: [], addTables: [], dropSchemas: [], addSchemas: [], settings: {} };

export const publicationCases = {
  'change-schema': [
    {
      step: step('change-schema', {
        object: { kind: 'table', name: 'public.orders' },
        part: 'column total',
        statements: ['ALTER TABLE "public"."orders" ADD COLUMN "total" integer'],
        lock: 'ACCESS EXCLUSIVE',
        losesData: true,
      }),
      statements: ['ALTER TABLE "public"."orders" ADD COLUMN "total" integer'],
      rest: { lock: 'ACCESS EXCLUSIVE', reversible: false },
    },
    {
      step: step('change-schema', {
        object: { kind: 'function', name: 'public.one' },
        part: null,
        statements: ['CREATE FUNCTION …'],
        lock: null,
        losesData: false,
      }),
      statements: ['SET LOCAL check_function_bodies = off', 'CREATE FUNCTION …'],
    },
  ],
  'install-metadata': [
    {
      step: step('install-metadata', { from: 0, to: 1 }),
      statements: [
        expect.stringMatching(/^-- run sql\/0001_core\.sql \(sha256:[0-9a-f]{64}\)$/) as string,
      ],
    },
  ],
  'register-node': [
    {
      step: step('register-node', { priority: 90 }),
      statements: ["SELECT steep_repl.register_node('n', 'n', NULL, NULL, 90)"],
    },
  ],
  'unregister-node': [
    {
      step: step('unregister-node', {}),
      statements: ["SELECT steep_repl.remove_node('n')"],
    },
  ],
  'drop-metadata': [
    {
      step: step('drop-metadata', {}),
      statements: ['DROP SCHEMA steep_repl CASCADE'],
      rest: { reversible: false },
    },
  ],
  'rename-publication': [
    {
      step: step('rename-publication', {
        publication: odd,
        to: 'sales',
        fromAddress: 'n/publication.odd',
        alias: null,
        withGeneratedColumns: false,
        locks: [],
      }),
      statements: ['ALTER PUBLICATION "Odd ""Name""" RENAME TO sales'],
    },
    {
      step: step('rename-publication', {
        publication: 'sale',
        to: odd,
        fromAddress: 'n/publication.sale',
        alias: { ...empty, tables: [plain] },
        withGeneratedColumns: false,
        locks: [table, plain.table],
      }),
      statements: [
        'LOCK TABLE "Schema.One"."Odd ""Name""", public.orders IN SHARE ROW EXCLUSIVE MODE',
        'ALTER PUBLICATION sale RENAME TO "Odd ""Name"""',
        `CREATE PUBLICATION sale FOR TABLE public.orders WITH (publish = 'insert, delete', publish_via_partition_root = false)`,
      ],
      rest: { lock: 'SHARE ROW EXCLUSIVE' },
    },
  ],
  'set-replica-identity': (
    [
      ['default', null, 'DEFAULT'],
      ['full', null, 'FULL'],
      ['nothing', null, 'NOTHING'],
      ['index', 'By "Key"', 'USING INDEX "By ""Key"""'],
    ] as const
  ).map(([mode, index, text]) => ({
    step: step('set-replica-identity', { identity: { table, mode, index } }),
    statements: [`ALTER TABLE "Schema.One"."Odd ""Name""" REPLICA IDENTITY ${text}`],
    rest: { lock: 'ACCESS EXCLUSIVE' },
  })),
  'create-publication': [
    {
      step: step('create-publication', { publication: odd, spec, withGeneratedColumns: true }),
      statements: [
        `CREATE PUBLICATION "Odd ""Name""" FOR TABLE ${quotedList}, public.orders, TABLES IN SCHEMA "Schema.One" ${options}, publish_generated_columns = stored)`,
      ],
      rest: { lock: 'SHARE UPDATE EXCLUSIVE' },
    },
    {
      step: step('create-publication', {
        publication: 'p',
        spec: empty,
        withGeneratedColumns: false,
      }),
      statements: [
        "CREATE PUBLICATION p WITH (publish = 'insert, delete', publish_via_partition_root = false)",
      ],
      rest: { lock: 'SHARE UPDATE EXCLUSIVE' },
    },
  ],
  'replace-publication': [
    {
      step: step('replace-publication', {
        publication: odd,
        spec: {
          ...spec,
          schemas: [],
        },
        withGeneratedColumns: false,
        locks: [plain.table],
      }),
      statements: [
        'LOCK TABLE public.orders IN SHARE ROW EXCLUSIVE MODE',
        'DROP PUBLICATION "Odd ""Name"""',
        `CREATE PUBLICATION "Odd ""Name""" FOR TABLE ${quotedList}, public.orders ${options})`,
      ],
      rest: { lock: 'SHARE ROW EXCLUSIVE' },
    },
  ],
  'alter-publication': [
    {
      step: step('alter-publication', {
        publication: odd,
        dropTables: [orders, table],
        addTables: [filtered, plain],
        dropSchemas: ['old'],
        addSchemas: ['New'],
        lockAdded: true,
        settings: {
          publish: ['truncate'],
          viaPartitionRoot: false,
          generatedColumns: 'none',
        },
      }),
      statements: [
        'LOCK TABLE "Schema.One"."Odd ""Name""", public.orders IN SHARE ROW EXCLUSIVE MODE',
        'ALTER PUBLICATION "Odd ""Name""" DROP TABLE public.orders, "Schema.One"."Odd ""Name"""',
        'ALTER PUBLICATION "Odd ""Name""" DROP TABLES IN SCHEMA old',
        `ALTER PUBLICATION "Odd ""Name""" SET (publish = 'truncate', publish_via_partition_root = false, publish_generated_columns = none)`,
        `ALTER PUBLICATION "Odd ""Name""" ADD TABLE ${quotedList}, public.orders`,
        'ALTER PUBLICATION "Odd ""Name""" ADD TABLES IN SCHEMA "New"',
      ],
      rest: { lock: 'SHARE ROW EXCLUSIVE' },
    },
    {
      step: step('alter-publication', {
        ...unchanged,
        publication: 'p',
        addTables: [plain],
        lockAdded: false,
      }),
      statements: ['ALTER PUBLICATION p ADD TABLE public.orders'],
      rest: { lock: 'SHARE UPDATE EXCLUSIVE' },
    },
    {
      step: step('alter-publication', {
        ...unchanged,
        publication: 'p',
        settings: { viaPartitionRoot: true },
        lockAdded: true,
      }),
      statements: ['ALTER PUBLICATION p SET (publish_via_partition_root = true)'],
    },
  ],
  'drop-publication': [
    {
      step: step('drop-publication', { publication: odd }),
      statements: ['DROP PUBLICATION "Odd ""Name"""'],
      rest: { reversible: false },
    },
  ],
  'forget-former-nodes': [
    {
      step: step('forget-former-nodes', { formerNodes: ['primary', 'archive'] }),
      statements: [
        '-- delete the records of primary, archive, of which this server is a copy, from steep_repl',
      ],
      rest: { reversible: false },
    },
  ],
  'record-ownership': [
    {
      step: step('record-ownership', {}, { forgets: ['n/x.y'] }),
      statements: ['-- forget n/x.y in steep_repl.objects'],
    },
    {
      step: step(
        'record-ownership',
        {},
        {
          owns: { address: 'n/x.y', kind: 'slot', applied: {}, protect: false },
        },
      ),
      statements: ['-- note n/x.y in steep_repl.objects'],
    },
  ],
} satisfies Partial<Record<StepKind, readonly StepCase[]>>;

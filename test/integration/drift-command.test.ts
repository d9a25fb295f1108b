// steep drift as pipelines run it: exit codes with and without --json, the document, the reports.

import { readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { beforeAll, expect, test } from 'vitest';
import { cluster } from '../support/servers/cluster.ts';
import { newestMajor } from '../support/servers/majors.ts';
import { createDriftWorld, type DriftWorld } from '../support/worlds/drift-world.ts';

const ajv = new Ajv2020({ allErrors: true });
formats.default(ajv);
const validate = ajv.compile(
  JSON.parse(readFileSync(new URL('../../schemas/drift.schema.json', import.meta.url), 'utf8')),
);

let world: DriftWorld;
const unreachable = { PRIMARY_URL: 'postgresql://x@127.0.0.1:1/x?connect_timeout=2' };

beforeAll(async () => {
  const shared = await cluster.server(newestMajor);
  world = await createDriftWorld(shared, shared);
});

const ends = async (code: number, environment = {}, ...args: readonly string[]) => {
  const people = await world.steep(['drift', ...args], environment);
  const machine = await world.steep(['drift', '--json', ...args], environment);
  expect([people.code, machine.code], people.stderr + machine.stderr).toEqual([code, code]);
  expect(machine.stdout.trimEnd().split('\n')).toHaveLength(1);
  return { text: people.stdout, document: JSON.parse(machine.stdout) as object };
};

test('0: none', async () => {
  const { text, document } = await ends(0);
  expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
  expect(document).toMatchObject({ format_version: '1.1', outcome: 'none', findings: [] });
  expect(text.trimEnd().split('\n').at(-1)).toMatch(
    /^No drift\. Topology: 0, schema: 0\. Ignored: 0\. Pending: 0\. \(2 nodes, 8 objects in \d/,
  );
});

test('2: drift, in every report', async () => {
  await world.primary.query('ALTER PUBLICATION spare ADD TABLE customers');
  const reports = ['markdown=d.md', 'json=d.json', 'junit=d.xml'];
  const args = reports.flatMap((report) => ['--report', report]);
  const { text, document } = await ends(2, {}, '--class', 'topology', ...args);
  expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
  expect(text).toContain('~ publication.spare');
  expect(text).toContain('+ public.customers');
  const read = (name: string) => readFile(world.path(name), 'utf8');
  expect(await read('d.md')).toContain('<!-- steep:drift -->');
  expect(await read('d.xml')).toContain('failures="1"');
  const { elapsed_ms: _e, read_at: _r, ...first } = JSON.parse(await read('d.json'));
  expect(document).toMatchObject(first);
  await Promise.all(['d.md', 'd.json', 'd.xml'].map((name) => rm(world.path(name))));
  await world.primary.query('ALTER PUBLICATION spare DROP TABLE customers');
});

test('7: a node could not be read', async () => {
  const { text, document } = await ends(7, unreachable);
  expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
  expect(text).toContain('node primary could not be read');
  expect(text).toMatch(/^Incomplete\. .*Not read: primary\./m);
});

test('64: a class that does not exist, a report that does not exist', async () => {
  await ends(64, {}, '--class', 'weather');
  await ends(64, {}, '--report', 'sql=x');
});

test('65: the file', async () => {
  await world.describe({ drift: { ignore: [{ address: 'nowhere', reason: 'none' }] } });
  await ends(65);
  await world.describe();
});

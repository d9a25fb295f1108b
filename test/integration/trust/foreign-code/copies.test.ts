// steep copies as superuser into tables whose owner attached code to them: nothing of it runs unless it was agreed to by
// name. Each attack is shown to succeed where it was.

import { expect, test } from 'vitest';
import type { Plan } from '../../../../src/model/plan/plan.ts';
import { majors } from '../../../support/servers/majors.ts';
import type { Topology } from '../../../support/worlds/project.ts';
import { fillAttacks, scanAttacks } from './attacks.ts';
import { type Attacks, type AttackWorld, attackWorld } from './world.ts';

const widest = majors.filter((major) => major === 14 || major === 18);
const newest = Math.max(...majors);

/** With a row filter the rows are read by a query, which is planned. */
const filtered = (major: number) => (name: string) =>
  major < 15 ? `app.${name}` : { name: `app.${name}`, where: 'id > 0' };

const feed =
  ({ fills, scans }: Attacks, major: number, more: object = {}) =>
  (slot: string): Topology => ({
    publications: {
      feed: {
        node: 'source',
        tables: [
          'app.harmless',
          ...fills.map(({ name }) => `app.${name}`),
          ...scans.map(({ name }) => name).map(filtered(major)),
        ],
      },
    },
    subscriptions: {
      feed: {
        node: 'target',
        source: 'source',
        publications: ['feed'],
        slot,
        // Checks and partitions of the subscriber alone are part of the attacks.
        schema_sync: 'manual',
        ...more,
      },
    },
  });

const hazard = 'RUNS_FOREIGN_CODE';
/** Consents to what the attacks need besides: triggers that fire for replicated rows, and tables that differ. */
const besides = ['REPLICA_TRIGGERS', 'SCHEMA_MISMATCH'].map(
  (code) => `${code}=target/subscription.feed`,
);
const addressOf = (name: string): string => `target/copy.feed:app.${name}`;

const planOf = async ({ project }: AttackWorld): Promise<Plan> => {
  const { stdout, stderr } = await project.steep('plan', '--json');
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Plan;
};

test.each(widest)(
  'into and from PostgreSQL %i: nothing runs before each is agreed to',
  {
    timeout: 600_000,
  },
  async (major) => {
    const fills = fillAttacks(major);
    const all = { fills, scans: scanAttacks };
    const world = await attackWorld(major, all, feed(all, major));
    const { project, owner, marks } = world;
    expect(await marks(), 'made by a role without rights').toEqual([]);
    const { hazards } = (await planOf(world)).observed;
    for (const { name, caller, isTold, function: called = 'evil.one(text)' } of [
      ...fills,
      ...scanAttacks.map((attack) => ({ function: undefined, isTold: undefined, ...attack })),
    ]) {
      const said = hazards[`${hazard} ${addressOf(name)}`];
      const whose = isTold ? `as role ${owner} calls it` : `of role ${owner}`;
      expect(said, name).toContain(`${called} ${whose} (${caller})`);
    }
    expect(hazards).not.toHaveProperty([`${hazard} ${addressOf('harmless')}`]);
    // Apply workers store rows as the owner of the subscription, too.
    const warned = Object.keys(hazards).includes(`${hazard} target/subscription.feed`);
    expect(warned).toBe(major < 16);
    const refused = await project.steep('apply', '--auto-approve');
    expect(refused.stdout + refused.stderr).toContain(hazard);
    expect(refused.code).toBe(3);
    await project.steep('doctor');
    expect(await marks(), 'by plan, apply and doctor').toEqual([]);
    const attacks = [...fills, ...scanAttacks].map(({ name }) => name);
    const allowed = [...attacks.map((name) => `${hazard}=${addressOf(name)}`), ...besides];
    const consent = allowed.flatMap((value) => ['--allow-hazard', value]);
    const { code, stdout, stderr } = await project.steep('apply', '--auto-approve', ...consent);
    expect(code, stdout + stderr).toBe(0);
    const struck = await marks();
    // Small tables without a row filter are read without a query.
    expect(struck).toEqual(
      (major < 15 ? fills : [...fills, ...scanAttacks]).map(({ name }) => name).toSorted(),
    );
  },
);

test('PostgreSQL copies by itself: the code runs without the rights of steep', {
  timeout: 600_000,
}, async () => {
  const possible = { fills: fillAttacks(newest).filter(({ notNative }) => !notNative), scans: [] };
  const native = { init: { method: 'snapshot', copy: 'native' } };
  const world = await attackWorld(newest, possible, feed(possible, newest, native));
  expect(Object.keys((await planOf(world)).observed.hazards)).not.toContainEqual(
    expect.stringMatching(new RegExp(`^${hazard} target/copy`)),
  );
  const { code, stdout, stderr } = await world.project.steep(
    'apply',
    '--auto-approve',
    ...besides.flatMap((value) => ['--allow-hazard', value]),
  );
  expect(code, stdout + stderr).toBe(0);
  expect(await world.marks()).toEqual([]);
});

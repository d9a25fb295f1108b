// What is asserted of every scenario: golden, budget, consent, convergence, data, quiet.

import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { renderPlan } from '../../../src/cli/render/plan/render-plan.ts';
import { plainStyle } from '../../../src/cli/render/style.ts';
import type { Plan } from '../../../src/model/plan/plan.ts';
import type { Resource } from '../../../src/model/state/resource.ts';
import { grantFor } from './as-granted.ts';
import { normalizePlan, normalizeText } from './normalize.ts';
import { lostRows, rowsOfAll, rowsOnRecord, waitForEquality } from './rows.ts';
import { nightly, type Phase, type Scenario } from './scenario.ts';
import { makeSnapshots } from './snapshots.ts';
import { runSql, type Stage, waitForCopies } from './stage.ts';
import { applyNow, dangersOf, planAndResources, resourcesOf, schemaDriftOf } from './steep.ts';

/** Brings the servers to where the plan of the scenario begins. */
export const prepare = async (stage: Stage): Promise<void> => {
  await runSql(stage, 'before');
  await waitForCopies(stage);
  await grantFor(stage, stage.firstSteepFile ?? stage.steepFile);
  if (stage.firstSteepFile !== null) {
    const file = stage.firstSteepFile;
    const report = await applyNow(stage, { file, allowed: 'all' });
    expect(report?.outcome, 'of steep.before.yaml').toBe('converged');
  }
  await makeSnapshots(stage);
  await runSql(stage, 'between');
  await grantFor(stage, stage.steepFile);
};

/** How a scenario went: the number of its steps, and the state that it ends in. */
export interface Performed {
  readonly steps: number;
  readonly end: unknown;
}

export interface Performing {
  /** The golden file is written, not compared. */
  readonly update: boolean;
  /** False: the plan is made, and that is all. */
  readonly applied: boolean;
}

/** The whole of a scenario, once. Null: it is only planned. */
export const perform = async (
  stage: Stage,
  { update, applied }: Performing,
): Promise<Performed | null> => {
  await prepare(stage);
  const { plan, resources } = await planAndResources(stage);
  // A role sees less than a superuser, and the plan says so.
  if (!stage.granted) assertGolden(stage, plan, update);
  assertBudget(stage, plan);
  if (stage.scenario.settings.plan_only) {
    await assertRefused(stage);
    return null;
  }
  if (!applied) return null;
  await runSql(stage, 'planned');
  const rows = await rowsOfAll(stage);
  const before = hasSql(stage.scenario, 'planned') ? await resourcesOf(stage) : resources;
  await applyAll(stage, plan);
  const merges = stage.scenario.settings.require.includes('merge-pair');
  const left = merges ? await rowsOnRecord(stage) : await rowsOfAll(stage);
  expect(lostRows(rows, left, stage), 'rows that were lost').toEqual([]);
  const after = await assertInSync(stage);
  expect(foreign(after, plan), 'objects of others').toEqual(foreign(before, plan));
  return { steps: plan.steps.length, end: normalized(after, stage) };
};

const assertGolden = (stage: Stage, plan: Plan, update: boolean): void => {
  const { goldenPath } = stage.scenario;
  const text = `${renderPlan(normalizePlan(plan, stage), plainStyle)}\n`;
  if (update) writeFileSync(goldenPath, text);
  expect(text).toBe(readFileSync(goldenPath, 'utf8'));
};

const assertBudget = ({ scenario: { settings } }: Stage, plan: Plan): void => {
  const kinds = plan.steps.map(({ kind }) => kind);
  expect(kinds).toEqual(expect.arrayContaining([...settings.require]));
  expect(
    kinds.filter((kind) => settings.forbid.includes(kind)),
    'forbidden steps',
  ).toEqual([]);
};

/** A plan that must not run is refused before anything is changed. */
const assertRefused = async (stage: Stage): Promise<void> => {
  const before = await resourcesOf(stage);
  await expect(applyNow(stage, { allowed: [] })).rejects.toThrow();
  expect((await resourcesOf(stage)).map(durable)).toEqual(before.map(durable));
};

/** Without consent to its dangers a plan is refused; with it, it converges. */
const applyAll = async (stage: Stage, plan: Plan): Promise<void> => {
  const dangers = dangersOf(plan);
  const codes = [...new Set(dangers.map(({ code }) => code))].toSorted();
  if (!stage.granted)
    expect(codes, 'dangers to be allowed').toEqual(stage.scenario.settings.allow.toSorted());
  // By day the tests of consent show it.
  if (nightly && dangers.length > 0) {
    await expect(applyNow(stage, { allowed: [] })).rejects.toThrow('dangers that were not allowed');
  }
  const report = await applyNow(stage, { allowed: dangers });
  if (plan.steps.length === 0) expect(report).toBeNull();
  else expect(report, JSON.stringify(report, null, 2)).toMatchObject({ outcome: 'converged' });
};

/** Scenarios whose subject is what tables are: by day drift is looked for in these alone. */
const ofTables = /^(schema|table)--/;

const hasSql = (scenario: Scenario, phase: Phase): boolean =>
  scenario.nodes.some((node) => scenario.sql(phase, node).length > 0);

/**
 * Nothing to do any more and no drift, found out by reading only; and what is written from now on arrives. Returns the
 * resources as they are.
 */
const assertInSync = async (stage: Stage): Promise<readonly Resource[]> => {
  const statements: string[] = [];
  const runtime = stage.watched((statement) => statements.push(statement));
  const { plan, resources } = await planAndResources(stage, { runtime, done: true });
  expect(plan.errors).toEqual([]);
  expect(
    plan.steps.map(({ id }) => id),
    'steps of a second plan',
  ).toEqual([]);
  if (nightly || ofTables.test(stage.scenario.name)) {
    expect(await schemaDriftOf(stage, runtime), 'drift of tables').toEqual([]);
  }
  expect(statements.filter((statement) => !reading.test(statement))).toEqual([]);
  await runSql(stage, 'after');
  await waitForEquality(stage);
  return resources;
};

const reading = /^\s*(SELECT|WITH|BEGIN|COMMIT|ROLLBACK|LOCK TABLE [^;]+ IN ACCESS SHARE MODE)\b/;

const described = ({ address, spec, owned, protect }: Resource) => ({
  address,
  spec,
  owned,
  protect,
});

/**
 * What of a resource does not move by itself: a copy that PostgreSQL makes continues, whether or not it is observed.
 */
const durable = (resource: Resource) => {
  const { spec, ...rest } = described(resource);
  return { ...rest, spec: resource.kind === 'copy' ? { ...spec, state: 'left out' } : spec };
};

/** Resources that are not steep's and that the plan does not name. */
const foreign = (resources: readonly Resource[], { changes }: Plan) =>
  resources
    .filter(({ owned, address }) => !owned && !changes.some((change) => change.address === address))
    .map(durable);

/** The same for every performance. */
const normalized = (resources: readonly Resource[], stage: Stage) =>
  normalizeText(resources.map(described), stage);

/** The state that a scenario ends in, the same for every performance: nothing is left to do. */
export const endOf = async (stage: Stage) => normalized(await assertInSync(stage), stage);

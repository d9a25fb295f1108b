// A scenario is a folder: what is there before, the file that is planned, and the plan that must come of it.
// Reads the folders; knows no server.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { StepKind } from '../../../src/model/step/step.ts';
import { isByDay, type MajorPair, majors } from '../../support/servers/majors.ts';

/** What `steep snapshot generate` is asked for. */
export interface SnapshotSetting {
  readonly node: string;
  readonly publications: readonly string[];
}

/** The optional scenario.yaml. */
export interface ScenarioSettings {
  /** Pairs of majors by day, publisher first: the first, and others where by-day.ts needs them. Every pair that `needs` allows runs at night. */
  readonly pairs: readonly MajorPair[];
  /** First and last major that the scenario makes sense on. */
  readonly needs: {
    readonly publisher?: readonly [number, number];
    readonly subscriber?: readonly [number, number];
  };
  /** Nodes on the server of the publisher; all others are on the subscriber's. */
  readonly publishers: readonly string[];
  /** Nodes on a server of their own, with these settings. */
  readonly servers: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Nodes that do not answer when the plan is made. */
  readonly unreachable: readonly string[];
  /** Made once steep.before.yaml is applied, each into a folder of its name beside steep.yaml. */
  readonly snapshots: Readonly<Record<string, SnapshotSetting>>;
  readonly prune: boolean;
  /** Tables that hold rows are emptied before an initial copy. */
  readonly force: boolean;
  /** Everything that steep owns is dropped, once steep.before.yaml is applied. */
  readonly destroy: boolean;
  /** What is initialized again by the plan of the scenario, once steep.before.yaml is applied. */
  readonly reinit: readonly string[];
  /** Initial copies that the plan of the scenario rolls back. */
  readonly cancel: readonly string[];
  /** Shown, and refused when applied. */
  readonly plan_only: boolean;
  /** The codes of all dangers in the plan: agreed to. */
  readonly allow: readonly string[];
  readonly require: readonly StepKind[];
  readonly forbid: readonly StepKind[];
  /** Tables, or SELECT statements, that must give the same rows on every node in the end. */
  readonly equal: readonly string[];
  /** Nodes that `equal` compares; default: all. */
  readonly between: readonly string[] | null;
  /** Interrupted after each step in the usual run too: enough of them that every kind of step is. */
  readonly interrupt: boolean;
}

const defaults: ScenarioSettings = {
  pairs: [[18, 18]],
  needs: {},
  publishers: ['primary'],
  servers: {},
  unreachable: [],
  snapshots: {},
  prune: false,
  force: false,
  destroy: false,
  reinit: [],
  cancel: [],
  plan_only: false,
  allow: [],
  require: [],
  forbid: [],
  equal: [],
  between: null,
  interrupt: false,
};

/**
 * SQL that is run on a node: to begin with, once steep.before.yaml is applied and the snapshots are made, once the
 * plan is made, and in the end.
 */
export type Phase = 'before' | 'between' | 'planned' | 'after';

export interface Scenario {
  readonly name: string;
  readonly settings: ScenarioSettings;
  /** Every node that has a file in before/, sorted. */
  readonly nodes: readonly string[];
  readonly steepFile: string;
  /** What steep applies first; null: nothing. */
  readonly firstSteepFile: string | null;
  /** The statements of one node in one phase. */
  readonly sql: (phase: Phase, node: string) => readonly string[];
  readonly goldenPath: string;
}

export const nightly = !isByDay;
/** As the role of `steep doctor --grants`, each major with itself: as-granted.ts. */
export const asGranted = process.env.STEEP_TEST_GRANTED !== undefined;
const root = fileURLToPath(new URL('..', import.meta.url));

export const readScenarios = (): readonly Scenario[] =>
  readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name.includes('--'))
    .map(({ name }) => readScenario(name))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));

const readScenario = (name: string): Scenario => {
  const path = (...parts: readonly string[]): string => join(root, name, ...parts);
  const text = (...parts: readonly string[]): string | null =>
    existsSync(path(...parts)) ? readFileSync(path(...parts), 'utf8') : null;
  return {
    name,
    settings: settingsOf(name, text('scenario.yaml')),
    nodes: readdirSync(path('before'))
      .map((file) => file.replace(/\.sql$/, ''))
      .toSorted(),
    steepFile: text('steep.yaml') ?? '',
    firstSteepFile: text('steep.before.yaml'),
    sql: (phase, node) => statementsOf(text(phase, `${node}.sql`) ?? ''),
    goldenPath: path('plan.txt'),
  };
};

const settingsOf = (name: string, text: string | null): ScenarioSettings => {
  const given = (text === null ? {} : parse(text)) as Partial<ScenarioSettings>;
  const unknown = Object.keys(given).filter((key) => !Object.hasOwn(defaults, key));
  if (unknown.length > 0) throw new Error(`${name}/scenario.yaml: what is ${unknown.join(', ')}?`);
  return { ...defaults, ...given };
};

/** A semicolon at the end of a line ends a statement: each is sent by itself, outside a transaction. */
const statementsOf = (script: string): readonly string[] =>
  script
    .split(/;[ \t]*\n/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');

const within = (major: number, [first, last]: readonly [number, number] = [0, 99]): boolean =>
  major >= first && major <= last;

const everyPair = majors.flatMap((from) => majors.map((to): MajorPair => [from, to]));
const sameMajors = majors.map((major): MajorPair => [major, major]);

/** Scenarios that a granted role cannot play, and why. */
const forSuperusers: Readonly<Record<string, string>> = {
  'node--privilege': 'it has a role of its own, which lacks rights',
  'slot--create-waits': 'its open transaction holds the table whose owner would be changed',
};

/** The pairs that a scenario can run on; by day, of its own: by-day.ts chooses of them. */
export const pairsOf = ({ name, settings: { pairs, needs } }: Scenario): readonly MajorPair[] =>
  (nightly ? everyPair : asGranted ? sameMajors.filter(() => !(name in forSuperusers)) : pairs)
    .filter(([from, to]) => majors.includes(from) && majors.includes(to))
    .filter(([from, to]) => within(from, needs.publisher) && within(to, needs.subscriber));

export const isInterrupted = ({ settings }: Scenario): boolean =>
  !settings.plan_only && !asGranted && (nightly || settings.interrupt);

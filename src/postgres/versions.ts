// What each PostgreSQL version can do: the only file that compares version numbers.
// Version numbers are server_version_num: 160009 is 16.9.

import type { Features } from '../model/state/server.ts';
import { addTableLosesChanges, type FixedBug, fixedBugs } from './fixed-bugs.ts';
import { versionedOptions } from './subscription-options.ts';

/** The oldest version that steep supports. */
export const minimumVersion = 140000;

export const isSupported = (versionNumber: number): boolean => versionNumber >= minimumVersion;

/** `160009` → `16.9`, as people say it. */
export const formatVersion = (versionNumber: number): string =>
  `${majorOf(versionNumber)}.${minorOf(versionNumber)}`;

/** What a server says of itself at the start (`16.9 (Debian 16.9-1)`, `19beta1`) → `160009`; 0: unreadable. */
export const parseServerVersion = (text: string): number => {
  const [, major = '0', minor = '0'] = /^(\d+)(?:\.(\d+))?/.exec(text) ?? [];
  return Number(major) * 10_000 + Number(minor);
};

/** What `pg_dump --version` says → as of a server; 0: that was no pg_dump. */
export const parseToolVersion = (text: string): number =>
  parseServerVersion(/\(PostgreSQL\) (\S+)/.exec(text)?.[1] ?? '');

/** Whether a pg_dump reads this server: it refuses majors that are newer than its own. */
export const canDump = (tool: number, server: number): boolean => majorOf(tool) >= majorOf(server);

/** Whether a server is of an earlier major version. */
export const isOlderThan = (versionNumber: number, major: number): boolean =>
  majorOf(versionNumber) < major;

/** Abilities of a server by its version. */
export const featuresOf = (versionNumber: number): Features => {
  const major = majorOf(versionNumber);
  return {
    filtersAndSchemas: major >= 15,
    skipsTransactions: major >= 15,
    subscriptionOptions: versionedOptions.flatMap(({ name, since, facts }) => {
      if (major < since) return [];
      const current = facts.findLast((fact) => major >= fact.since);
      return current === undefined
        ? []
        : [{ name, default: current.default, alter: current.alter }];
    }),
    publishGeneratedColumns: major >= 18,
    virtualColumns: major >= 18,
    originFilter: major >= 16,
    partitionsOnce: major >= 16,
    failoverSlots: major >= 17,
    maintainPrivilege: major >= 17,
    createSubscriberTool: major >= 17,
    skipsMissingPublications: major >= 18,
    createSubscriptionRole: major >= 16,
    parameterPrivileges: major >= 15,
    checkpointRole: major >= 15,
    logsSnapshots: major >= 16,
    addTableNeedsLock: hasBug(versionNumber, addTableLosesChanges),
    knownBugs: fixedBugs
      .filter((bug) => hasBug(versionNumber, bug))
      .map((bug) => ({ fixedIn: bug.fixedIn[major] ?? '', bug: bug.bug })),
  };
};

const majorOf = (versionNumber: number): number => Math.floor(versionNumber / 10_000);
const minorOf = (versionNumber: number): number => versionNumber % 10_000;

/** A major that is not listed never had the bug: it was released with the fix. */
function hasBug(versionNumber: number, { fixedIn, broughtBy }: FixedBug): boolean {
  const major = majorOf(versionNumber);
  const fix = parseServerVersion(fixedIn[major] ?? '');
  return versionNumber < fix && versionNumber >= parseServerVersion(broughtBy?.[major] ?? '');
}

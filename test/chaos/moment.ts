// The moment of a fault: at the border of a statement of steep, during one, or at any time. The proxies know the
// statement, so that each fault says what it struck.

import { setTimeout as sleep } from 'node:timers/promises';
import type { RandomNumbers } from '../support/plans/random-numbers.ts';
import type { Link, Passing } from '../support/statement-proxy/link.ts';
import type { ChaosServers } from './servers.ts';

/**
 * What runs through steep's connections; the first that fits names a statement. `most` is about as many as a short run
 * sends; `only` names the scenes that send it at all.
 */
const classes = [
  {
    name: 'copy out',
    late: true,
    pattern: /^COPY[\s\S]*TO STDOUT/,
    most: 30,
    only: ['parallel', 'generate'],
  },
  {
    name: 'copy in',
    late: true,
    pattern: /^COPY[\s\S]*FROM STDIN/,
    most: 30,
    only: ['parallel', 'two_phase'],
  },
  {
    name: 'create slot',
    pattern: /CREATE_REPLICATION_SLOT|pg_create_logical|pg_copy_logical/,
    most: 1,
    only: ['parallel', 'two_phase', 'native', 'pair', 'generate', 'prepare'],
  },
  {
    name: 'import snapshot',
    late: true,
    pattern: /pg_export_snapshot|SET TRANSACTION SNAPSHOT/,
    most: 20,
    only: ['parallel', 'generate', 'prepare'],
  },
  {
    name: 'create subscription',
    late: true,
    pattern: /^CREATE SUBSCRIPTION/,
    most: 2,
    only: ['parallel', 'two_phase', 'native', 'pair', 'complete'],
  },
  {
    name: 'alter subscription',
    late: true,
    pattern: /^ALTER SUBSCRIPTION/,
    most: 6,
    only: ['reinit', 'rename', 'grow'],
  },
  {
    name: 'publication',
    pattern: /^(CREATE|ALTER|DROP) PUBLICATION/,
    most: 1,
    only: ['parallel', 'native', 'pair', 'reinit', 'rename', 'grow'],
  },
  {
    name: 'index',
    late: true,
    pattern: /^(CREATE|DROP) (UNIQUE )?INDEX|^ALTER TABLE/,
    most: 8,
    only: ['parallel', 'two_phase'],
  },
  { name: 'truncate', pattern: /^TRUNCATE/, most: 1, only: ['reinit', 'force'] },
  { name: 'run lock', pattern: /pg_try_advisory_lock/, most: 2 },
  {
    name: 'chunk',
    late: true,
    pattern: /steep_repl\.copy_/,
    most: 40,
    only: ['parallel', 'two_phase'],
  },
  { name: 'metadata', pattern: /(INSERT INTO|UPDATE|DELETE FROM) steep_repl\./, most: 28 },
  { name: 'commit', pattern: /^COMMIT/, most: 40 },
  { name: 'any', pattern: /./, most: 300 },
] as const satisfies readonly Class[];

export type StatementClass = (typeof classes)[number]['name'];

interface Class {
  readonly name: string;
  readonly pattern: RegExp;
  readonly most: number;
  readonly only?: readonly string[];
  /** Slot and tables are there by then. */
  readonly late?: true;
}

export type Moment =
  | {
      readonly at: 'statement';
      readonly what: string;
      /** The how manieth of its kind, from 1. */
      readonly turn: number;
      readonly side: 'before' | 'during' | 'after';
      /** For `during`. */
      readonly delayMs: number;
    }
  | { readonly at: 'time'; readonly ms: number };

/** What narrows the moments of a fault. */
export interface Narrowing {
  /** Only when a copy has begun, where its act has such statements. */
  readonly late?: boolean;
  /** Only at these statements. */
  readonly at?: readonly StatementClass[] | undefined;
  /** Only while the server works on one. */
  readonly during?: boolean;
}

/** Whether the act has any of these statements. */
export const hasMoments = (traits: readonly string[], at?: readonly StatementClass[]): boolean =>
  at === undefined || sentBy(traits).some(({ name }) => at.includes(name as StatementClass));

const sentBy = (traits: readonly string[]): readonly Class[] =>
  classes.filter(
    (one: Class) => one.only === undefined || one.only.some((trait) => traits.includes(trait)),
  );

/** When it strikes at any time, how often it does, and the part of the usual statements that a run sends. */
interface Pace {
  readonly ms: readonly [number, number];
  readonly anyTime: number;
  readonly part: number;
}

const usualPace: Pace = { ms: [400, 3000], anyTime: 0.15, part: 1 };
const shortPace: Pace = { ms: [300, 2000], anyTime: 0.5, part: 0.25 };

/** They send a few statements, and are over soon. */
const shortRuns: ReadonlySet<string> = new Set(['prepare', 'grow']);

export const randomMoment = (
  random: RandomNumbers,
  traits: readonly string[],
  { late = false, at, during = false }: Narrowing = {},
): Moment => {
  const pace = traits.some((trait) => shortRuns.has(trait)) ? shortPace : usualPace;
  const ms = random.integer(...pace.ms);
  const there = sentBy(traits).filter(({ name }) => at?.includes(name as StatementClass) !== false);
  const lateOnes = there.filter((one) => one.late === true);
  const { name, most } = random.pick(late && lateOnes.length > 0 ? lateOnes : there);
  // The first ones more often: a run that continues another one sends few of them.
  const turn = 1 + Math.floor(random.next() ** 2 * most * pace.part);
  const side = during ? 'during' : random.pick(['before', 'during', 'after'] as const);
  const delayMs = random.integer(0, 25);
  return random.chance(pace.anyTime) && !late && !during && at === undefined
    ? { at: 'time', ms }
    : { at: 'statement', what: name, turn, side, delayMs };
};

/** What was on its way when the fault struck. */
export interface Struck {
  /** Null: a moment between, of no statement. */
  readonly link: Link | null;
  readonly description: string;
}

const isOfSteep = (link: Link): boolean => link.application.startsWith('steep ');

/** The connections of runs of steep that are open. */
export const steepLinks = ({ source, target }: ChaosServers): readonly Link[] =>
  [...source.proxy.links(), ...target.proxy.links()].filter(
    (link) => isOfSteep(link) && link.open && link.pid !== 0,
  );

/** On one line, and not too long. */
export const shortened = (statement: string): string => {
  const line = statement
    .replace(/\s+/g, ' ')
    .replace(/password=\S+/g, 'password=…')
    .trim();
  return line.length > 100 ? `${line.slice(0, 100)}…` : line;
};

const describeLink = ({ node, pid, statement, application }: Link): string =>
  `${application.startsWith('steep ') ? 'session' : application} ${pid} on ${node}, "${shortened(statement)}"`;

/**
 * Strikes once, at the moment; the statement is held meanwhile. The caller takes the watch away when the run has
 * ended: the answer is then null, for a moment that never came.
 */
export const strikeAt = (
  moment: Moment,
  servers: ChaosServers,
  ended: Promise<unknown>,
  strike: (struck: Struck) => Promise<string | null>,
): Promise<string | null> => {
  let done = false;
  return new Promise((resolve, reject) => {
    const go = async (struck: Struck): Promise<void> => {
      if (done) return;
      done = true;
      servers.watch(null);
      await strike(struck).then(resolve, reject);
    };
    const atTime = async (ms: number): Promise<void> => {
      await sleep(ms);
      const active = steepLinks(servers).map(describeLink);
      await go({
        link: null,
        description: `after ${ms} ms; last: ${active.at(-1) ?? 'no session'}`,
      });
    };
    void ended.finally(() => {
      if (!done) resolve(null);
      done = true;
    });
    if (moment.at === 'time') void atTime(moment.ms);
    else servers.watch(watchFor(moment, go));
  });
};

const watchFor = (
  { what, turn, side, delayMs }: Extract<Moment, { readonly at: 'statement' }>,
  go: (struck: Struck) => Promise<void>,
): ((passing: Passing) => Promise<void>) => {
  let seen = 0;
  let chosen: Link | null = null;
  return async ({ link, side: passing, text }) => {
    if (!isOfSteep(link)) return;
    if (passing === 'before') {
      if (classes.find(({ pattern }) => pattern.test(text.trim()))?.name !== what && what !== 'any')
        return;
      seen += 1;
      if (seen !== turn) return;
      chosen = link;
      if (side === 'before') await go(struckBy(link, side));
      if (side === 'during') void sleep(delayMs).then(() => go(struckBy(link, side)));
    } else if (side === 'after' && link === chosen) await go(struckBy(link, side));
  };
};

const struckBy = (link: Link, side: string): Struck => ({
  link,
  description: `${side} ${describeLink(link)}`,
});

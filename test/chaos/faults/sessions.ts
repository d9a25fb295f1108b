// Faults of single sessions: ended or cancelled by an administrator, in a statement that the server names.

import { setTimeout as sleep } from 'node:timers/promises';
import { type StatementClass, type Struck, shortened, steepLinks } from '../moment.ts';
import type { ChaosServer } from '../servers.ts';
import type { World } from '../world.ts';
import type { RunFault, Stage } from './fault.ts';

interface Victim {
  readonly pid: number;
  readonly state: string | null;
  readonly query: string;
  readonly who: string;
}

type Way = 'pg_terminate_backend' | 'pg_cancel_backend';

const describe = (way: Way, { node }: ChaosServer, { pid, state, query, who }: Victim): string =>
  `${way} of ${who} ${pid} on ${node} (${state ?? 'background'}), "${shortened(query)}"`;

/** Ends those that the condition finds, at most one; null: none was there. */
const strikeOne = async (
  way: Way,
  server: ChaosServer,
  world: World,
  condition: string,
): Promise<string | null> => {
  const names = [world.source, ...world.targets]
    .filter((node) => node.server === server)
    .map(({ database }) => `'${database.name}'`);
  const [victim] = await server.maintenance.query<Victim & { readonly hit: boolean }>(
    `SELECT a.pid, a.state, a.query, a.backend_type || ' ' || a.application_name AS who, ${way}(a.pid) AS hit
       FROM (SELECT * FROM pg_stat_activity AS s WHERE datname IN (${names.join(', ')}) AND ${condition} ORDER BY pid LIMIT 1) AS a`,
  );
  return victim?.hit === true ? describe(way, server, victim) : null;
};

/** The session whose statement it is, or any. */
const terminateThis = async (
  { link }: Struck,
  { world, random }: Stage,
): Promise<string | null> => {
  const links = steepLinks(world.servers);
  const victim = link ?? (links.length > 0 ? random.pick(links) : null);
  if (victim === null) return null;
  const server = victim.node === 'source' ? world.servers.source : world.servers.target;
  return strikeOne('pg_terminate_backend', server, world, `pid = ${victim.pid}`);
};

const holdsRunLock = `EXISTS (SELECT FROM pg_locks AS l WHERE l.pid = s.pid AND l.locktype = 'advisory')
  AND application_name LIKE 'steep %'`;

/** Looks for a while, since such a session may begin a moment later. */
const onEither =
  (way: Way, node: 'source' | 'target' | 'either', condition: string) =>
  async ({ description }: Struck, { world, random }: Stage): Promise<string | null> => {
    const { source, target } = world.servers;
    const server = { source, target, either: random.pick([source, target]) }[node];
    for (let attempt = 0; attempt < 120; attempt += 1) {
      const struck = await strikeOne(way, server, world, condition);
      if (struck !== null) return `${struck} ${description}`;
      await sleep(10);
    }
    return null;
  };

/** The sessions that hold the run lock are ended, on both sides. */
export const endLockSessions = async (world: World): Promise<string | null> => {
  const ended: string[] = [];
  for (const server of [world.servers.source, world.servers.target]) {
    for (;;) {
      const struck = await strikeOne('pg_terminate_backend', server, world, holdsRunLock);
      if (struck === null) break;
      ended.push(struck);
      await sleep(50);
    }
  }
  return ended.length === 0 ? null : ended.join('; ');
};

/** When a subscription begins to read its slot. */
const whenRead: readonly StatementClass[] = ['create subscription', 'alter subscription'];

export const sessionFaults: readonly RunFault[] = [
  { kind: 'terminate-session', strike: terminateThis },
  // An idle session does not notice that it is cancelled.
  {
    kind: 'cancel-session',
    during: true,
    strike: onEither(
      'pg_cancel_backend',
      'either',
      `application_name LIKE 'steep %' AND state = 'active' AND backend_type = 'client backend'`,
    ),
  },
  { kind: 'terminate-lock', strike: onEither('pg_terminate_backend', 'either', holdsRunLock) },
  {
    kind: 'terminate-walsender',
    at: whenRead,
    strike: onEither('pg_terminate_backend', 'source', `backend_type = 'walsender'`),
  },
  {
    kind: 'terminate-apply',
    at: whenRead,
    strike: onEither(
      'pg_terminate_backend',
      'target',
      `backend_type LIKE 'logical replication%worker'`,
    ),
  },
];

// Faults of a run beside another: one is paused and loses its lock, a second one does the work, and the first wakes up.
// And settings of roles that change how values are written.

import { setTimeout as sleep } from 'node:timers/promises';
import { steepLinks } from '../moment.ts';
import type { RunFault } from './fault.ts';
import { endLockSessions } from './sessions.ts';

export const runFaults: readonly RunFault[] = [
  {
    kind: 'second-run',
    late: true,
    strike: async ({ description }, { world, run, random, later }) => {
      run.kill('SIGSTOP');
      const ended = await endLockSessions(world);
      if (ended === null) {
        run.kill('SIGCONT');
        return null;
      }
      const second = world.start(world.act.command);
      const ms = random.integer(500, 9000);
      later(
        Promise.race([second.result, sleep(ms)]).then(async () => {
          run.kill('SIGCONT');
          await second.result;
        }),
      );
      return `SIGSTOP ${description}; ${ended}; a second run, and SIGCONT after ${ms} ms at most`;
    },
  },
  {
    kind: 'settings',
    late: true,
    strike: async ({ description }, { world, random, later }) => {
      const side = random.pick(['source', 'target'] as const);
      const server = world.servers[side];
      const chosen = settings.filter(() => random.chance(0.4));
      if (chosen.length === 0) return null;
      for (const setting of chosen)
        await server.maintenance.query(`ALTER ROLE postgres SET ${setting}`);
      // Sessions that are open keep what they have: one must be re-created.
      const links = steepLinks(world.servers).filter(({ node }) => node === side);
      const victim = links.length > 0 ? random.pick(links) : null;
      if (victim !== null)
        later(server.maintenance.query(`SELECT pg_terminate_backend(${victim.pid})`));
      return `${chosen.join(', ')} on the ${side}, session ${victim?.pid ?? 'none'} ended ${description}`;
    },
  },
];

/**
 * Neither array_nulls nor client_encoding: the workers of PostgreSQL obey them, and write other values without an error.
 * A plan that begins afterwards is blocked.
 */
const settings = [
  `datestyle = 'German, DMY'`,
  `intervalstyle = 'iso_8601'`,
  `bytea_output = 'escape'`,
  `timezone = 'Asia/Tokyo'`,
  `extra_float_digits = -10`,
  `standard_conforming_strings = off`,
  `xmloption = 'document'`,
  `search_path = 'pg_catalog'`,
  `default_transaction_isolation = 'serializable'`,
  `row_security = off`,
  `enable_tidscan = off`,
];

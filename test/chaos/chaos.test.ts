// A few plays of the chaos harness, always the same ones; npm run chaos plays as many as you like, with every fault.

import { afterAll, expect, inject, test } from 'vitest';
import { newestMajor } from '../support/servers/majors.ts';
import { faults } from './faults/index.ts';
import { play } from './play.ts';
import { lineOf, struckIn } from './report.ts';
import { startServers } from './servers.ts';

const servers = await startServers(inject('keeper'), [newestMajor, newestMajor]);
afterAll(() => servers.close());

const minutes = 60_000;

/** Those that take no time of their own. */
const quick = ['kill', 'sigint', 'terminate-session', 'crash-target', 'cut-source', 'truncate'];
const chosen = faults.filter(({ kind }) => quick.includes(kind));

/** A statement that is waited for may have passed before the fault was ready: not every one strikes. */
const fewest = 4;

test('equal rows after every fault, and nothing is left behind', {
  timeout: 8 * minutes,
}, async () => {
  let struck = 0;
  for (let index = 1; struck < fewest; index += 1) {
    const outcome = await play(servers, { seed: 1, index, faults: chosen });
    const line = lineOf(1, outcome);
    expect(outcome.failure?.split('\n\nsource:')[0] ?? null, line).toBeNull();
    struck += struckIn(outcome);
  }
});

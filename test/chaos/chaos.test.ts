// A few plays of the chaos harness, always the same ones; npm run chaos plays as many as you like, with every fault.

import { afterAll, expect, inject, test } from 'vitest';
import { newestMajor } from '../support/servers/majors.ts';
import { faults } from './faults/index.ts';
import { play } from './play.ts';
import { lineOf } from './report.ts';
import { startServers } from './servers.ts';

const servers = await startServers(inject('keeper'), [newestMajor, newestMajor]);
afterAll(() => servers.close());

const minutes = 60_000;

const kinds = ['kill', 'sigint', 'terminate-session', 'crash-target', 'cut-source', 'truncate'];

/** The statement that is waited for may have passed before the fault was ready: then the fault strikes another play. */
const playsAtMost = 4;

test.each(kinds)(
  '%s: equal rows, and nothing is left behind',
  { timeout: 8 * minutes },
  async (kind) => {
    const chosen = faults.filter((fault) => fault.kind === kind);
    const first = kinds.indexOf(kind);
    const lines: string[] = [];
    for (let turn = 0; turn < playsAtMost; turn += 1) {
      const index = first + turn * kinds.length;
      const outcome = await play(servers, { seed: 1, index, faults: chosen });
      lines.push(lineOf(1, outcome));
      expect(outcome.failure?.split('\n\nsource:')[0] ?? null, lines.at(-1)).toBeNull();
      if (outcome.strikes.some(({ struck }) => struck !== null)) return;
    }
    expect.fail(`Nothing was struck in ${playsAtMost} plays:\n${lines.join('\n')}`);
  },
);

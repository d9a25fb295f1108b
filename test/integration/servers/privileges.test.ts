// A role without rights: the plan names every missing one as SQL, and with exactly those statements run by
// an administrator, apply succeeds.

import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { catalogsOf } from '../../support/servers/catalogs.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { firstByDay, majors } from '../../support/servers/majors.ts';
import { urlOf } from '../../support/servers/test-database.ts';
import { createEdge, items } from '../../support/worlds/edge.ts';

const password = 'just for this test';

interface PlanDocument {
  readonly applyable: boolean;
  readonly changes: readonly { readonly hazards: readonly Hazard[] }[];
  readonly standing: readonly Hazard[];
}

interface Hazard {
  readonly code: string;
  readonly severity: string;
  readonly address: string;
  readonly remedy: string;
}

const blocksOf = (stdout: string): readonly Hazard[] => {
  const { changes, standing } = JSON.parse(stdout) as PlanDocument;
  return [...standing, ...changes.flatMap(({ hazards }) => hazards)].filter(
    ({ severity }) => severity === 'block',
  );
};

/** A role that may connect, and read the table, and nothing else. */
async function createRole(database: TestDatabase): Promise<string> {
  const role = `Bob's role ${randomBytes(4).toString('hex')}`;
  await database.query(`
    CREATE ROLE "${role}" LOGIN PASSWORD '${password}';
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
    GRANT USAGE ON SCHEMA public TO "${role}"; GRANT SELECT ON items TO "${role}"`);
  return role;
}

const as = ({ conninfo }: TestDatabase, user: string): string =>
  urlOf(conninfo.with({ user, password }));

describe.each(firstByDay([14, 16, 18].filter((major) => majors.includes(major))))(
  'PostgreSQL %i',
  (major) => {
    test('the statements of the block are what is missing', async () => {
      const server = await cluster.server(major);
      const { project, publisher, subscriber } = await createEdge({
        publisher: server,
        subscriber: server,
      });
      const databases = { publisher, subscriber };
      const bob = await createRole(publisher);
      await subscriber.query(`
      GRANT USAGE ON SCHEMA public TO "${bob}"; GRANT SELECT ON items TO "${bob}"`);
      const asBob = project.with({
        publisher: as(publisher, bob),
        subscriber: as(subscriber, bob),
      });
      const before = await catalogsOf(publisher);

      const planned = await asBob.steep('plan', '--json');
      expect(planned.code, planned.stderr).toBe(0);
      const blocks = blocksOf(planned.stdout);
      expect(blocks.map(({ code, address }) => `${code} ${address}`).sort()).toEqual([
        'PRIVILEGE publisher/node.publisher',
        'PRIVILEGE subscriber/node.subscriber',
      ]);
      const refused = await asBob.steep('apply', '--auto-approve');
      expect(refused.code, refused.stderr).toBe(3);
      for (const { remedy } of blocks) expect(refused.stderr).toContain(remedy.split('\n')[0]);
      expect(await catalogsOf(publisher)).toEqual(before);

      for (const { address, remedy } of blocks) {
        await databases[address.startsWith('publisher') ? 'publisher' : 'subscriber'].query(remedy);
      }
      const applied = await asBob.steep('apply', '--auto-approve');
      expect(applied.code, applied.stdout + applied.stderr).toBe(0);
      await waitForSameRows(publisher, subscriber, [items]);
    });
  },
);

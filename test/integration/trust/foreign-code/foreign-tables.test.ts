// A foreign table connects wherever its owner says, with the rights that a superuser has: no look of steep opens such a
// connection, and whoever copies such a table is told.

import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { onTestFinished } from '../../../support/servers/clean-up.ts';
import { lastByDay, majors } from '../../../support/servers/majors.ts';
import { attackWorld } from './world.ts';

/** Counts who connects, and hangs up. */
const listen = async (): Promise<{ readonly port: number; readonly calls: () => number }> => {
  let calls = 0;
  const server = createServer((socket) => {
    calls += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return { port: typeof address === 'object' ? (address?.port ?? 0) : 0, calls: () => calls };
};

test.each(lastByDay(majors.filter((major) => major === 14 || major === 18)))(
  'PostgreSQL %i: a partition that is a foreign table',
  async (major) => {
    const { project, source, target, owner, as } = await attackWorld(
      major,
      { fills: [], scans: [] },
      (slot) => ({
        publications: {
          feed: { node: 'source', tables: ['app.far'], publish_via_partition_root: true },
        },
        subscriptions: {
          feed: { node: 'target', source: 'source', publications: ['feed'], slot },
        },
      }),
    );
    const { port, calls } = await listen();
    for (const [database, its] of [
      [source, as.source],
      [target, as.target],
    ] as const) {
      await database.query(
        `CREATE EXTENSION postgres_fdw; GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO ${owner}`,
      );
      await its.query(`CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw
          OPTIONS (host '127.0.0.1', port '${port}', dbname 'x');
        CREATE USER MAPPING FOR PUBLIC SERVER far OPTIONS (user 'postgres');
        CREATE TABLE app.far (id int, note text) PARTITION BY LIST (id);
        CREATE FOREIGN TABLE app.far_rest PARTITION OF app.far DEFAULT SERVER far
          OPTIONS (schema_name 'app', table_name 't')`);
    }
    for (const command of ['plan', 'doctor', 'status', 'drift']) {
      const { stdout, stderr } = await project.steep(command);
      expect(calls(), `${command}: ${stdout}${stderr}`).toBe(0);
    }
    const plan = await project.steep('plan');
    expect(plan.stdout).toContain(
      `foreign server far of role ${owner} (foreign table app.far_rest)`,
    );
    const { code, stdout } = await project.steep('apply', '--auto-approve');
    expect(code, stdout).toBe(3);
    expect(calls()).toBe(0);
  },
);

// A statement that a function of steep_repl sends holds a password: an error of it quotes that to nobody.

import { expect, test } from 'vitest';
import { runCommandsAlone } from '../../support/hosted-cli.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { lastByDay } from '../../support/servers/majors.ts';
import { installMetadata } from '../catalog/metadata.ts';

runCommandsAlone();

const password = 'of-a-connection-8f3';

test.each(lastByDay([14, 18]))('PostgreSQL %i: create_subscription that fails', async (major) => {
  const server = await cluster.server(major);
  const database = await server.createDatabase();
  await installMetadata(database);
  const call = (conninfo: string): Promise<unknown> =>
    database.query('SELECT steep_repl.create_subscription($1, $2, $3, $4)', [
      's',
      conninfo,
      'p',
      'slot',
    ]);
  const connecting = `host=127.0.0.1 port=1 dbname=x user=u password=${password}`;
  for (const conninfo of [connecting, `${connecting} application_name`]) {
    const error = await call(conninfo).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain(password);
  }
  await expect(call(connecting)).rejects.toThrow(/could not connect to the publisher/);
  const log = await server.logText();
  const quoted = log.split('\n').filter((line) => line.includes(password));
  expect(quoted.filter((line) => !line.includes('DETAIL:'))).toEqual([]);
});

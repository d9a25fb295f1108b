// A command that copies rows judges the tables of the subscriber as a plan of steep.yaml does.

import { expect, test } from 'vitest';
import { newestMajor } from '../../support/servers/majors.ts';
import { pairOn, primitive } from './primitives-world.ts';

test('a copy into rows that are there needs consent, whichever command asks for it', async () => {
  const { primary, reporting } = await pairOn(newestMajor);
  const notes = 'CREATE TABLE notes (note text)';
  await primary.query(
    `${notes}; ALTER TABLE notes REPLICA IDENTITY FULL; INSERT INTO notes VALUES ('a');
     CREATE PUBLICATION sales FOR TABLE orders; CREATE PUBLICATION remarks FOR TABLE notes`,
  );
  await reporting.query(`${notes}; INSERT INTO notes VALUES ('a')`);
  const edge = ['--peer-connection', primary.url];
  const yes = '--auto-approve';
  const feed = `feed_${primary.name}`;
  const made = await primitive(
    reporting,
    `replication sub create ${feed} --publication sales`,
    ...edge,
    yes,
  );
  expect(made.code, made.stdout + made.stderr).toBe(0);
  await primary.query('ALTER PUBLICATION sales ADD TABLE notes');
  for (const words of [
    `replication sub refresh ${feed}`,
    `replication sub create ${feed}_2 --publication remarks --method native`,
  ]) {
    const refused = await primitive(reporting, words, ...edge, yes);
    expect([refused.code, refused.stderr]).toEqual([3, expect.stringContaining(nonempty)]);
  }
  expect(await reporting.query('SELECT note FROM notes')).toEqual([{ note: 'a' }]);
});

const nonempty = '--allow-hazard COPY_INTO_NONEMPTY=target/subscription.';

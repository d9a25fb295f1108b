// Sequences of a copy: whose they are, and what has their names.

import { describe, expect, test } from 'vitest';
import {
  readSequencePositions,
  setSequences,
} from '../../../../src/copy/check/advance-sequences.ts';
import { lastByDay, majors } from '../../../support/servers/majors.ts';

import { items, whileSteepWaits, world } from './name-world.ts';

const widest = lastByDay(majors.filter((major) => major === 14 || major === 18));

describe.each(widest)('PostgreSQL %i', (major) => {
  test('a view or a table that takes the name of a sequence is not read', async () => {
    const it = await world(major);
    await it.own.query(`
      CREATE TYPE evil.number AS (x int);
      CREATE FUNCTION evil.of(evil.number) RETURNS int8 LANGUAGE plpgsql IMMUTABLE AS
        $f$ BEGIN PERFORM evil.ok('cast', 1); RETURN 5; END $f$;
      CREATE CAST (evil.number AS int8) WITH FUNCTION evil.of(evil.number) AS IMPLICIT;
      CREATE FUNCTION evil.text_of(evil.number) RETURNS text LANGUAGE plpgsql IMMUTABLE AS
        $f$ BEGIN PERFORM evil.ok('cast', 1); RETURN '5'; END $f$;
      CREATE CAST (evil.number AS text) WITH FUNCTION evil.text_of(evil.number);
      CREATE SEQUENCE app.numbers;
      CREATE TABLE app.items (id int8 PRIMARY KEY DEFAULT nextval('app.numbers'))`);
    const takesName = {
      view: `CREATE VIEW app.numbers AS SELECT 0::int8 AS last_value, false AS is_called WHERE evil.ok('view', 1)`,
      table: `CREATE TABLE app.numbers (last_value evil.number, is_called bool);
              INSERT INTO app.numbers VALUES (ROW(1), true)`,
    };
    const feeds = '["app", "items", "id"]';
    const uses = {
      source: () => readSequencePositions(it.session, [items]),
      target: () =>
        setSequences(
          it.session,
          [items],
          [{ schema: 'app', name: 'numbers', feeds, value: '9', called: true }],
        ),
    };
    for (const [end, use] of Object.entries(uses)) {
      for (const [kind, statement] of Object.entries(takesName)) {
        const outcome = await whileSteepWaits(
          it,
          `ALTER SEQUENCE app.numbers RENAME TO former; ${statement}`,
          use,
        );
        expect(outcome, `${end}, ${kind}`).toMatchObject({ code: 'TABLE_REPLACED' });
        expect(await it.marks(), `${end}, ${kind}`).toEqual([]);
        await it.own.query(`DROP ${kind} app.numbers; ALTER SEQUENCE app.former RENAME TO numbers`);
      }
    }
    expect(await it.own.query('SELECT last_value FROM app.numbers')).toEqual([{ last_value: '1' }]);
    await uses.target();
    expect(await it.own.query('SELECT last_value FROM app.numbers')).toEqual([{ last_value: '9' }]);
  });

  test('a sequence of another role is set only where the owner of the table may set it', async () => {
    const it = await world(major);
    const victim = `victim_${it.database.name}`;
    await it.database.query(`
      CREATE ROLE ${victim};
      CREATE SCHEMA theirs; GRANT USAGE ON SCHEMA theirs TO PUBLIC;
      CREATE SEQUENCE theirs.invoices; ALTER SEQUENCE theirs.invoices OWNER TO ${victim}`);
    await it.own.query(`
      CREATE TABLE app.items (id serial PRIMARY KEY, number int8 DEFAULT nextval('theirs.invoices'))`);
    const position = (column: string) => ({
      schema: 'app',
      name: 'any',
      feeds: `["app", "items", "${column}"]`,
      value: '7000',
      called: true,
    });
    const advance = () => setSequences(it.session, [items], [position('id'), position('number')]);
    const values = () =>
      it.database.query(`SELECT (SELECT last_value FROM app.items_id_seq)::text AS own,
                                (SELECT last_value FROM theirs.invoices)::text AS theirs`);
    await expect(advance()).rejects.toMatchObject({
      code: 'SEQUENCE_OF_OTHERS',
      message: expect.stringContaining('theirs.invoices for app.items.number'),
    });
    expect(await values()).toEqual([{ own: '7000', theirs: '1' }]);
    await it.database.query(`GRANT UPDATE ON SEQUENCE theirs.invoices TO ${it.owner}`);
    await advance();
    expect(await values()).toEqual([{ own: '7000', theirs: '7000' }]);
    // What is ahead by then is left, and never set back.
    await it.database.query(`SELECT setval('theirs.invoices', 9000, false)`);
    await advance();
    expect(await values()).toEqual([{ own: '7000', theirs: '9000' }]);
  });
});

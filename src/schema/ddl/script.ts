// Statements → a script for psql: one transaction, the settings that its texts were written under, and a guard against
// servers that are too old for it. Pure.

import { printable } from '../../model/printable.ts';
import { scriptSettings } from '../../model/script-settings.ts';
import { ddl, join, literal, type Sql } from '../../postgres/sql/sql.ts';
import type { NeededFeature } from './needed-features.ts';

export interface Script {
  /** Comment lines at its beginning. */
  readonly heading: readonly string[];
  readonly needed: readonly NeededFeature[];
  readonly statements: readonly Sql[];
}

/** The text, with a newline at its end. */
export const renderScript = ({ heading, needed, statements }: Script): string =>
  [
    ...heading.map(commentLine),
    '',
    'BEGIN;',
    ...scriptSettings('SET LOCAL'),
    ...[...settings, ...guards(needed), ...statements, ddl`COMMIT`].map(
      (statement) => `${statement.display};`,
    ),
    '',
  ].join('\n');

/** A name may hold a line feed, and must not end the comment. */
const commentLine = (line: string): string => `-- ${printable(line)}`.trimEnd();

const settings: readonly Sql[] = [
  // What psql is told by its locale or by the database need not be the encoding of the file.
  ddl`SET LOCAL client_encoding = 'UTF8'`,
  ddl`SET LOCAL client_min_messages = warning`,
  // A function may call what is created after it.
  ddl`SET LOCAL check_function_bodies = off`,
];

/** One for each major, newest first: the message names everything that the newest is needed for. */
const guards = (needed: readonly NeededFeature[]): readonly Sql[] => {
  const majors = [...new Set(needed.map(({ since }) => since))].toSorted((a, b) => b - a);
  return majors.map((major) => {
    const uses = needed.filter(({ since }) => since === major);
    const list = uses.map(({ table, what }) => `${table}: ${what}`).join('; ');
    const message = literal(`This script needs PostgreSQL ${major} (${list}).`);
    const number = literal(`${major}0000`);
    const body = ddl`BEGIN IF pg_catalog.current_setting('server_version_num')::integer < ${number}::integer THEN RAISE EXCEPTION USING MESSAGE = ${message}, ERRCODE = 'feature_not_supported'; END IF; END`;
    return join([ddl`DO`, literal(body.display)], ' ');
  });
};

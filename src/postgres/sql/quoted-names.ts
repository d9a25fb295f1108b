// SQL: names quoted alike by every major. What a server quotes depends on its own keywords: json is none before PostgreSQL
// 17, so one server deparses a column as json and another one as "json". Works on one text at a time, never on a whole row.

import { type Sql, sql } from './sql.ts';

/** What is a keyword, and more than unreserved, on some of 14 to 18 and not on all: as pg_get_keywords() says. */
const words: Sql = sql`json(?:_(?:array|arrayagg|exists|object|objectagg|query|scalar|serialize|table|value))?|merge_action|system_user`;

/** Each of them has one of these, and most texts have none. */
const marks: readonly Sql[] = [sql`'json'`, sql`'merge_action'`, sql`'system_user'`];

/** Whether there is any but as part of a longer word, or as the type json: this takes little, and what follows much. */
const anyWord: Sql = sql`'(?:^|[^:])\\m(?:${words})\\M|::json[.]'`;

/**
 * First what stays: literals, names in quotes, and the type json of PostgreSQL itself, which every major writes after ::
 * or RETURNING and never in quotes. Then what gets quotes: servers leave out those of names in small letters only.
 */
const pattern: Sql = sql`'(''[^'']*''|"[^"]*"|(?:::|RETURNING )json(?![.\\w]))|\\m(${words})\\M'`;

/** Stands for a quote until all names are found, since a replacement cannot depend on what was found. */
const mark: Sql = sql`pg_catalog.chr(1)`;

/** The text of an expression, of an index, of a constraint, or of a type of a user, with these names in quotes. */
export const withQuotedNames = (text: Sql): Sql => {
  const found = marks.map((it) => sql`pg_catalog.strpos(q.deparsed, ${it})`);
  const any = found.reduce((sum, it) => sql`${sum} + ${it}`);
  return sql`(
             SELECT CASE WHEN ${any} = 0 THEN q.deparsed
                         WHEN q.deparsed !~ ${anyWord} OR pg_catalog.strpos(q.deparsed, ${mark}) > 0 THEN q.deparsed
                         ELSE pg_catalog.replace(pg_catalog.replace(pg_catalog.regexp_replace(
                                q.deparsed, ${pattern}, '\\1' || ${mark} || '\\2' || ${mark}, 'g'),
                                ${mark} || ${mark}, ''), ${mark}, '"') END
               FROM (SELECT ${text} OFFSET 0) AS q (deparsed))`;
};

/** A type of PostgreSQL itself is written alike by every major. */
export const quotedTypeName = (type: Sql, modifier: Sql): Sql => sql`
             CASE WHEN ${type} < 16384 THEN pg_catalog.format_type(${type}, ${modifier})
                  ELSE ${withQuotedNames(sql`pg_catalog.format_type(${type}, ${modifier})`)} END`;

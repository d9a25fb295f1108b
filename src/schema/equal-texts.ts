// SQL: deparsed definitions that mean the same, written the same. Works on the text of a whole definition, in which
// PostgreSQL doubles the backslashes and the double quotes of literals and nothing else.

import { type Sql, sql } from '../postgres/sql/sql.ts';

/** The text as every server would say it, whatever its major and however its tables were created. */
export const asEveryServerSays = (text: Sql): Sql =>
  changedWhere(text, [xmlMark, arrayMark], withPlainArrays(withoutNoIndent(text)));

/** The same for a fingerprint: how full the pages of an index are is not what it is. */
export const asCounted = (text: Sql): Sql =>
  changedWhere(
    text,
    [xmlMark, arrayMark, fillMark],
    withoutFillfactor(withPlainArrays(withoutNoIndent(text))),
  );

/** Most texts have none of the marks, and a regular expression takes much longer than a search. */
const changedWhere = (text: Sql, marks: readonly Sql[], changed: Sql): Sql => {
  const found = marks.map((mark) => sql`pg_catalog.strpos(${text}, ${mark})`);
  const all = found.reduce((sum, it) => sql`${sum} + ${it}`);
  return sql`
         CASE WHEN ${all} = 0 THEN ${text} ELSE ${changed} END`;
};

const xmlMark: Sql = sql`' NO INDENT)'`;
const arrayMark: Sql = sql`'''::character varying'`;
const fillMark: Sql = sql`'fillfactor='`;

/** From PostgreSQL 16 on a deparsed XMLSERIALIZE says NO INDENT, which it always meant. */
const withoutNoIndent = (text: Sql): Sql => sql`pg_catalog.regexp_replace(${text},
                '( AS (text|bpchar|character|character varying)([(]\\d+[)])?) NO INDENT[)]', '\\1)', 'g')`;

/**
 * Of a varchar column that is IN a list: PostgreSQL shows what was written as (ARRAY['a'::character varying])::text[],
 * and what a dump of that creates as ARRAY[('a'::character varying)::text]. Both become ARRAY['a'::character varying].
 */
const withPlainArrays = (text: Sql): Sql => sql`
              pg_catalog.regexp_replace(pg_catalog.regexp_replace(${text},
                '[(](E?''([^'']|'''')*''::character varying)[)]::text', '\\1', 'g'),
                '[(](ARRAY[[](E?''([^'']|'''')*''::character varying(, )?)+[]])[)]::text[[][]]', '\\1', 'g')`;

const withoutFillfactor = (text: Sql): Sql => sql`
              pg_catalog.regexp_replace(pg_catalog.regexp_replace(${text},
                ', fillfactor=''?\\d+''?| WITH [(]fillfactor=''?\\d+''?[)]', '', 'g'),
                '( WITH [(])fillfactor=''?\\d+''?, ', '\\1', 'g')`;

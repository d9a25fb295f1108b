// The options of CREATE and ALTER SUBSCRIPTION as SQL.

import { ddl, ident, join, literal, type Sql } from '../postgres/sql.ts';

/** `name = 'value', …`: every option takes a quoted value. */
export const subscriptionOptions = (options: Readonly<Record<string, string>>): Sql =>
  join(Object.entries(options).map(([name, value]) => ddl`${ident(name)} = ${literal(value)}`));

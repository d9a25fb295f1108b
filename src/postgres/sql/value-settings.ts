// For scripts that are run in another session: the settings on which the meaning of their texts depends. The owner of a
// database sets them for every session in it.

import { valueSettings } from '../pinned-settings.ts';
import { ddl, ident, literal, type Sql } from './sql.ts';

/** Until the end of the transaction. */
export const setValueSettings: readonly Sql[] = Object.entries(valueSettings).map(
  ([name, value]) => ddl`SET LOCAL ${ident(name.toLowerCase())} = ${literal(value)}`,
);

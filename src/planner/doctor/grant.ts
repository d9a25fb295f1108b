// A grant as data: why, what to run, and what could be run instead.

import type { Grant } from '../../model/report/doctor.ts';

export const grant = (
  why: string | readonly string[],
  sql: readonly string[],
  instead: readonly string[] = [],
): Grant => ({ why: typeof why === 'string' ? [why] : why, sql, instead });

/** A step that has nothing to say is left out. */
export const unlessEmpty = (made: Grant): readonly Grant[] =>
  made.sql.length + made.instead.length > 0 ? [made] : [];

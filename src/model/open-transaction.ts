// A transaction that others wait for, in words.

import type { OpenTransaction } from './state/server.ts';

export const describeTransaction = (it: OpenTransaction): string => {
  const who = `pid ${it.pid} (${it.application || 'no application name'}, database ${it.database}, ${it.state})`;
  return it.ageSeconds === null
    ? `${who} for a time that only pg_read_all_stats shows`
    : `${who} for ${Math.round(it.ageSeconds)} s`;
};

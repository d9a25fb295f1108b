// Where a command works that names no node and no connection: libpq's own variables say it, as for psql.

import { SteepError } from '../model/errors.ts';
import { ExitCode } from '../model/plan/exit-code.ts';
import type { RuntimeEnvironment } from './runtime-environment.ts';

/** As a connection text: libpq takes all of it from the variables. @throws SteepError USAGE (exit 64) where none is set. */
export const connectionOfEnvironment = ({ environment }: RuntimeEnvironment): string => {
  const given = ['PGHOST', 'PGPORT', 'PGDATABASE', 'PGUSER'].some(
    (name) => (environment[name] ?? '') !== '',
  );
  if (given) return '';
  throw new SteepError('USAGE', 'The command does not say which node it works on.', {
    exit: ExitCode.usage,
    suggestions: [
      '--node NAME, of steep.yaml',
      '--connection URI, or PGHOST, PGDATABASE and PGUSER in the environment',
    ],
  });
};

// What an administrator runs of a script of `steep doctor --grants`.

import type { Grant } from '../../../src/model/report/doctor.ts';

/** Of every role that a script makes. */
export const grantPassword = 'of this test';

/** With passwords filled in; a superuser is made only where the script has no other way. */
export const grantedStatements = (grants: readonly Grant[]): readonly string[] =>
  grants
    .flatMap(({ sql, instead }) => [...sql, ...instead.filter((it) => it.endsWith(' SUPERUSER;'))])
    .map((statement) => statement.replace(/:'\w+'/, `'${grantPassword}'`));

// Scenarios as a role that has exactly what `steep doctor --grants` prints: STEEP_TEST_GRANTED=1. It is no superuser, unless
// PostgreSQL itself asks for one.

import { doctorGrants } from '../../../src/workflows/observe/doctor.ts';
import type { RuntimeEnvironment } from '../../../src/workflows/runtime-environment.ts';
import { urlOf } from '../../support/servers/test-database.ts';
import { grantedStatements, grantPassword } from '../../support/worlds/granted.ts';
import type { Stage } from './stage.ts';

const roleOf = ({ suffix }: Pick<Stage, 'suffix'>): string => `steep_${suffix}`;

/** The connections of the role in the place of the superuser's. */
export const withRole = (
  runtime: RuntimeEnvironment,
  { suffix, databases }: Pick<Stage, 'suffix' | 'databases'>,
): RuntimeEnvironment => {
  const own = [...databases].flatMap(([node, { conninfo, url }]) => {
    const name = `${node.toUpperCase()}_URL`;
    const changed = urlOf(conninfo.with({ user: roleOf({ suffix }), password: grantPassword }));
    return [name, `${name}_BEFORE`].map((key) => {
      const given = runtime.environment[key] ?? '';
      // A node that does not answer stays away.
      return [key, given === url ? changed : given] as const;
    });
  });
  return { ...runtime, environment: { ...runtime.environment, ...Object.fromEntries(own) } };
};

/**
 * An administrator runs what is printed for a file, as things are. Who makes the role is a superuser; once it owns
 * steep_repl, the role itself asks what else it needs.
 */
export const grantFor = async (stage: Stage, file: string): Promise<void> => {
  if (!stage.granted) return;
  const [any] = stage.databases.values();
  const roles = await any?.query('SELECT FROM pg_roles WHERE rolname = $1', [roleOf(stage)]);
  const request = { command: 'apply', role: roleOf(stage) } as const;
  const asker = roles?.length === 0 ? stage.admin : stage.runtime;
  const { report, diagnostics } = await doctorGrants(file, request, asker);
  if (report === null) throw new Error(JSON.stringify(diagnostics, null, 2));
  for (const { name, grants } of report.nodes) {
    for (const statement of grantedStatements(grants)) {
      await stage.databases.get(name)?.query(statement);
    }
  }
};

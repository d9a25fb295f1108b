// Logging in to a server that may not be who it seems, with a password that can be found again.

import { parseConninfo } from '../../../src/postgres/connect/conninfo-text.ts';
import { openSession } from '../../../src/postgres/session.ts';
import type { FakePostgres } from '../fakes/fake-postgres.ts';

export const password = 'canary-Fq7';

export interface LoginOutcome {
  /** Null: it was let in. */
  readonly code: string | null;
  readonly answers: readonly string[];
}

export const connectionTo = (server: FakePostgres, keywords: string): string =>
  `host=localhost port=${server.port} user=u dbname=d ${keywords}`;

/** @param environment is added to that of the process, for the time of the login. */
export const logInTo = async (
  server: FakePostgres,
  keywords: string,
  environment: Readonly<Record<string, string>>,
): Promise<LoginOutcome> => {
  const conninfo = parseConninfo(connectionTo(server, keywords));
  if (conninfo === null) throw new Error('no conninfo');
  const before = process.env;
  process.env = { ...before, ...environment };
  try {
    const session = await openSession(conninfo, {
      node: 'n',
      applicationName: 'test',
      readOnly: true,
      connectTimeoutMs: 5000,
    });
    await session.close();
    return { code: null, answers: server.answers };
  } catch (error) {
    return { code: String((error as { readonly code?: unknown }).code), answers: server.answers };
  } finally {
    process.env = before;
  }
};

// The keywords of a connection: libpq's, as the schema lists them.

import { steepSchema } from './steep-schema.ts';

/** The key that names the variable with the password: steep's own, not one of libpq's. */
export const passwordVariableKey = 'password_env';

const connectionKeys = Object.keys(steepSchema.$defs.connection.anyOf[1].properties);

export const libpqKeywords: ReadonlySet<string> = new Set(
  connectionKeys.filter((key) => key !== passwordVariableKey),
);

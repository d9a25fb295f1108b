// The settings that every session of steep fixes, and why. They travel in the startup packet, which is stronger than
// settings of the server, the database and the role. Every version knows each of them, those too that are too old for
// steep: they are told so once they have answered.

import { readingSettings } from '../model/script-settings.ts';

/** What a session sees, how long it lives, and how its transactions begin. */
export const sessionSettings = {
  ...readingSettings,
  default_transaction_isolation: 'read committed',
  default_transaction_deferrable: 'off',
  client_min_messages: 'warning',
  // The catalogs of 10,000 tables are sorted and hashed in memory, and compiling that takes longer than doing it.
  work_mem: '64MB',
  jit: 'off',
  statement_timeout: '0',
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
} as const;

/**
 * The owner of a database could make any session of it begin as another role: ALTER DATABASE … SET role. That role would
 * then count as steep's own, and its code could RESET ROLE.
 */
export const roleSettings = { role: 'none' } as const;

/** Whether the user's own `options` of a connection choose a role, which counts then. */
export const choosesRole = (options: string): boolean =>
  /(?:^|\s)(?:-c\s*|--)role\s*=/i.test(options);

/** As `options` of a connection has them: a backslash escapes a space. */
export const settingOptions = (settings: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(settings).map(
    ([name, value]) => `-c ${name}=${value.replaceAll(/[\\\s]/g, '\\$&')}`,
  );

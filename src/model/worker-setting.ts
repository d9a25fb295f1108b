// What a setting of the workers of subscriptions does, in words.

import type { WorkerSetting } from './state/server.ts';

const effects: Readonly<Record<WorkerSetting['setting'], string>> = {
  array_nulls: `an element NULL of an array is stored as the text "NULL"`,
  client_encoding: `text that PostgreSQL copies is converted twice, and tables whose names are not ASCII are not found`,
  xmloption: 'an xml value that is not a document cannot be stored, and replication stops',
  default_transaction_read_only: 'no change can be stored',
  lock_timeout:
    'a worker that waits longer for a lock of another session fails, and applies the transaction again from its beginning',
  transaction_timeout:
    'a worker that applies one transaction for longer fails, and applies it again from its beginning, indefinitely',
};

/** It ends a worker that takes long, and changes no value. */
export const isTimeLimit = ({ setting }: WorkerSetting): boolean =>
  setting === 'lock_timeout' || setting === 'transaction_timeout';

/** One sentence: the setting, whose workers obey it, and what becomes of values or changes. */
export const sayWorkerSetting = ({ setting, value, role, origin }: WorkerSetting): string =>
  `${setting} = ${value} (set for ${origin}) applies to the workers of subscriptions of role ${role}: ${effects[setting]}.`;

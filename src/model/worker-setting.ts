// What a setting of the workers of subscriptions does, in words.

import type { WorkerSetting } from './state/server.ts';

const effects: Readonly<Record<WorkerSetting['setting'], string>> = {
  array_nulls: `an element NULL of an array is stored as the text "NULL"`,
  client_encoding: `text that PostgreSQL copies is converted twice, and tables whose names are not ASCII are not found`,
  xmloption: 'an xml value that is not a document cannot be stored, and replication stops',
  default_transaction_read_only: 'no change can be stored',
};

/** One sentence: the setting, whose workers obey it, and what becomes of values or changes. */
export const sayWorkerSetting = ({ setting, value, role, origin }: WorkerSetting): string =>
  `${setting} = ${value} (set for ${origin}) applies to the workers of subscriptions of role ${role}: ${effects[setting]}.`;

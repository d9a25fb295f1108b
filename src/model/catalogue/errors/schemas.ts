// Fingerprints, comparison and export of tables.

import type { ErrorExplanation } from '../explanation.ts';

export const schemaErrors = {
  METADATA_OUTDATED: {
    severity: 'error',
    title: 'The schema steep_repl is missing or too old',
    meaning: 'The command needs tables of steep_repl that the node does not have.',
    cause: 'steep was never applied to this node, or an older steep was.',
    cure: 'Apply the topology once: it installs and upgrades steep_repl.',
    commands: ['steep apply', 'steep node register NODE'],
  },
  EXPORT_REQUIRES: {
    severity: 'warning',
    title: 'The script needs objects that it does not create',
    meaning:
      'A default, a check, an index or a type of an exported table uses an operator, or a function in a language other than SQL and PL/pgSQL or with SECURITY DEFINER, or other code that the script does not create.',
    cause: 'The code belongs to the application, and may itself use tables.',
    cure: 'Create it in the other database first, for example with pg_dump, then run the script.',
  },
  EXPORT_LEFT_OUT: {
    severity: 'warning',
    title: 'An object was left out of the script',
    meaning: 'The tables that the script creates lack the object that the message names.',
    cause:
      'It refers to a table that was not exported, or it is not complete, such as an invalid index.',
    cure: 'Export the other table too, or accept the difference.',
  },
} satisfies Readonly<Record<string, ErrorExplanation>>;

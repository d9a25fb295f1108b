// Connections as steep.yaml writes them: variables, keywords and passwords.

import type { ErrorExplanation } from '../explanation.ts';

export const fileConnectionErrors = {
  MISSING_VARIABLE: {
    severity: 'error',
    title: 'An environment variable is not set',
    meaning: 'The connection of a node refers to a variable that the environment does not have.',
    cause: 'The variable was not exported, or its name is misspelled.',
    cure: 'Set the variable, or give a default in the file.',
    commands: ['export PRIMARY_URL=postgresql://HOST/DATABASE', `connection: \${NAME:-default}`],
  },
  OWN_CONNECTION_SHARED: {
    severity: 'warning',
    title: 'Subscribers would connect as the role that steep itself uses',
    meaning:
      'Without replication_connection, subscriptions get the connection of the node itself. steep.yaml names an apply_role, so another role may make plans: such a plan would change the connection of each subscription to that of the other role.',
    cause: 'A node that others subscribe to has an apply_role and no replication_connection.',
    cure: 'Add replication_connection to the node, with a role that only replicates.',
    commands: ['replication_connection: { host: HOST, user: replicator, password_env: PASSWORD }'],
  },
  LITERAL_PASSWORD: {
    severity: 'warning',
    title: 'The file contains a password',
    meaning: 'Everyone who can read the repository can read the password.',
    cause: 'A connection holds a literal password.',
    cure: 'Move it to an environment variable, or to a passfile, and change the password.',
    commands: ['password_env: REPLICATION_PASSWORD'],
  },
  INVALID_VARIABLE: {
    severity: 'error',
    title: 'A reference to the environment cannot be read',
    meaning: 'The text after a dollar sign is not a reference that steep knows.',
    cause:
      'A brace is missing, or the name has a character that is not allowed in a variable name.',
    cure: 'Write the name in braces, with a default after :- if there is one.',
    commands: [`connection: \${NAME}`, `connection: \${NAME:-default}`],
  },
  VARIABLE_NOT_ALLOWED: {
    severity: 'error',
    title: 'An environment variable may not be used',
    meaning:
      'A connection names an environment variable that policy.env, --allow-env or STEEP_ALLOW_ENV does not list, or would send one that may be a secret to a server as its host, user, database or options.',
    cause:
      'The variable is new in the file, or the author of the branch tries to send a secret of the pipeline to another server.',
    cure: 'Use a variable that is allowed, or allow this one in the definition of the pipeline. NAME allows it as a whole connection or as a password; NAME:plain, of a variable without a secret, in every part.',
    commands: [
      'steep plan --allow-env PRIMARY_URL --allow-env DB_PASSWORD --allow-env DB_HOST:plain',
    ],
  },
  INVALID_CONNECTION: {
    severity: 'error',
    title: 'A connection cannot be read',
    meaning: 'The connection of a node is neither a valid URI nor a valid mapping of keywords.',
    cause:
      'The URI has a character that must be percent-encoded (%XX), or a keyword is misspelled.',
    cure: 'Use a URI, or a mapping of host, port, dbname and user. The value itself is never shown.',
    commands: ['connection: postgresql://USER@HOST:5432/DATABASE'],
  },
} satisfies Readonly<Record<string, ErrorExplanation>>;
